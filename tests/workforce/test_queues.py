"""Erlang B, C and A against published tables, exact fractions and each other."""

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.workforce import deferred
from rapport.workforce.erlang import agents_needed
from rapport.workforce.queues import answered_within, at_once, blocking, mean_wait, needed, waiting, with_patience

# pyworkforce 0.5.4 (ErlangB, ErlangC) to twelve figures: load, agents, B, C, mean wait over handle time.
ANCHORS = [
    (10, 14, 0.056819143387, 0.174131933595, 0.043532983399),
    (8, 9, 0.173140827671, 0.653326928265, 0.653326928265),
    (5, 6, 0.191847258886, 0.587516450461, 0.587516450461),
    (100, 110, 0.027463448450, 0.237007500285, 0.023700750029),
    (1000, 1030, 0.009560040415, 0.248908785844, 0.008296959528),
]


@pytest.mark.parametrize(("load", "agents", "blocked", "waits", "wait"), ANCHORS)
def test_b_and_c_are_those_of_the_published_tables_to_nine_places(load, agents, blocked, waits, wait):
    assert blocking(agents, load) == pytest.approx(blocked, abs=1e-9)
    assert waiting(agents, load) == pytest.approx(waits, abs=1e-9)
    assert mean_wait(agents, load, 1.0) == pytest.approx(wait, abs=1e-9)


def test_agents_needed_for_80_in_20_are_the_published_ones_all_at_once():
    # pyworkforce 0.5.4: positions for 80/20 at a handle time of 180 s.
    assert needed([10, 100, 500, 2000], 180, 20, 0.80).tolist() == [14, 107, 510, 2012]


def test_many_intervals_at_once_need_what_each_alone_needs():
    loads = np.random.default_rng(3).uniform(0.1, 80, 40)

    assert needed(loads, 240, 30, 0.9).tolist() == [agents_needed(load, 240, 30, 0.9) for load in loads]


def test_erlang_a_with_patience_like_handle_time_is_poisson():
    # With theta = mu the number there is Poisson: P(N >= 10) for mean 10.
    found = with_patience(10, 1, 1, 10)

    assert found.waits == pytest.approx(0.5420702855, abs=1e-10)
    assert found.leaves == pytest.approx(0.1251100357, abs=1e-10)


def test_erlang_a_is_that_of_the_published_case():
    # pyworkforce 0.5.4, ErlangA: 48 a minute, 1 minute, patience 2 minutes, 50 agents, 20 seconds.
    found = with_patience(48, 1, 2, 50, 20 / 60)

    assert found.waits == pytest.approx(0.4677740686, abs=1e-9)
    assert found.leaves == pytest.approx(0.0309122492, abs=1e-9)
    assert found.mean_wait == pytest.approx(0.0618244983, abs=1e-9)
    assert found.occupancy == pytest.approx(0.9303242404, abs=1e-9)
    assert found.answered_within == pytest.approx(0.943019, abs=1e-6)


def test_one_conversation_at_a_time_is_erlang_c_and_with_patience_erlang_a():
    assert at_once(10, 1, 14, [1.0]).waits == pytest.approx(float(waiting(14, 10)), abs=1e-9)
    assert at_once(48, 1, 50, [1.0], 2.0).leaves == pytest.approx(0.0309122492, abs=1e-9)


def test_two_at_once_help_only_as_far_as_they_are_not_slowed():
    alone = at_once(10, 1, 11, [1.0]).mean_wait

    assert at_once(10, 1, 11, [1.0, 1.2]).mean_wait < alone
    assert at_once(10, 1, 11, [1.0, 2.0]).mean_wait < alone  # nothing is gained in speed, but nobody waits unheard
    assert at_once(30, 1, 11, [1.0, 2.0]).mean_wait == float("inf")


def test_agents_held_against_no_load_and_a_growing_backlog():
    assert waiting([1, 3], [0.0, 5.0]).tolist() == [0.0, 1.0]
    assert answered_within(3, 5.0, 180, 20) == 0.0
    assert needed([0.0, 1.0], 180, 20, 0.8).tolist() == [0, 3]


@pytest.mark.parametrize("load", [-1.0, float("nan"), float("inf")])
def test_a_load_that_cannot_be_is_refused(load):
    with pytest.raises(BadInput, match="not negative"):
        needed([load], 180, 20, 0.8)


def test_deferred_work_keeps_its_deadline_at_the_least_capacity_and_not_below():
    arrivals = np.array([40.0, 0, 0, 30, 10, 0, 0, 0])
    least = deferred.least_capacity(arrivals, deadline=2)

    assert deferred.late(arrivals, np.full(8, least), 2).sum() == pytest.approx(0.0, abs=1e-9)
    assert deferred.late(arrivals, np.full(8, 0.99 * least), 2).sum() > 0
    assert deferred.backlog(arrivals, np.full(8, 20.0)).tolist() == [20, 0, 0, 10, 0, 0, 0, 0]
