"""What two days have in common before anything is counted: a covariance of days by the calendar, in many guesses.

Day levels are taken to be a sum of Gaussian parts: the weekday (fixed, and drifting), the place in the month by business days
from its beginning and its end and by the date, the first day after a closed one, drivers known ahead, a slow and a fast drift.
How large each part is, nobody knows: it is drawn around one value each, and forecasting weighs the draws by what was seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GUESSES, SPREAD, SEED = 32, 0.5, 0
MEAN = 100.0  # standard deviation of the level about which nothing is known; all are in units of the days' own spread
# Standard deviations, and lengths in days, of the middle guess. Set on the first 60 days of one series, and left.
MIDDLE: Mapping[str, float] = {
    "weekday": 1.0,
    "weekday_drift": 0.15,
    "weekday_days": 20.0,
    "month_begins": 0.35,
    "month_ends": 0.35,
    "date": 0.4,
    "date_days": 2.0,
    "after_closed": 3.0,
    "after_that": 0.3,
    "driver": 2.0,
    "slow": 0.5,
    "slow_days": 25.0,
    "fast": 0.5,
    "fast_days": 2.5,
    "noise": 0.35,
}
MONTH_BEGINS, MONTH_ENDS = 6, 4  # business days that count by themselves


@dataclass(frozen=True, slots=True)
class Prior:
    """Guesses over one calendar: `common` and `whitening` are (guesses, days, days); `whitening` is lower triangular.

    A leading block of `whitening` whitens the leading days: one prior serves every origin.
    """

    common: Floats
    whitening: Floats
    log_spread: Floats  # (guesses, days): log of the whitening's diagonal, negative


@dataclass(frozen=True, slots=True)
class _Calendar:
    weekday: Floats
    begins: Floats
    ends: Floats
    date: Floats
    after: Floats
    after_that: Floats
    drivers: Floats


def prior(dates: Sequence[date], drivers: Mapping[date, Sequence[str]] | None = None, guesses: int = GUESSES) -> Prior:
    """What may be thought of these open days, those to be forecast among them. `drivers`: what is known ahead, by day."""
    calendar = _calendar(dates, drivers or {})
    rng = np.random.default_rng(SEED)
    common, whitening = [], []
    for number in range(guesses):
        away = SPREAD * rng.standard_normal(len(MIDDLE)) * (number > 0)
        sizes = {name: value * float(np.exp(by)) for (name, value), by in zip(MIDDLE.items(), away, strict=True)}
        shared = _common(calendar, sizes)
        common.append(shared)
        whitening.append(np.linalg.inv(np.linalg.cholesky(shared + sizes["noise"] ** 2 * np.eye(len(dates)))))
    stacked = np.tril(np.array(whitening))
    return Prior(np.array(common), stacked, np.log(np.diagonal(stacked, axis1=1, axis2=2)))


def _common(of: _Calendar, sizes: Mapping[str, float]) -> Floats:
    same = of.weekday @ of.weekday.T
    apart = np.arange(len(same), dtype=np.float64)
    days = np.abs(apart[:, None] - apart[None, :])
    dates = np.exp(-0.5 * ((of.date[:, None] - of.date[None, :]) / sizes["date_days"]) ** 2)
    parts = [
        MEAN**2 * np.ones_like(same),
        sizes["weekday"] ** 2 * same,
        sizes["weekday_drift"] ** 2 * same * np.exp(-days / sizes["weekday_days"]),
        sizes["month_begins"] ** 2 * of.begins @ of.begins.T,
        sizes["month_ends"] ** 2 * of.ends @ of.ends.T,
        sizes["date"] ** 2 * dates,
        sizes["after_closed"] ** 2 * np.outer(of.after, of.after),
        sizes["after_that"] ** 2 * np.outer(of.after_that, of.after_that),
        sizes["driver"] ** 2 * of.drivers @ of.drivers.T,
        sizes["slow"] ** 2 * np.exp(-days / sizes["slow_days"]),
        sizes["fast"] ** 2 * np.exp(-days / sizes["fast_days"]),
    ]
    return np.asarray(np.sum(parts, axis=0), np.float64)


def _calendar(dates: Sequence[date], drivers: Mapping[date, Sequence[str]]) -> _Calendar:
    worked = sorted({day.weekday() for day in dates})
    known = set(dates)
    after = np.array([day != dates[0] and _before(day, worked) not in known for day in dates], np.float64)
    names = sorted({name for day in dates for name in drivers.get(day, ())})
    return _Calendar(
        weekday=np.array([[day.weekday() == one for one in range(7)] for day in dates], np.float64),
        begins=np.array([_one_of(min(_business_days(day.replace(day=1), day), MONTH_BEGINS), MONTH_BEGINS) for day in dates]),
        ends=np.array([_one_of(min(_business_days(day, _month_end(day)), MONTH_ENDS), MONTH_ENDS) for day in dates]),
        date=np.array([day.day for day in dates], np.float64),
        after=after,
        after_that=np.concatenate(([0.0], after[:-1])) * (1 - after),
        drivers=np.array([[name in drivers.get(day, ()) for name in names] for day in dates], np.float64).reshape(
            len(dates), len(names)
        ),
    )


def _before(day: date, worked: Sequence[int]) -> date:
    """The day before on which this place usually works."""
    day -= timedelta(days=1)
    while day.weekday() not in worked:
        day -= timedelta(days=1)
    return day


def _business_days(first: date, last: date) -> int:
    return sum((first + timedelta(days=n)).weekday() < 5 for n in range((last - first).days + 1))


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _one_of(place: int, places: int) -> list[float]:
    return [float(place == one) for one in range(1, places + 1)]
