"""Off-policy estimates on simulated logs of a policy whose probabilities, and on a world whose truth, are known."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from matching.learning.learnwork import a_log, acted, read_for, soft
from rapport.errors import BadInput
from rapport.matching.learning.offpolicy import Log, difference, doubly_robust, ips, near_ties, snips
from rapport.matching.simulator.world import case, world

ESTIMATORS = [ips, snips, doubly_robust]


def a_plain_log(reward, logged, target, expected=0.5, expected_target=0.5):
    count = len(reward)
    columns = (reward, logged, target, np.full(count, expected), np.full(count, expected_target))
    return Log(*(np.array(column, float) for column in columns))


def coverage(replications, decisions, seed):
    """How often the interval of each estimator holds the truth."""
    random = np.random.default_rng(seed)
    logs = [a_log(random, decisions) for _ in range(replications)]
    found = [[estimate(log).low <= truth <= estimate(log).high for log, truth in logs] for estimate in ESTIMATORS]
    return np.mean(found, axis=1)


def test_the_estimates_are_those_worked_out_by_hand():
    log = a_plain_log([1, 0, 1, 0], [0.5, 0.5, 0.25, 0.5], [1.0, 0.0, 0.5, 0.5], expected=0.6, expected_target=0.7)

    # weights 2, 0, 2, 1
    assert ips(log).value == pytest.approx((2 + 2) / 4)
    assert snips(log).value == pytest.approx(4 / 5)
    assert doubly_robust(log).value == pytest.approx(0.7 + (2 * 0.4 + 0 + 2 * 0.4 - 0.6) / 4)
    assert ips(log).sample == pytest.approx(25 / 9)


def test_weights_are_cut_and_the_share_that_was_is_said():
    log = a_plain_log([1, 1, 1, 1], [0.01, 0.5, 0.5, 0.5], [1.0, 0.5, 0.5, 0.5])

    assert ips(log, most_weight=5.0).value == pytest.approx((5 + 3) / 4)
    assert ips(log, most_weight=5.0).cut == 0.25
    assert ips(log, most_weight=1000.0).cut == 0.0


def test_a_policy_that_does_what_was_done_is_worth_what_was_seen():
    log = a_plain_log([1, 0, 1, 1], [0.3, 0.6, 0.2, 1.0], [0.3, 0.6, 0.2, 1.0])

    assert ips(log).value == snips(log).value == 0.75
    assert ips(log).sample == 4.0


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_an_estimate_is_within_a_point_of_the_truth(estimate):
    log, truth = a_log(np.random.default_rng(2), 60_000)

    assert estimate(log).value == pytest.approx(truth, abs=0.01)


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_an_estimate_is_within_a_point_of_what_the_simulator_knows(estimate):
    size = {"agents": 30, "arrivals": 30_000}
    seen_well, unseen = case(world(noise=0.2, **size), 1, 0.85), case(world(known=0.0, **size), 1, 0.85)
    believed = np.where(seen_well.able, seen_well.values, 0.0)
    logged, target = soft(4.0 * unseen.values), soft(8.0 * seen_well.values)
    chosen, reward = acted(np.random.default_rng(3), logged, seen_well.truth)

    found = estimate(read_for(target, logged, believed, chosen, reward))

    assert found.value == pytest.approx((target * seen_well.truth).sum(axis=1).mean(), abs=0.01)
    assert found.high - found.low < 0.02


def test_the_interval_holds_the_truth_as_often_as_it_says():
    found = coverage(replications=600, decisions=800, seed=8)

    assert (found >= 0.93).all()
    assert (found <= 0.97).all()


@pytest.mark.slow
@pytest.mark.parametrize(("replications", "decisions"), [(2000, 1000), (800, 4000)])
def test_the_interval_holds_the_truth_as_often_as_it_says_over_many_logs(replications, decisions):
    found = coverage(replications, decisions, seed=21)

    assert (found >= 0.93).all()
    assert (found <= 0.97).all()


def test_the_doubly_robust_interval_is_the_narrowest():
    log, _ = a_log(np.random.default_rng(5), 5000)

    width = {estimate.__name__: estimate(log).high - estimate(log).low for estimate in ESTIMATORS}

    assert width["doubly_robust"] < width["snips"] < width["ips"]


def test_a_model_that_is_wholly_wrong_does_not_make_the_doubly_robust_estimate_wrong():
    log, truth = a_log(np.random.default_rng(6), 60_000)
    wrong = Log(log.reward, log.logged, log.target, np.full_like(log.reward, 0.1), np.full_like(log.reward, 0.1))

    assert doubly_robust(wrong).value == pytest.approx(truth, abs=0.015)


def test_two_policies_that_do_alike_differ_by_nothing_however_few_decisions_there_are():
    log, _ = a_log(np.random.default_rng(7), 50)

    same = difference(log, log)

    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_policies_are_compared_on_the_same_decisions_only():
    one, other = (a_log(np.random.default_rng(seed), 50)[0] for seed in (1, 2))

    with pytest.raises(BadInput, match="same decisions"):
        difference(one, other)


def test_below_200_decisions_that_count_nothing_is_said():
    few, _ = a_log(np.random.default_rng(3), 250)
    many, _ = a_log(np.random.default_rng(3), 2500)

    assert doubly_robust(few).sample < 200 < doubly_robust(many).sample
    assert doubly_robust(few).refusal == "sample"
    assert doubly_robust(many).refusal == ""


def test_of_a_policy_that_would_do_what_was_never_tried_nothing_is_said():
    reward = np.tile([1.0, 0.0], 2000)

    never_tried = a_plain_log(reward, np.ones(4000), np.tile([1.0, 0.0, 0.0, 1.0], 1000))

    assert ips(never_tried).sample > 200
    assert ips(never_tried).refusal == "coverage"


@pytest.mark.parametrize("column", ["logged", "target", "reward", "short"])
def test_a_log_that_cannot_be_is_refused(column):
    right = {"reward": [1.0, 0.0], "logged": [0.5, 0.5], "target": [0.5, 0.5]}
    wrong = {"logged": [0.5, 0.0], "target": [0.5, 1.5], "reward": [1.0, np.nan]}
    given = right | ({"target": [0.5]} if column == "short" else {column: wrong[column]})

    with pytest.raises(BadInput):
        a_plain_log(given["reward"], given["logged"], given["target"])


@pytest.mark.parametrize("decisions", [0, 1])
def test_of_no_decisions_nothing_is_said(decisions):
    empty = a_plain_log([1.0] * decisions, [1.0] * decisions, [1.0] * decisions)

    assert snips(empty).refusal == ips(empty).refusal == "sample"


def test_only_those_who_are_nearly_as_good_as_the_best_are_tried():
    values = np.array([[0.80, 0.79, 0.5, -np.inf], [np.nan, 0.2, 0.6, 0.1], [-np.inf] * 4])

    chances = near_ties(values, share=0.04, within=0.02)

    assert chances == pytest.approx(np.array([[0.98, 0.02, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_the_chances_of_a_need_add_up_to_one_and_the_best_has_most(values):
    chances = near_ties(np.array([values]))[0]

    assert chances.sum() == pytest.approx(1.0)
    assert chances.argmax() == int(np.argmax(values))
