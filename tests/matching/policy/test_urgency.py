"""Urgency is a convex cost: it grows, and ever faster up to its ceiling."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from rapport.matching.policy.urgency import urgency

TARGET, SCALE = np.array([60.0]), np.array([20.0])


@given(st.floats(0.0, 150.0), st.floats(0.0, 150.0))
def test_it_grows_ever_faster_with_waiting(one, other):
    first, middle, last = (urgency(np.array([at]), TARGET, SCALE)[0] for at in sorted([one, (one + other) / 2, other]))

    assert first <= middle <= last
    assert middle <= (first + last) / 2 + 1e-12


def test_it_is_nothing_for_who_just_came_and_about_its_weight_at_the_target():
    found = urgency(np.array([0.0, 60.0]), TARGET, SCALE, weight=0.1)

    assert found[0] == 0.0
    assert found[1] == pytest.approx(0.1 * (1 - np.exp(-3)))


def test_who_has_no_target_is_never_urgent():
    assert urgency(np.array([1e6]), np.array([np.inf]), SCALE).tolist() == [0.0]


def test_it_stays_finite_however_long_somebody_waited():
    assert np.isfinite(urgency(np.array([1e9]), TARGET, SCALE)).all()
