"""The value model against what can be worked out by hand, by integration, or is known of the world that it learns."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from matching.learning.learnwork import a_design, chance
from rapport.errors import BadInput
from rapport.matching.learning.model import Outcome, best_guess, doubt, draw, learn, new_model, reseat, values

NOTHING = np.zeros(0)


def a_model(agents=("ana", "juan"), teams=(), **changes):
    return new_model(a_design(**changes), agents, teams)


def teach(model, agent, good, times=1, skill=1.0):
    for _ in range(times):
        learn(model, np.array([1.0, skill]), NOTHING, NOTHING, agent, good)


def valued(model, skill=1.0):
    terms = np.tile([1.0, skill], (1, len(model.agents), 1))
    return values(best_guess(model), model.design, terms, np.zeros((1, 0)), np.zeros((len(model.agents), 0)))[0]


def test_before_the_first_outcome_a_pair_has_a_plausible_value():
    model = a_model()

    assert valued(model, skill=0.0) == pytest.approx([0.5, 0.5])
    assert valued(model, skill=1.0) == pytest.approx([0.7, 0.7], abs=0.01)


def test_one_outcome_moves_the_belief_to_the_mode_of_prior_times_likelihood():
    model = a_model(terms=("base",), centre=(0.0,), spread=(1.0,), team_spread=0.0, agent_spread=0.0)

    learn(model, np.ones(1), NOTHING, NOTHING, 0, True)

    grid = np.linspace(-4, 4, 400_001)
    mode = grid[(-(grid**2) / 2 + np.log(chance(grid))).argmax()]
    assert model.mean[0] == pytest.approx(mode, abs=1e-4)
    assert 1 / model.cov[0, 0] == pytest.approx(1 + chance(mode) * chance(-mode), abs=1e-4)


def test_many_outcomes_end_near_the_exact_posterior():
    random = np.random.default_rng(3)
    model = a_model(terms=("base",), centre=(0.0,), spread=(1.0,), team_spread=0.0, agent_spread=0.0)
    outcomes = random.random(400) < 0.8

    for good in outcomes:
        learn(model, np.ones(1), NOTHING, NOTHING, 0, bool(good))

    grid = np.linspace(-4, 4, 80_001)
    log = -(grid**2) / 2 + outcomes.sum() * np.log(chance(grid)) + (~outcomes).sum() * np.log(chance(-grid))
    exact = np.exp(log - log.max()) / np.exp(log - log.max()).sum()
    mean = (grid * exact).sum()
    spread = np.sqrt((grid**2 * exact).sum() - mean**2)
    assert model.mean[0] == pytest.approx(mean, abs=0.25 * spread)
    assert np.sqrt(model.cov[0, 0]) == pytest.approx(spread, rel=0.05)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_whatever_is_learnt_the_belief_stays_a_belief(outcomes):
    model = a_model()

    for base, skill, good in outcomes:
        learn(model, np.array([base, skill]), NOTHING, NOTHING, 0, good)

    assert np.isfinite(model.mean).all()
    assert np.allclose(model.cov, model.cov.T)
    assert np.linalg.eigvalsh(model.cov).min() > -1e-9
    assert np.linalg.eigvalsh(model.cov).max() <= 0.75**2 + 1e-9


def test_an_agent_without_outcomes_is_valued_as_their_team_is():
    model = a_model(("ana", "juan", "eva"), ("it", "it", "shop"))

    teach(model, 0, True, times=60)

    ana, juan, eva = valued(model)
    assert ana > juan > eva > 0.7


def test_somebody_new_begins_as_their_team_and_who_has_gone_is_forgotten():
    model = a_model(("ana", "juan"), ("it", "shop"))
    teach(model, 0, False, times=60)
    ana, _ = valued(model)

    after = reseat(model, ("eva", "ana", "leo"), ("it", "it", "shop"))

    eva, still, leo = valued(after)
    assert still == ana
    assert ana < eva < leo


def test_a_need_and_an_agent_who_go_well_together_are_learnt_from_other_pairs():
    random = np.random.default_rng(7)
    truth = np.array([[1.0, 0.0], [0.0, -1.0]])
    design = a_design(x=2, y=2, affinity=1.0)
    people = random.normal(size=(40, 2))
    model = new_model(design, [str(n) for n in range(40)])
    for _ in range(2000):
        need, agent = random.normal(size=2), int(random.integers(30))
        good = random.random() < chance(need @ truth @ people[agent])
        learn(model, np.array([1.0, 0.0]), need, people[agent], agent, bool(good))

    need = random.normal(size=(200, 2))
    found = values(best_guess(model), design, np.tile([1.0, 0.0], (200, 40, 1)), need, people)[:, 30:]

    assert np.corrcoef(found.ravel(), chance(need @ truth @ people[30:].T).ravel())[0, 1] > 0.97


def test_a_weaker_kind_of_outcome_moves_the_belief_less():
    kinds = (Outcome("resolved"), Outcome("survey", 0.25))
    strong, weak = a_model(outcomes=kinds), a_model(outcomes=kinds)

    learn(strong, np.ones(2), NOTHING, NOTHING, 0, True, kind=0)
    learn(weak, np.ones(2), NOTHING, NOTHING, 0, True, kind=1)

    assert 0.7 < valued(weak)[0] < valued(strong)[0]


def test_a_rare_kind_of_outcome_does_not_make_everybody_look_worse():
    random = np.random.default_rng(4)
    model = a_model(outcomes=(Outcome("resolved"), Outcome("bought", 1.0, -2.0)))
    for _ in range(3000):
        learn(model, np.ones(2), NOTHING, NOTHING, 0, bool(random.random() < 0.7), kind=0)
        learn(model, np.ones(2), NOTHING, NOTHING, 0, bool(random.random() < 0.05), kind=1)

    assert valued(model)[0] == pytest.approx(0.7, abs=0.03)


def test_draws_spread_as_the_belief_does_and_come_from_the_generator_that_is_handed_in():
    model = a_model(team_spread=0.0001, agent_spread=0.2)
    teach(model, 0, True, times=5)

    random = np.random.default_rng(1)
    drawn = np.array([draw(model, random).terms for _ in range(4000)])

    assert np.cov(drawn.T) == pytest.approx(model.cov, abs=0.03)
    first, again = (draw(model, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(first.terms, again.terms)
    assert np.array_equal(first.own, again.own)


def test_doubt_is_that_of_draws_and_falls_with_outcomes():
    model = a_model(("ana", "juan"), ("it", "shop"))
    terms = np.tile([1.0, 1.0], (2, 1))
    before = doubt(model, terms, NOTHING, np.zeros((2, 0)))
    random = np.random.default_rng(2)
    drawn = [draw(model, random) for _ in range(4000)]
    teach(model, 0, True, times=50)

    ana, juan = doubt(model, terms, NOTHING, np.zeros((2, 0)))

    assert np.std([one.terms.sum() + one.own[0, 0] for one in drawn]) == pytest.approx(before[0], rel=0.05)
    assert ana < juan < before[0]


def test_a_design_whose_terms_and_priors_differ_in_number_is_refused():
    with pytest.raises(BadInput, match="2 terms"):
        a_model(centre=(0.0,))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_no_number_is_refused_and_leaves_the_belief_as_it_was(wrong):
    model = a_model()

    with pytest.raises(BadInput, match="numbers"):
        learn(model, np.array([1.0, wrong]), NOTHING, NOTHING, 0, True)

    assert np.array_equal(model.mean, a_model().mean)
    assert model.seen == 0


def test_where_agents_are_believed_to_be_alike_a_draw_leaves_them_alike():
    drawn = draw(a_model(team_spread=0.0, agent_spread=0.0), np.random.default_rng(1))

    assert drawn.own == pytest.approx(np.zeros((2, 1)), abs=1e-4)
