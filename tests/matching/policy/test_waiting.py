"""The option value of waiting against its own equation, solved by halving."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from rapport.matching.policy.constants import Constants
from rapport.matching.policy.waiting import wait_values

NETS = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=st.floats(-1.0, 1.0))


def by_halving(net, rate, hazard):
    """The root of hazard * w = rate * sum of max(0, net - w): the left side rises, the right one falls."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if hazard * middle < rate * np.maximum(0.0, net - middle).sum() else (low, middle)
    return low


@given(NETS, st.integers(1, 50), st.floats(30.0, 3000.0))
def test_the_closed_form_solves_the_search_equation(net, waiting, patience):
    constants = Constants(hazard=1 / patience)

    found = wait_values(net, waiting, constants)

    rate = constants.chance / np.sqrt(waiting) / constants.handle_seconds
    assert found == pytest.approx([by_halving(row, rate, constants.hazard) for row in net], abs=1e-9)


@given(NETS, st.integers(1, 50))
def test_waiting_is_worth_less_the_more_wait_and_the_less_patient_they_are(net, waiting):
    here = wait_values(net, waiting, Constants())

    assert (wait_values(net, waiting + 1, Constants()) <= here).all()
    assert (wait_values(net, waiting, Constants(hazard=1 / 30)) <= here).all()


def test_waiting_for_nobody_is_worth_nothing():
    assert wait_values(np.zeros((2, 3)), 1, Constants()).tolist() == [0.0, 0.0]


def test_one_busy_agent_worth_one_is_worth_half_to_who_is_as_patient_as_the_agent_takes():
    found = wait_values(np.array([[1.0]]), 1, Constants(chance=1.0, handle_seconds=300.0, hazard=1 / 300))

    assert found[0] == pytest.approx(0.5)  # by hand: w = 1 - w
