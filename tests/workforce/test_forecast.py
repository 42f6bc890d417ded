"""Forecasts, their bands and their update in the day, against series whose rate is known."""

from datetime import date, timedelta

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.workforce import backtest
from rapport.workforce.calendar_kernel import prior
from rapport.workforce.forecast import forecast
from rapport.workforce.intervals import bands, updated
from rapport.workforce.series import from_records
from workforce.seriesmade import HALF_HOUR, business_days, rates, records


@pytest.fixture(scope="module")
def looked():
    counts = np.random.default_rng(5).poisson(rates(90)).astype(float)
    series = from_records(records(counts), HALF_HOUR)
    return series, backtest.look_back(series, backtest.origins_of(series, (50, 90), 1), 1)


def test_a_forecast_comes_near_the_error_of_one_who_knows_the_rate(looked):
    series, found = looked
    truth = rates(90)[50:90]
    floor = 100 * np.abs(series.counts[50:90] - truth).sum() / series.counts[50:90].sum()

    assert backtest.figures(series, found)["wape"] < 1.2 * floor


def test_the_bands_cover_what_they_promise(looked):
    told = backtest.figures(*looked)

    assert told["cover80"] == pytest.approx(0.80, abs=0.05)
    assert told["cover95"] == pytest.approx(0.95, abs=0.03)


def test_a_forecast_is_better_than_last_week_and_the_mean_of_four(looked):
    series, found = looked

    assert backtest.figures(series, found)["wape"] < min(backtest.anchors(series, found.origins, 1).values())


def test_nothing_after_the_origin_is_looked_at():
    counts = np.random.default_rng(1).poisson(rates(30)).astype(float)
    series = from_records(records(counts), HALF_HOUR)
    known = prior(series.dates)
    other = np.vstack([counts[:25], 9 * counts[25:]])

    assert np.array_equal(forecast(counts[:25], known, 5), forecast(other[:25], known, 5))


def test_a_driver_known_ahead_raises_the_day_that_it_names():
    counts = rates(60)
    campaigns = business_days(61)[10::10]
    for day in range(10, 60, 10):
        counts[day] *= 1.5
    drivers = {day: ["campaign"] for day in campaigns}

    with_it = forecast(counts, prior(business_days(61), drivers), 1).sum()
    without = forecast(counts, prior(business_days(61)), 1).sum()

    assert with_it > 1.2 * without


def test_the_day_after_a_closed_one_is_learnt():
    days = [day for n, day in enumerate(business_days(80)) if n % 13 != 6]
    counts = rates(len(days))
    after = [n for n, day in enumerate(days) if n and (day - days[n - 1]).days not in (1, 3)]
    counts[after] *= 1.4

    found = forecast(counts[: after[-1]], prior(days), 1).sum()

    assert found > 1.2 * counts[after[-1] - 5].sum() / 1.05


def test_a_busier_morning_raises_the_rest_of_the_day_and_less_so_the_evening():
    expected = np.full(20, 100.0)

    rest = updated(expected, np.full(6, 130.0), 3.0, HALF_HOUR)

    assert 130.0 > rest[0] > rest[-1] > 100.0


def test_three_days_of_history_give_a_forecast_and_wide_bands():
    counts = np.random.default_rng(2).poisson(rates(3)).astype(float)

    found = forecast(counts, prior(business_days(4)), 1)
    low, high = bands(found, np.zeros(0))[[0, 4]]

    assert found.sum() == pytest.approx(counts.mean(axis=0).sum(), rel=0.2)
    assert (high - low).mean() > 0.3 * found.mean()


def test_all_zeros_are_forecast_as_zero_and_said():
    series = from_records(records(np.zeros((20, 20))), HALF_HOUR)

    assert forecast(series.counts[:19], prior(series.dates), 1).max() < 0.5
    assert "all counts are zero" in series.notes[0]


def test_a_look_back_without_history_says_what_is_missing():
    series = from_records(records(rates(3)), HALF_HOUR)

    with pytest.raises(BadInput, match="3 days"):
        backtest.origins_of(series, None, 1)


def test_a_month_has_a_beginning_an_end_and_no_day_twice():
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(10)]

    assert np.linalg.matrix_rank(prior(days).whitening[0]) == 10


def test_days_that_the_series_does_not_have_are_refused():
    series = from_records(records(rates(20)), HALF_HOUR)

    with pytest.raises(BadInput, match="within 0:20, got 12:90"):
        backtest.origins_of(series, (12, 90), 1)
