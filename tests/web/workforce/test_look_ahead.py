"""The next days and the look back: several days ahead, beside what planners do, from nothing but the days before."""

from datetime import date, timedelta

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.model.centre import Centre, Profile
from rapport.model.target import Target
from rapport.web.workforce.ahead import looked_back
from rapport.web.workforce.known_days import HOLIDAY, known_days
from rapport.workforce.series import Series
from workforce.seriesmade import HALF_HOUR, business_days, rates

pytestmark = pytest.mark.pure
OPENS = timedelta(hours=8)


@pytest.fixture(scope="module")
def page():
    days = business_days(46)
    counts = np.random.default_rng(3).poisson(rates(46, 40.0)).astype(float)
    known = {days[45]: ["campaign"], days[46 - 1] + timedelta(days=3): ["release"]}
    return looked_back(Series(tuple(days), counts, OPENS, HALF_HOUR), days[45], known), days, counts


def test_each_day_is_looked_back_at_from_one_to_five_days_ahead_and_beside_what_planners_do(page):
    found, _, _ = page

    assert [one.ahead for one in found.horizons] == [1, 2, 3, 4, 5]
    assert [one.days for one in found.horizons] == [28, 24, 24, 24, 24]
    assert all(one.wape < min(one.mean_of_weeks, one.last_week) for one in found.horizons)
    assert all(0.7 < one.cover80 < 0.9 and one.cover95 > one.cover80 for one in found.horizons)
    assert all(one.days_off < one.wape for one in found.horizons)


def test_the_days_that_were_and_the_days_to_come_stand_with_their_bands_and_what_was_known(page):
    found, days, counts = page

    assert [one.day for one in found.past] == days[-28:]
    assert [one.came for one in found.past] == counts[-28:].sum(axis=1).astype(int).tolist()
    assert found.past[0].low is None
    assert found.past[-1].low < found.past[-1].planned < found.past[-1].high
    assert found.past[-1].known == ("campaign",)
    assert [one.day.weekday() for one in found.ahead] == [(days[45].weekday() + n) % 5 for n in range(1, 8)]
    assert all(one.low < one.high for one in found.ahead)


def test_the_plot_of_the_days_that_were_has_a_scale_of_round_numbers_and_names_days(page):
    found, days, _ = page

    assert found.grid[0] == (176.0, 0)
    assert found.grid[-1][1] >= found.most > found.grid[-2][1]
    assert found.ticks[0] == (1164.0, days[-1])
    assert 4 <= len(found.ticks) <= 8


def test_too_little_history_is_said():
    days = business_days(10)
    with pytest.raises(BadInput, match="10 days"):
        looked_back(Series(tuple(days), rates(10), OPENS, HALF_HOUR), days[-1], {})


def test_public_holidays_of_the_targets_are_known_beside_what_the_centre_wrote():
    centre = Centre(Profile(known_ahead={"release": ("2026-03-16",)}), targets={"t": Target("t", first="1h", holidays="MX")})
    known = known_days(centre, date(2026, 3, 1), date(2026, 3, 31))

    assert known == {date(2026, 3, 16): ["release", HOLIDAY]}
