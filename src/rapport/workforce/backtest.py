"""The honest look back: forecast each day of the past from what was known before it, and measure.

WAPE in percent; pinball in percent of the mean volume over the quantiles of `intervals`; MASE against the days one week before;
coverages as fractions. Seconds count all that an origin needs, its share of the errors that make the bands too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.workforce.baselines import last_week, mean_of_weeks
from rapport.workforce.calendar_kernel import prior
from rapport.workforce.forecast import forecast, rooted
from rapport.workforce.intervals import EARLY, LATE, QUANTILES, bands, spread_of, updated
from rapport.workforce.series import Series

Floats = NDArray[np.float64]
DEFAULT_DAYS = 64
LEAST = 10  # days of history before an origin
SHARES = (1 / 7, 2 / 7, 3 / 7, 4 / 7)  # of the day, after which its rest is forecast again


@dataclass(frozen=True, slots=True)
class Looked:
    """Every origin with what was forecast and what came: (origins, ahead, intervals); bands (quantiles, origins, ...)."""

    origins: tuple[int, ...]
    expected: Floats
    came: Floats
    bands: Floats
    rest: Mapping[int, tuple[float, float]]  # after so many intervals: WAPE of the rest of the day, without and with update


def origins_of(series: Series, days: tuple[int, int] | None, ahead: int) -> list[int]:
    """The days from which is forecast, every `ahead` days, within `days` (from, to; to is the first that is left out).

    Raises:
        BadInput: there is not enough history, or the days are not those of the series.
    """
    first, last = days or (max(LEAST, series.days - DEFAULT_DAYS), series.days)
    if series.days < LEAST + ahead or first < LEAST:
        raise BadInput(
            f"a back-test needs {LEAST} days of history and {ahead} to look at; this series has {series.days} days, "
            f"and {first} are before day {first}: bring more days, or begin later"
        )
    if not 0 <= first < last <= series.days:
        raise BadInput(f"days must be FROM:TO within 0:{series.days}, got {first}:{last}")
    if first + ahead > last:
        raise BadInput(f"days {first}:{last} are too few to look {ahead} days ahead")
    return list(range(first, last - ahead + 1, ahead))


def look_back(
    series: Series, origins: Sequence[int], ahead: int, drivers: Mapping[date, Sequence[str]] | None = None
) -> Looked:
    """Forecast from every origin with what was known then."""
    counts, known = series.counts, prior(series.dates, drivers)
    earliest = min(EARLY, max(LEAST, origins[0] // 2))
    needed = sorted({at for t in origins for at in range(max(earliest, t - ahead + 1 - LATE), t - ahead + 1)} | set(origins))
    found = {at: forecast(counts[:at], known, min(ahead, series.days - at)) for at in needed}
    errors = {at: rooted(counts[at : at + ahead]) - rooted(found[at]) for at in needed}
    late = {t: _late(errors, t, ahead, earliest) for t in origins}
    return Looked(
        tuple(origins),
        np.array([found[t] for t in origins]),
        np.array([counts[t : t + ahead] for t in origins]),
        np.stack([_banded(found[t], late[t]) for t in origins], axis=1),
        _rests(series, origins, found, late) if ahead == 1 else {},
    )


def _banded(found: Floats, late: Floats) -> Floats:
    """The bands of each day ahead, (quantiles, ahead, intervals), by the errors of forecasts so far ahead."""
    return np.stack([bands(day, late[:, nth] if late.size else late) for nth, day in enumerate(found)], axis=1)


def _late(errors: Mapping[int, Floats], origin: int, ahead: int, earliest: int) -> Floats:
    """Errors that were known at `origin`: those of forecasts whose last day lies before it."""
    kept = [errors[at] for at in range(max(earliest, origin - ahead + 1 - LATE), origin - ahead + 1) if at in errors]
    return np.array(kept) if kept else np.zeros(0)


def _rests(
    series: Series, origins: Sequence[int], found: Mapping[int, Floats], late: Mapping[int, Floats]
) -> dict[int, tuple[float, float]]:
    across = series.counts.shape[1]
    told = {}
    for after in sorted({round(share * across) for share in SHARES} - {0}):
        plain = moved = came = 0.0
        for at in origins:
            day = series.counts[at]
            again = updated(found[at][0], day[:after], spread_of(late[at]), series.step)
            plain += float(np.abs(day[after:] - found[at][0][after:]).sum())
            moved += float(np.abs(day[after:] - again).sum())
            came += float(day[after:].sum())
        told[after] = (_percent(plain, came), _percent(moved, came))
    return told


def figures(series: Series, looked: Looked) -> dict[str, float]:
    """wape, mase, pinball, cover80, cover95 of a look back."""
    came, off = looked.came, np.abs(looked.came - looked.expected)
    inside = [((came >= looked.bands[low]) & (came <= looked.bands[high])).mean() for low, high in ((1, 3), (0, 4))]
    scale = _weekly_change(series, looked.origins[0])
    return {
        "wape": round(_percent(float(off.sum()), float(came.sum())), 3),
        "mase": round(float(off.mean()) / scale, 4) if scale else 0.0,
        "pinball": round(_percent(_pinball(looked), float(came.mean())), 3),
        "cover80": round(float(inside[0]), 4),
        "cover95": round(float(inside[1]), 4),
    }


def anchors(series: Series, origins: Sequence[int], ahead: int) -> dict[str, float]:
    """WAPE of the baselines on the same days."""
    ways: dict[str, Callable[[Floats, Sequence[date], int], Floats]] = {
        "last_week": last_week,
        "mean_of_4_weeks": mean_of_weeks,
    }
    came = np.array([series.counts[t : t + ahead] for t in origins])
    told = {}
    for name, way in ways.items():
        found = np.array([way(series.counts[:t], series.dates, ahead) for t in origins])
        told[name] = round(_percent(float(np.abs(came - found).sum()), float(came.sum())), 3)
    return told


def _pinball(looked: Looked) -> float:
    above = looked.came[None] - looked.bands
    shares = np.array(QUANTILES).reshape(-1, 1, 1, 1)
    return float(np.maximum(shares * above, (shares - 1) * above).mean())


def _weekly_change(series: Series, first: int) -> float:
    week = len({day.weekday() for day in series.dates})
    last = min(first + week, series.days)
    return float(np.abs(series.counts[week:last] - series.counts[: last - week]).mean()) if last > week else 0.0


def _percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole > 0 else 0.0
