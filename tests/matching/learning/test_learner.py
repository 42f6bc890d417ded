"""The learner in a small world of its own: from nothing to nearly what is to be known."""

import numpy as np
import pytest

from matching.learning.learnwork import a_design, chance
from rapport.matching.learning.learner import Learner, Seen, rivals, within_reach
from rapport.matching.learning.model import best_guess, learn, new_model

AGENTS, SIZE = 30, 3


def a_world(affinity, seed=1):
    random = np.random.default_rng(seed)
    return random.normal(size=(AGENTS, SIZE)), random.normal(size=(SIZE, SIZE)) * affinity / SIZE


def a_learner(people, designs=1, **changes):
    """A learner that tries so many designs."""
    models = rivals(a_design(x=SIZE, y=SIZE), [str(n) for n in range(AGENTS)])
    return Learner(models[:designs], people, np.random.default_rng(5), **changes)


def lived(learner, people, taste, outcomes, seed=2):
    """Each need goes to the best of five who are free; the mean true chance of the last half, and of what was best."""
    random = np.random.default_rng(seed)
    taken, best = [], []
    for _ in range(outcomes):
        seen = Seen(random.normal(size=SIZE), np.tile([1.0, 1.0], (AGENTS, 1)))
        truth = chance(0.85 + seen.x @ taste @ people.T)
        free = random.choice(AGENTS, 5, replace=False)
        agent = int(free[learner.values(seen)[free].argmax()])
        learner.learn(seen, agent, bool(random.random() < truth[agent]))
        taken.append(truth[agent] - truth[free].mean())
        best.append(truth[free].max() - truth[free].mean())
    return np.sum(taken[outcomes // 2 :]) / max(1e-9, np.sum(best[outcomes // 2 :]))


@pytest.mark.parametrize("changes", [{}, {"scale": 0.3}, {"curiosity": 0.3}], ids=["mean", "thompson", "curious"])
def test_a_learner_comes_near_what_could_be_known(changes):
    people, taste = a_world(affinity=0.6)

    assert lived(a_learner(people, **changes), people, taste, 2000) > 0.8


@pytest.mark.parametrize(("affinity", "believed"), [(0.3, 0.3), (1.0, 0.6)])
def test_the_first_design_serves_until_another_surely_forecasts_better(affinity, believed):
    people, taste = a_world(affinity)
    learner = a_learner(people, designs=4)

    lived(learner, people, taste, 1500)

    assert learner.serving.design.affinity == believed


def test_where_pairs_do_not_differ_a_learner_hardly_believes_that_they_do():
    people, taste = a_world(affinity=0.0)
    learner = a_learner(people)
    lived(learner, people, taste, 1500)

    valued = learner.values(Seen(np.ones(SIZE), np.tile([1.0, 1.0], (AGENTS, 1))))

    assert valued == pytest.approx(np.full(AGENTS, chance(0.85)), abs=0.06)


def test_new_weights_are_drawn_once_a_batch():
    people, _ = a_world(affinity=0.6)
    learner = a_learner(people, scale=1.0, batch=5)
    seen = Seen(np.ones(SIZE), np.tile([1.0, 1.0], (AGENTS, 1)))
    before = learner.values(seen)

    for _ in range(4):
        learner.learn(seen, 0, True)
    within = learner.values(seen)
    learner.learn(seen, 0, True)

    assert np.array_equal(within, before)
    assert not np.array_equal(learner.values(seen), before)


def test_the_same_generator_and_outcomes_give_the_same_values():
    people, taste = a_world(affinity=0.6)
    one, other = (a_learner(people, scale=0.5) for _ in range(2))

    assert lived(one, people, taste, 100) == lived(other, people, taste, 100)


def test_a_learner_knows_as_much_as_is_within_reach_and_no_more():
    design = a_design(x=SIZE, y=SIZE, affinity=0.6, team_spread=0.02, agent_spread=0.02)
    weights = []
    for seed in range(40):
        random = np.random.default_rng(seed)
        taste = random.normal(size=(SIZE, SIZE)) * 0.6 / SIZE
        model = new_model(design, ("ana",))
        for _ in range(300):
            need, agent = random.normal(size=(2, SIZE))
            good = random.random() < chance(0.85 + need @ taste @ agent)
            learn(model, np.ones(2), need, agent, 0, bool(good))
        weights.append((best_guess(model).bilinear, taste))

    found, true = np.array(weights).swapaxes(0, 1).reshape(2, -1)

    assert np.corrcoef(found, true)[0, 1] == pytest.approx(within_reach(design, 300, chance=0.7), abs=0.04)


def test_what_is_within_reach_grows_with_outcomes_and_falls_with_what_is_to_be_learnt():
    small, large = a_design(x=4, y=4), a_design(x=8, y=8)

    assert within_reach(small, 0) == 0.0
    assert within_reach(large, 5000) < within_reach(small, 5000) < within_reach(small, 50_000) < 1.0
