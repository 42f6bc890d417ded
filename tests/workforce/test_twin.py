"""The twin: the same people on both sides, shifts that begin and end, and agreement with the exact queue."""

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.matching.policy.constants import Constants
from rapport.matching.simulator import ours
from rapport.matching.simulator.loop import run
from rapport.matching.simulator.world import Case
from rapport.web.languages import retell
from rapport.web.workforce.twinning import GENERALIST, VALUE, Ran, Staff, run_day, served_by
from rapport.web.workforce.what_if import (
    MOST_PATIENT,
    OTHER_SEEDS,
    SEEDS,
    Asked,
    Present,
    as_matched,
    check_burst,
    forecast_days,
    verdict,
    widened,
    with_burst,
)
from rapport.workforce.queues import with_patience
from rapport.workforce.twin import Drawn, Told, burst_added, compared, difference, drawn


def test_a_queue_with_patience_comes_out_as_the_exact_one():
    day = drawn(np.array([[40_000.0]]), 40_000 / 48, [1.0], 2.0, 4)
    done = run_day(day, Staff(np.ones((50, 1), bool)), "skills", patience_seconds=2.0)
    rate = len(day.arrival) / float(day.arrival[-1])
    exact = with_patience(rate, float(day.handling.mean()), float(day.patience.mean()), 50)

    assert (done.waited > 1e-12).mean() == pytest.approx(exact.waits, rel=0.1)


def test_nobody_is_served_before_a_shift_begins_or_after_it_ends():
    day = drawn(np.array([[60.0, 60.0, 60.0]]), 600.0, [5.0], 1e6, 1)
    done = run_day(day, Staff(np.ones((1, 1), bool), np.array([[600.0, 1200.0]])), "skills", patience_seconds=1e6)
    begins = day.arrival + done.waited
    served = done.agent >= 0

    assert begins[served].min() >= 600.0
    assert begins[served].max() <= 1200.0
    assert not served[day.arrival > 1200.0].any()


