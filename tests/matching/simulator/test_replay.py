"""What a replay promises: no more than the simulator then gives, and plainly nothing where there is little to choose."""

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.matching.simulator.compare import Job, measure
from rapport.matching.simulator.replay import LEAST_CHOICES, Logged, expected_gain, shrunk
from rapport.matching.simulator.world import case, world


def a_log(arrivals=1_500, load=0.8, reliability=1.0, **changes):
    """A log of the simulated world, seen as its policies see it."""
    given = case(world(arrivals=arrivals, **changes), 11, load)
    values = np.where(given.able, given.values, 0.5)
    return Logged(given.arrival, given.handling, values, given.able, given.skilled, given.patience_seconds, reliability)


def test_a_large_pool_with_affinity_may_expect_a_gain_and_is_told_so_in_both_languages():
    found = expected_gain(a_log(agents=100), seed=1, rounds=3, most=1_000)

    assert found.reason == "gain"
    assert 0.03 < found.low < found.gain < found.high < 0.15
    assert found.words("es").startswith("Se esperan +")
    assert found.words("en").startswith("Expected: +")


def test_a_pool_with_fewer_skilled_agents_than_a_choice_needs_is_promised_nothing():
    found = expected_gain(a_log(agents=10), seed=1, rounds=3, most=600)

    assert found.choices < LEAST_CHOICES
    assert found.reason == "choices"
    assert "too small" in found.words("en")
    assert "demasiado pequeño" in found.words("es")


def test_agents_who_are_all_alike_are_promised_nothing():
    found = expected_gain(a_log(agents=40, affinity=0.0), seed=1, rounds=3, most=1_000)

    assert found.reason == "unsure"
    assert found.low <= 0.0


def test_of_a_short_log_nothing_can_be_said():
    assert expected_gain(a_log(arrivals=100), seed=1).reason == "needs"


def test_arrays_that_do_not_fit_are_refused():
    log = a_log(arrivals=10)
    wrong = Logged(log.arrival, log.handling, log.values[:5], log.able, log.skilled, 300.0)

    with pytest.raises(BadInput, match="10 needs"):
        expected_gain(wrong, seed=1)


def test_values_that_are_only_half_right_are_drawn_half_way_to_what_is_usual_for_the_skilled_and_for_the_others():
    odds = np.array([[2.0, 0.0, -1.0, -3.0]])
    skilled = np.array([[True, True, False, False]])

    found = shrunk(1 / (1 + np.exp(-odds)), np.ones((1, 4), bool), skilled, reliability=np.sqrt(0.5))

    assert np.log(found / (1 - found)) == pytest.approx(np.array([[1.5, 0.5, -1.5, -2.5]]))


@pytest.mark.slow
def test_what_is_promised_of_noisy_values_is_what_the_simulator_then_gives():
    changes = {"arrivals": 8_000, "noise": 0.35}
    given = measure(Job(changes, 11, 0.85, ("skills", "rapport")))

    promised = expected_gain(a_log(load=0.85, reliability=np.sqrt(0.5), **changes), seed=2, rounds=4)

    assert promised.gain == pytest.approx(given["rapport"]["fcr"] - given["skills"]["fcr"], abs=0.015)
