"""Who is put to whom: the promises that hold of every decision, whatever the numbers."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from rapport.matching.policy.constants import Constants
from rapport.matching.policy.decide import decide
from rapport.matching.policy.plain import longest_first
from rapport.matching.policy.surplus import terms

SHAPE = st.shared(st.tuples(st.integers(1, 5), st.integers(1, 5)), key="shape")
VALUES = arrays(np.float64, SHAPE, elements=st.one_of(st.just(-np.inf), st.floats(0.0, 1.0)))
PRICES = arrays(np.float64, SHAPE, elements=st.floats(0.0, 0.9))
WAITED = arrays(np.float64, SHAPE.map(lambda shape: shape[0]), elements=st.floats(0.0, 899.0))  # nobody is at the hard limit
PLAIN = Constants()


def weighed(values, prices=0.0, waited=0.0, wait=0.0, constants=PLAIN):
    """The terms of agents who all worked alike."""
    needs, agents = np.shape(values)
    return terms(
        np.array(values),
        np.broadcast_to(prices, (needs, agents)),
        wait=np.full(needs, wait),
        waited=np.broadcast_to(waited, needs),
        urgency=np.zeros(needs),
        busy=np.full(agents, 0.5),
        mean_busy=0.5,
        constants=constants,
    )


@given(VALUES, PRICES, WAITED)
def test_each_goes_once_none_at_a_loss_and_no_pair_with_a_gain_is_left(values, prices, waited):
    found = weighed(values, prices, waited, wait=0.2)

    decisions = decide(found, waited, PLAIN)

    needs, agents = [one.need for one in decisions], [one.agent for one in decisions]
    assert len(set(needs)) == len(needs)
    assert len(set(agents)) == len(agents)
    assert all(one.surplus >= 0.0 for one in decisions)
    left = np.delete(np.delete(found.surplus, needs, axis=0), agents, axis=1)
    assert (left < 0.0).all()
    assert not decisions or decisions[0].surplus == found.surplus.max()


@given(VALUES, PRICES, WAITED)
def test_the_terms_of_a_decision_add_up_to_its_surplus(values, prices, waited):
    for one in decide(weighed(values, prices, waited, wait=0.2), waited, PLAIN):
        assert one.value - one.price - one.wait + one.age + one.urgency - one.load == pytest.approx(one.surplus)


def test_both_wait_where_waiting_is_worth_more():
    assert decide(weighed([[0.6]], wait=0.7), np.zeros(1), PLAIN) == []


@given(VALUES, WAITED)
def test_who_waited_to_the_hard_limit_goes_next_whatever_the_surplus(values, waited):
    limited = Constants(hard_limit_seconds=300.0)

    decisions = decide(weighed(values, waited=waited, wait=9.0), waited, limited)

    served = {one.need for one in decisions}
    left = sorted(set(range(values.shape[1])) - {one.agent for one in decisions})
    assert all(one.overdue for one in decisions if waited[one.need] >= 300.0)
    for need in np.flatnonzero(waited >= 300.0):
        assert need in served or (values[need, left] == -np.inf).all()


def test_nobody_may_be_asked_by_the_hard_limit_who_may_not_be_asked_at_all():
    assert decide(weighed([[-np.inf]]), np.full(1, 1e6), Constants(hard_limit_seconds=1.0)) == []


def test_near_ties_are_drawn_as_often_as_their_propensity_says():
    exploring = Constants(explored=0.05, near=0.01)
    found = weighed([[0.800, 0.795, 0.5]])
    grid = [[(i + 0.5) / 40, (j + 0.5) / 10] for i in range(40) for j in range(10)]

    chosen = [decide(found, np.zeros(1), exploring, draws=np.array([pair]))[0] for pair in grid]

    shares = {agent: count / len(chosen) for agent, count in Counter(one.agent for one in chosen).items()}
    assert shares == pytest.approx({one.agent: one.propensity for one in chosen})
    assert shares == pytest.approx({0: 0.975, 1: 0.025})


@given(VALUES, PRICES, st.integers(0, 2**32 - 1))
def test_a_draw_never_gives_one_agent_twice_nor_costs_more_than_what_is_near(values, prices, seed):
    exploring = Constants(explored=1.0, near=0.02)
    found = weighed(values, prices)
    needs = len(values)

    plain = {one.need: one.surplus for one in decide(found, np.zeros(needs), PLAIN)}
    drawn = decide(found, np.zeros(needs), exploring, draws=np.random.default_rng(seed).random((needs, 2)))

    assert {one.need for one in drawn} == set(plain)
    assert len({one.agent for one in drawn}) == len(drawn)
    assert all(plain[one.need] - 0.02 - 1e-12 <= one.surplus for one in drawn)
    assert all(0.0 < one.propensity <= 1.0 for one in drawn)


def test_an_empty_market_decides_nothing():
    assert decide(weighed(np.zeros((0, 3))), np.zeros(0), PLAIN) == []
    assert decide(weighed(np.zeros((2, 0))), np.zeros(2), PLAIN) == []


def test_the_kill_switch_takes_the_longest_waiting_and_the_longest_idle():
    may = np.array([[True, True, False], [True, True, True]])

    assert longest_first(may, np.array([10.0, 20.0]), np.array([5.0, 1.0, 9.0])) == [(1, 2), (0, 0)]


def test_the_kill_switch_leaves_waiting_whom_nobody_may_serve():
    assert longest_first(np.array([[False]]), np.array([10.0]), np.array([5.0])) == []
