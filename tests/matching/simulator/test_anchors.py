"""The simulator gives back what was published of this world: docs/simulator.md names the tables."""

import numpy as np
import pytest

from rapport.matching.policy.constants import PUBLISHED
from rapport.matching.simulator.compare import Job, measure
from rapport.matching.simulator.figures import figures
from rapport.matching.simulator.loop import run
from rapport.matching.simulator.ours import rapport
from rapport.matching.simulator.world import case, world

# 12,000 needs, mean of seeds 1 to 3: first-contact resolution of fifo, skills routing and greedy.
FIRST_SERIES = {0.7: (0.560, 0.696, 0.786), 0.95: (0.509, 0.684, 0.682), 1.1: (0.444, 0.620, 0.663)}
# 30,000 needs, seeds 1 to 5: the lowest and highest resolution and loss of the online variant of the recipe.
ONLINE = {0.85: ((0.762, 0.778), (0.0020, 0.0060)), 0.95: ((0.733, 0.749), (0.0135, 0.0300))}


@pytest.mark.slow
@pytest.mark.parametrize("load", FIRST_SERIES)
def test_the_policies_that_need_no_values_learnt_are_where_they_were_measured_before(load):
    found = [measure(Job({"arrivals": 12_000}, seed, load, ("fifo", "skills", "greedy"))) for seed in (1, 2, 3)]

    means = [np.mean([one[name]["fcr"] for one in found]) for name in ("fifo", "skills", "greedy")]
    assert means == pytest.approx(FIRST_SERIES[load], abs=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("load", ONLINE)
def test_the_recipe_as_it_was_published_is_where_it_was_measured(load):
    (low, high), (few, many) = ONLINE[load]

    given = case(world(), 2, load)
    found = figures(run(given, rapport(given, PUBLISHED)))

    assert low - 0.003 <= found["fcr"] <= high + 0.003
    assert few <= found["abandon"] <= many


def test_ours_resolves_more_than_skills_routing_and_loses_no_more_than_half_a_point():
    found = measure(Job({"arrivals": 10_000}, 11, 0.95, ("fifo", "skills", "rapport")))

    assert found["rapport"]["fcr"] - found["skills"]["fcr"] >= 0.045
    assert found["rapport"]["fcr"] - found["fifo"]["fcr"] >= 0.20
    assert found["rapport"]["abandon"] - found["skills"]["abandon"] <= 0.005


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.7, 0.95])
def test_with_no_affinity_known_ours_is_not_below_skills_routing(load):
    found = measure(Job({"arrivals": 10_000, "known": 0.0}, 11, load, ("skills", "rapport")))

    assert found["rapport"]["fcr"] - found["skills"]["fcr"] >= -0.003


@pytest.mark.slow
def test_values_learnt_from_zero_are_above_skills_routing_before_two_thousand_outcomes():
    found = measure(Job({"arrivals": 2_000}, 11, 0.7, ("skills", "learnt")))

    assert found["learnt"]["fcr"] - found["skills"]["fcr"] >= 0.02


def test_affinity_has_the_spread_that_the_world_says():
    one = case(world(arrivals=2_000), 1, 0.9)

    odds = np.log(one.truth / (1 - one.truth)) - 0.85 + 1.2 * (one.factor > 1.0)
    assert np.sqrt((odds**2).mean()) == pytest.approx(0.35, rel=0.2)
    assert one.able.mean() == pytest.approx(0.65 * 0.75 + 0.35 * 0.5, abs=0.08)


def test_a_parameter_that_the_world_does_not_know_is_refused():
    with pytest.raises(ValueError, match="agent_count"):
        world(agent_count=3)
