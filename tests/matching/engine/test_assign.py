"""The engine against every possible assignment, tried out one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rapport.matching.engine.assign import NOBODY, assign

NEVER = -np.inf


@st.composite
def markets(draw):
    """A few needs and agents: worths (some pairs forbidden), places, and the price of a further place."""
    needs, agents = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    worth = st.one_of(st.just(NEVER), st.floats(0, 5).map(lambda x: round(x, 2)))
    values = [[draw(worth) for _ in range(agents)] for _ in range(needs)]
    capacity = [draw(st.integers(0, 3)) for _ in range(agents)]
    return np.array(values), np.array(capacity), draw(st.sampled_from([0.0, 0.3, 2.0]))


def total(values, chosen, load_price):
    """How many are served, and what that is worth."""
    pairs = [values[need, agent] for need, agent in enumerate(chosen) if agent != NOBODY]
    filled = np.bincount([agent for agent in chosen if agent != NOBODY], minlength=values.shape[1])
    return len(pairs), round(sum(pairs) - load_price * sum(n * (n - 1) / 2 for n in filled), 6)


def allowed(values, capacity, chosen):
    within = all(list(chosen).count(agent) <= places for agent, places in enumerate(capacity))
    return within and all(agent == NOBODY or values[need, agent] > NEVER for need, agent in enumerate(chosen))


@settings(deadline=None)
@given(markets())
def test_no_other_assignment_serves_more_or_is_worth_more(market):
    values, capacity, load_price = market
    needs, agents = values.shape

    chosen = assign(values, capacity, load_price)

    every = (c for c in product(range(NOBODY, agents), repeat=needs) if allowed(values, capacity, c))
    assert allowed(values, capacity, chosen)
    assert total(values, chosen, load_price) == max(total(values, c, load_price) for c in every)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_further_place_is_found_wherever_it_is_worth_its_price(seed):
    random = np.random.default_rng(seed)
    values = random.random((12, 5)) * 3
    capacity = random.integers(1, 6, 5)

    chosen = assign(values, capacity, load_price=0.4)

    owner = np.repeat(np.arange(5), capacity)
    nth = np.concatenate([np.arange(places) for places in capacity])
    from scipy.optimize import linear_sum_assignment

    whole = values[:, owner] + 1000 - 0.4 * nth
    rows, taken = linear_sum_assignment(whole, maximize=True)
    assert total(values, chosen, 0.4) == (len(rows), pytest.approx(whole[rows, taken].sum() - 1000 * len(rows), abs=1e-5))


def test_nobody_is_left_waiting_while_somebody_who_may_is_free():
    values = np.array([[5.0, 0.1], [5.0, NEVER]])

    assert assign(values, np.array([1, 1])).tolist() == [1, 0]


def test_of_two_who_are_equal_the_first_is_chosen():
    assert assign(np.array([[1.0, 2.0, 2.0]]), np.array([1, 1, 1])).tolist() == [1]


def test_a_price_of_load_spreads_needs_that_are_alike():
    alike = np.ones((3, 3))

    assert sorted(assign(alike, np.array([3, 3, 3]), load_price=0.1).tolist()) == [0, 1, 2]


def test_without_needs_or_agents_nobody_is_chosen():
    assert assign(np.zeros((0, 3)), np.ones(3, int)).tolist() == []
    assert assign(np.zeros((2, 0)), np.zeros(0, int)).tolist() == [NOBODY, NOBODY]


def test_where_places_are_fewer_than_needs_the_worthiest_get_them():
    values = np.array([[1.0], [3.0], [2.0]])

    assert assign(values, np.array([2])).tolist() == [NOBODY, 0, 0]
