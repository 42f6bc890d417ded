"""The next days' forecast, and the honest look back: each past day forecast from what was known one to five days before it."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.web.scales import scale_of
from rapport.web.workforce.known_days import days_ahead
from rapport.workforce import backtest
from rapport.workforce.baselines import last_week, mean_of_weeks
from rapport.workforce.calendar_kernel import prior
from rapport.workforce.forecast import counted, forecast, rooted
from rapport.workforce.series import Series

Floats = NDArray[np.float64]
LOOKED_DAYS, MOST_AHEAD, NEXT_DAYS = 28, 5, 7
MOST_TICKS = 8  # days that are named below the plot
LEAST_ERRORS = 8  # of totals, below which no band is drawn
WIDE, HIGH, LEFT, TOP = 1120.0, 160.0, 44.0, 16.0


class Horizon(msgspec.Struct, frozen=True):
    """Forecasts so many open days ahead, each half-hour: WAPE in percent, coverages as fractions; `days_off`: of whole days."""

    ahead: int
    days: int
    wape: float
    days_off: float
    last_week: float
    mean_of_weeks: float
    cover80: float
    cover95: float


class PastDay(msgspec.Struct, frozen=True):
    """A day, and what was forecast of it the day before, 8 of 10 between `low` and `high` (None: not known then)."""

    day: date
    came: int
    planned: float
    low: float | None
    high: float | None
    known: tuple[str, ...]

    @property
    def off(self) -> float:
        """How far off, as a fraction of what came."""
        return (self.planned - self.came) / self.came if self.came else 0.0

    @property
    def inside(self) -> bool:
        """Whether it lay within its band."""
        return self.low is not None and self.high is not None and self.low <= self.came <= self.high


class NextDay(msgspec.Struct, frozen=True):
    """A day to come; without errors to learn from there is no band."""

    day: date
    planned: float
    low: float | None
    high: float | None
    known: tuple[str, ...]


class LookBackPage(msgspec.Struct, frozen=True):
    """The page. `closed`: public holidays between the next days. Lines and band: points in an SVG of 1180 by 200.

    `grid` and `ticks`: where lines of the scale and days stand, with what is written there. `lacks`: why there is nothing.
    """

    history: int
    horizons: tuple[Horizon, ...]
    past: tuple[PastDay, ...]
    ahead: tuple[NextDay, ...]
    closed: tuple[date, ...]
    came: str = ""
    planned: str = ""
    band: str = ""
    most: int = 0
    grid: tuple[tuple[float, int], ...] = ()
    ticks: tuple[tuple[float, date], ...] = ()
    lacks: str = ""


def looked_back(series: Series, today: date, known: Mapping[date, Sequence[str]]) -> LookBackPage:
    """Everything on the page. Raises BadInput where the history is too short."""
    first = max(backtest.LEAST, series.days - LOOKED_DAYS)
    if series.days <= first:
        backtest.origins_of(series, None, 1)  # it says what is missing
        raise BadInput(f"a back-test needs a day more than {backtest.LEAST} days of history, this series has {series.days}")
    ahead = min(MOST_AHEAD, series.days - first)
    looked = backtest.look_back(series, range(first, series.days), 1, known)
    further = backtest.look_back(series, range(first, series.days - ahead + 1), ahead, known)
    horizons = [_horizon(series, looked, 1, 0)] + [_horizon(series, further, ahead, nth) for nth in range(1, ahead)]
    past = _past(series, looked, known)
    errors = [_roots(further.came[:, nth]) - _roots(further.expected[:, nth]) for nth in range(ahead)]
    errors[0] = _roots(looked.came[:, 0]) - _roots(looked.expected[:, 0])
    coming, closed = days_ahead(series.dates, known, today, NEXT_DAYS)
    found = forecast(series.counts, prior((*series.dates, *coming), known), len(coming)).sum(axis=1)
    following = [
        NextDay(day, float(total), *_band(float(total), errors[min(nth, ahead - 1)]), tuple(known.get(day, ())))
        for nth, (day, total) in enumerate(zip(coming, found.tolist(), strict=True))
    ]
    return LookBackPage(series.days, tuple(horizons), tuple(past), tuple(following), tuple(closed), *_plot(past))


def _roots(counts: Floats) -> Floats:
    return rooted(counts.sum(axis=-1))


def _band(total: float, errors: Floats) -> tuple[float | None, float | None]:
    """8 of 10 lie within it; None, None with too few errors."""
    if len(errors) < LEAST_ERRORS:
        return None, None
    low, high = (float(counted(rooted(np.array(total)) + np.quantile(errors, share))) for share in (0.1, 0.9))
    return low, high


def _horizon(series: Series, looked: backtest.Looked, ahead: int, nth: int) -> Horizon:
    came, expected, bands = looked.came[:, nth], looked.expected[:, nth], looked.bands[:, :, nth]
    inside = [float(((came >= bands[low]) & (came <= bands[high])).mean()) for low, high in ((1, 3), (0, 4))]
    beside = [
        np.array([way(series.counts[:t], series.dates, ahead)[nth] for t in looked.origins])
        for way in (last_week, mean_of_weeks)
    ]
    totals = came.sum(axis=1, keepdims=True)
    return Horizon(
        nth + 1,
        len(looked.origins),
        _off(came, expected),
        _off(totals, expected.sum(axis=1, keepdims=True)),
        _off(came, beside[0]),
        _off(came, beside[1]),
        *inside,
    )


def _off(came: Floats, found: Floats) -> float:
    whole = float(came.sum())
    return 100.0 * float(np.abs(came - found).sum()) / whole if whole > 0 else 0.0


def _past(series: Series, looked: backtest.Looked, known: Mapping[date, Sequence[str]]) -> list[PastDay]:
    came, planned = looked.came[:, 0].sum(axis=1), looked.expected[:, 0].sum(axis=1)
    errors = rooted(came) - rooted(planned)
    return [
        PastDay(day, int(came[n]), float(planned[n]), *_band(float(planned[n]), errors[:n]), tuple(known.get(day, ())))
        for n, day in enumerate(series.dates[at] for at in looked.origins)
    ]


def _plot(
    past: Sequence[PastDay],
) -> tuple[str, str, str, int, tuple[tuple[float, int], ...], tuple[tuple[float, date], ...]]:
    """Lines of what came and was forecast, the band's outline, the most of them, the scale and the days below it."""
    most = max(1.0, *(max(one.came, one.planned, one.high or 0.0) for one in past))
    step, scale = WIDE / max(len(past) - 1, 1), scale_of(ceil(most))

    def y(value: float) -> float:
        return round(TOP + HIGH * (1.0 - value / scale[-1]), 1)

    def at(n: int, value: float) -> str:
        return f"{LEFT + n * step:.1f},{y(value)}"

    banded = [(n, one.low, one.high) for n, one in enumerate(past) if one.low is not None and one.high is not None]
    outline = [at(n, high) for n, _, high in banded] + [at(n, low) for n, low, _ in reversed(banded)]
    lines = [" ".join(at(n, value) for n, value in enumerate(of)) for of in ([p.came for p in past], [p.planned for p in past])]
    every = max(1, -(-len(past) // MOST_TICKS))
    ticks = tuple((round(LEFT + n * step, 1), past[n].day) for n in range(len(past) - 1, -1, -every))
    return lines[0], lines[1], " ".join(outline), round(most), tuple((y(value), value) for value in scale), ticks
