"""Prices that arrivals teach: never below 0, up for who is asked for, down with time."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from rapport.matching.policy.constants import Constants
from rapport.matching.policy.prices import drifted, learnt

AGENTS = 6
VALUES = arrays(np.float64, AGENTS, elements=st.one_of(st.just(-np.inf), st.floats(0.0, 1.0)))
PRICES = arrays(np.float64, AGENTS, elements=st.floats(0.0, 2.0))
EVERY = Constants()


@given(PRICES, VALUES, st.floats(0.0, 1e6))
def test_a_price_is_never_below_nothing_and_moves_only_for_who_may_be_asked(prices, values, seconds):
    after = learnt(prices, values, np.ones(AGENTS), EVERY)

    assert (after >= prices).all()
    assert (after[values == -np.inf] == prices[values == -np.inf]).all()
    assert (after - prices).sum() <= EVERY.price_step + 1e-12
    assert (drifted(after, seconds, EVERY) >= 0.0).all()
    assert (drifted(after, seconds, EVERY) <= after).all()


@given(PRICES, st.floats(0.0, 300.0), st.floats(0.0, 300.0))
def test_time_in_two_parts_takes_as_much_as_in_one(prices, first, second):
    at_once = drifted(prices, first + second, EVERY)

    assert drifted(drifted(prices, first, EVERY), second, EVERY) == pytest.approx(at_once, abs=1e-12)


def test_the_agent_whom_a_need_gains_most_of_becomes_dearer_than_the_next():
    after = learnt(np.zeros(2), np.array([0.9, 0.7]), np.ones(2), EVERY)

    assert after[0] > 100 * after[1] > 0.0


def test_a_longer_handle_time_asks_for_more_of_an_agent():
    once, longer = (learnt(np.zeros(1), np.array([0.9]), np.array([s]), EVERY)[0] for s in (1.0, 1.3))

    assert longer == pytest.approx(1.3 * once)


def test_two_needs_for_one_agent_in_each_handle_time_drive_the_price_to_what_the_need_is_worth():
    price = np.zeros(1)
    for _ in range(2_000):
        price = drifted(learnt(price, np.array([0.8]), np.ones(1), EVERY), 150.0, EVERY)

    # by hand: at rest the softened demand is half of the occupancy, 0.475, so price = 0.8 - 0.02 * ln(0.475 / 0.525)
    assert price[0] == pytest.approx(0.8 - 0.02 * np.log(0.475 / 0.525), abs=0.02)
