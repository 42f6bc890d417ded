"""A new channel is forecast by the shape of the whole at its own share; one with days enough is forecast by itself."""

from datetime import date

import numpy as np
import pytest

from rapport.model.centre import Profile
from rapport.model.known_ahead import days_known_ahead
from rapport.workforce.cold_start import cold_started, is_new

pytestmark = pytest.mark.pure
WHOLE = np.tile(np.array([10.0, 30.0, 20.0]), (20, 1))


def a_channel(days, share=0.25):
    found = np.zeros_like(WHOLE)
    found[len(WHOLE) - days :] = share * WHOLE[len(WHOLE) - days :]
    return found


def test_three_days_of_a_channel_take_the_shape_of_the_whole_at_their_share():
    assert cold_started(a_channel(3), WHOLE, np.array([12.0, 36.0, 24.0])) == pytest.approx([3.0, 9.0, 6.0])


@pytest.mark.parametrize(("days", "new"), [(0, True), (3, True), (9, True), (10, False), (20, False)])
def test_after_ten_days_it_is_forecast_by_itself(days, new):
    assert is_new(a_channel(days)) is new


def test_what_never_came_is_forecast_as_nothing():
    assert cold_started(a_channel(0), WHOLE, WHOLE[0]).tolist() == [0.0, 0.0, 0.0]


def test_what_a_centre_knows_ahead_is_read_by_day_and_a_day_that_is_none_is_named():
    assert days_known_ahead({"campaign": ["2026-03-05"], "release": ["2026-03-05"]}) == {
        date(2026, 3, 5): ["campaign", "release"]
    }
    with pytest.raises(ValueError, match="known_ahead.campaign has 'soon'; write days as 2026-03-05"):
        Profile(known_ahead={"campaign": ("soon",)})