@pytest.mark.parametrize("load", [0.9, 1.3, 1.8])
def test_patience_chooses_as_production_does_where_shifts_begin_one_after_the_other(load):
    able = np.array([[True, False], [False, True], [True, True]])[np.arange(12) % 3]
    begins = 1800.0 * (np.arange(12) // 3)
    staff = Staff(able, np.column_stack((begins, begins + 9000.0)))
    day = drawn(np.full((2, 4), load * 6 * 3600.0 / 300.0 / 2), 3600.0, [300.0, 300.0], 600.0, 7)
    values = np.where(able, VALUE - GENERALIST * (able.sum(axis=1, keepdims=True) - 1), -np.inf).T[day.stream]
    ones, fair, mean = np.ones(values.shape), values > -np.inf, float(day.handling.mean())
    case = Case(
        day.arrival,
        day.patience,
        day.handling,
        day.luck,
        fair,
        fair,
        ones,
        values,
        ones,
        ones,
        ones,
        mean,
        600.0,
        0.0,
        staff.shifts,
    )

    one = run(case, ours.rapport(case, Constants(handle_seconds=mean, hazard=1 / 600.0)))
    other = run_day(day, staff, "rapport", patience_seconds=600.0)

    assert (one.agent != other.agent).sum() == 0
    assert (one.waited == other.waited).all()


def test_one_who_cannot_serve_a_stream_never_does():
    day = drawn(np.array([[50.0], [50.0]]), 3600.0, [60.0, 60.0], 1e6, 2)
    done = run_day(day, Staff(np.array([[True, False]])), "greedy", patience_seconds=1e6)

    assert not (done.agent[day.stream == 1] >= 0).any()


def test_the_share_in_time_rises_with_seats():
    day = drawn(np.array([[200.0], [200.0]]), 3600.0, [180.0, 180.0], 1e6, 3)
    served = served_by(day, [frozenset({0}), frozenset({1})], 2, within=20, policy="skills", patience_seconds=1e6)

    assert min(served([14, 14])) > min(served([11, 11]))


def test_the_same_day_on_both_sides_differs_by_nothing():
    def side(seed):
        return Told(1, 0.5 + seed / 100, 0.0, 1.0, 0.5, ())

    assert [(one.difference, one.sure) for one in compared(side, side, (1, 2, 3))] == [(0.0, False)] * 4


def test_an_interval_of_four_pairs_is_students():
    # By hand: differences 1, 2, 3, 4: mean 2.5, standard error 0.6455, t(3) = 3.18.
    found = difference("x", [0, 0, 0, 0], [1, 2, 3, 4])

    assert (found.low, found.high) == (pytest.approx(0.447, abs=0.01), pytest.approx(4.553, abs=0.01))
    assert found.sure is True


def test_a_burst_comes_from_its_hour_on_rises_and_falls_and_is_of_the_days_streams():
    day = drawn(np.array([[30.0], [10.0]]), 36_000.0, [60.0, 60.0], 600.0, 1)
    found = burst_added(day, 4000.0, 7200.0, 3600.0, 60.0, 600.0, 1)
    late = found.arrival[~np.isin(found.arrival, day.arrival)]

    assert len(late) == pytest.approx(4000, rel=0.05)
    assert late.min() >= 7200.0
    assert np.median(late) == pytest.approx(7200.0 + 1.678 * 3600.0, rel=0.05)  # of a gamma distribution of shape 2
    assert (np.diff(found.arrival) >= 0).all()
    assert (found.stream == 0).mean() == pytest.approx((day.stream == 0).mean(), abs=0.03)


def test_a_late_burst_ends_with_the_day_and_one_after_it_is_refused_in_both_languages():
    day = drawn(np.array([[30.0]]), 36_000.0, [60.0], 600.0, 1)
    found = burst_added(day, 400.0, 34_200.0, 5400.0, 60.0, 600.0, 1, ends=36_000.0)
    with pytest.raises(BadInput, match="within the day, 08:00 to 18:00, got the hour 20") as late:
        check_burst(Asked(0, 1, burst=400, burst_at=20), 28_800.0, 64_800.0)

    assert len(day.arrival) < len(found.arrival) == len(found.handling) < len(day.arrival) + 100
    assert found.arrival.max() < 36_000.0
    assert retell("es", str(late.value)).startswith("una avalancha empieza dentro del día, de 08:00 a 18:00")


def test_in_a_burst_wider_pools_help_and_other_seeds_say_so_too():
    comes = forecast_days(np.array([[100.0], [20.0]]), 14_400.0, 300.0)
    base = [Present(0.0, 14_400.0, (True, False))] * 3 + [Present(0.0, 14_400.0, (False, True))] * 5
    asked = Asked(0, 1, policy="greedy", other="greedy", burst=60, burst_at=1, widen=True)
    found = verdict(
        with_burst(comes, asked, 3600.0, 14_400.0, 300.0), base, asked, ("es", ""), begin=3600.0, end=14_400.0, within=120.0
    )

    assert found.confirmed
    assert found.changes[0].difference > 0.05
    assert found.changes[0].before < 0.9


def test_who_is_busy_when_pools_widen_serves_others_when_they_are_done_and_not_before():
    # One who serves the first stream alone is at it from 50 to 350; at 100 pools widen, at 120 somebody of the second comes.
    day = Drawn(np.array([50.0, 120.0]), np.array([0, 1]), np.array([300.0, 10.0]), np.full(2, 1e6), np.zeros(2))
    one = [Present(0.0, 1000.0, (True, False))]
    asked = Asked(0, 0, policy="greedy", other="greedy", widen=True)
    busy = widened(one, 100.0, Ran(np.array([0, 1]), np.zeros(2), np.zeros(2), Staff(np.ones((2, 2), bool)), 0.0), day)
    found = verdict(dict.fromkeys((*SEEDS, *OTHER_SEEDS), day), one, asked, ("es", ""), begin=100.0, end=1000.0, within=60.0)

    assert [(who.begins, who.ends, who.able) for who in busy] == [(0.0, 100.0, (True, False)), (350.0, 1000.0, (True, True))]
    assert (found.changes[2].name, found.changes[2].after) == ("mean_wait", pytest.approx((0.0 + 230.0) / 2))


@pytest.mark.parametrize("policy", ["skills", "greedy", "rapport"])
def test_widened_nobody_works_at_two_things_at_a_time(policy):
    comes = forecast_days(np.array([[300.0], [80.0]]), 14_400.0, 300.0)
    base = [Present(0.0, 14_400.0, (True, False))] * 6 + [Present(0.0, 14_400.0, (False, True))] * 3
    day, seats = comes[SEEDS[0]], len(base)

    def run(people):
        staff = Staff(np.array([one.able for one in people]), np.array([[one.begins, one.ends] for one in people]))
        return run_day(day, staff, policy, patience_seconds=3600.0)

    done = run(widened(base, 7200.0, run(widened(base, 7200.0)), day))
    begins = day.arrival + done.waited
    spans = [
        sorted(
            (begins[n], begins[n] + day.handling[n]) for n in np.flatnonzero(done.agent % seats == who) if done.agent[n] >= 0
        )
        for who in range(seats)
    ]

    assert all(a[1] <= b[0] + 1e-6 for each in spans for a, b in zip(each, each[1:], strict=False))
    assert sum(map(len, spans)) > 60


def test_what_would_take_minutes_with_patience_is_refused_with_a_way_out_in_both_languages():
    day = drawn(np.array([[300.0]]), 3600.0, [300.0], 3600.0, 1)
    with pytest.raises(BadInput, match="so many wait at once") as many:
        run_day(day, Staff(np.ones((2, 1), bool)), "rapport", patience_seconds=3600.0, most_looks=200)
    with pytest.raises(BadInput, match="4001 conversations is too long to try with patience here") as long:
        as_matched(Asked(0, 0, other="rapport"), "best", MOST_PATIENT + 1)

    assert all(retell("es", str(one.value)) != str(one.value) for one in (many, long))
    assert as_matched(Asked(0, 0), "patient", MOST_PATIENT + 1).policy == "greedy"
