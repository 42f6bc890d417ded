"""Report: the figures of a period beside those of the one before, by group, by day and by hour of the week. Pure."""

from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from msgspec.structs import replace

from rapport.measures.definitions import BY_ID, COLUMNS, MEASURES, OPEN_AT_THE_END, Measure
from rapport.measures.folding import Folded
from rapport.measures.intervals import mean_bounds
from rapport.measures.occupancy import OWNED, places
from rapport.measures.open_time import OpenTime, midnight
from rapport.measures.picking import Asked, Index, kept, picked, wanted, words_of
from rapport.measures.reckoning import Counted, Values, backlog, grouped, quantile
from rapport.measures.summing import parted, quantiles, spent, summed
from rapport.model.share import wilson

SECOND = 1000.0
UNITS = {"seconds": SECOND, "points": 100.0}  # what is reckoned in whole numbers, of one of its unit
HOURS, WEEKDAYS = 24, 7
MIDDLES = (0.5, 0.9)
MOST_LINES = 200


class Figure(msgspec.Struct, frozen=True):
    """One measure of one group. `value`: a share in [0, 1], seconds, or a number; None: nothing counts, or too few (`hidden`).

    `low` and `high`: its interval of 95 %; `middle` and `ninth`: of times, what half and nine tenths do not exceed.
    """

    measure: str
    count: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    middle: float | None = None
    ninth: float | None = None
    hidden: bool = False
    hits: int = 0


class Compared(msgspec.Struct, frozen=True):
    """A figure, and that of the period before without what half of its times do not exceed."""

    now: Figure
    before: Figure

    @property
    def change(self) -> float | None:
        """By how much it changed, in the unit of the measure."""
        if self.now.value is None or self.before.value is None or not self.before.count:
            return None
        return self.now.value - self.before.value

    @property
    def is_clear(self) -> bool:
        """Whether both intervals lie apart: more than chance."""
        now, before = self.now, self.before
        if now.low is None or now.high is None or before.low is None or before.high is None:
            return False
        return now.low > before.high or now.high < before.low


class Line(msgspec.Struct, frozen=True):
    """One group: its word, and its figures in the order of the columns that were asked for."""

    word: str
    figures: tuple[Figure, ...]


class Report(msgspec.Struct, frozen=True):
    """What a page of reports shows. `days` and `days_before`: the chosen measure by day; `week`: by weekday and hour."""

    figures: tuple[Compared, ...]
    lines: tuple[Line, ...]
    left_out: int
    days: tuple[Figure, ...]
    days_before: tuple[Figure, ...]
    week: tuple[tuple[Figure, ...], ...]


def figure(measure: Measure, count: int, total: int, squares: float) -> Figure:
    """A figure from what was counted and summed."""
    if measure.unit == "number":
        return Figure(measure.id, count, float(count))
    if count == 0:
        return Figure(measure.id)
    if count < measure.small:
        return Figure(measure.id, count, hidden=True)
    if measure.unit == "share":
        low, high = wilson(total, count)
        return Figure(measure.id, count, total / count, low, high, hits=total)
    unit = UNITS.get(measure.unit, 1.0)
    low, high = mean_bounds(total / unit, squares / unit**2, count)
    return Figure(measure.id, count, total / unit / count, low, high)


def one_figure(
    folded: Folded, name: str, asked: Asked, opening: OpenTime | None, bounds: tuple[int, int], *, middles: bool = True
) -> Figure:
    """One measure over the whole period, which lasts from and to `bounds`. `middles`: with what half and nine tenths are in."""
    measure = BY_ID[name]
    if name == "occupancy":
        _, here, busy = _spent(folded, asked, bounds)
        return _shared(measure, int(here.sum()), int(busy.sum()))
    if name in OPEN_AT_THE_END:
        ages = open_at_the_end(folded, asked, bounds).values
        return replace(_open(measure, len(ages), int(ages.sum())), **_middles([quantile(ages, share) for share in MIDDLES]))
    counted, ordered = summed(folded, name, asked, opening, middles=middles)
    found = figure(measure, int(counted.counts[0]), int(counted.totals[0]), float(counted.squares[0]))
    if not middles or measure.unit != "seconds" or found.value is None:
        return found
    return replace(found, **_middles(quantiles(ordered, MIDDLES)))


def _middles(found: list[int | None]) -> dict[str, float]:
    return dict(zip(("middle", "ninth"), ((value or 0) / SECOND for value in found), strict=True))


def _open(measure: Measure, count: int, total: int) -> Figure:
    """Of what is open: how many, or their mean age. All of it is counted, so there is no interval."""
    if measure.unit == "number":
        return Figure(measure.id, count, float(count))
    return Figure(measure.id, count, total / SECOND / count) if count else Figure(measure.id)


def _shared(measure: Measure, here: int, busy: int) -> Figure:
    """Time at work out of time present: no sample, so no interval."""
    return Figure(measure.id, here, busy / here, hits=busy) if here else Figure(measure.id)


def open_at_the_end(folded: Folded, asked: Asked, bounds: tuple[int, int]) -> Values:
    """What is open at the end of the period, and its ages; kept, as a report asks for it several times."""
    at = min(bounds[1], asked.at)
    return kept(folded, ("backlog", at, *asked.having.items()), lambda: backlog(folded, at, asked))


def _spent(folded: Folded, asked: Asked, bounds: tuple[int, int]) -> tuple[dict[str, Index], Index, Index]:
    """Time present and at work of those who are asked about; kept, as a report asks for it in all and by group."""
    key = ("spent", bounds, asked.at, *asked.having.items())
    return kept(folded, key, lambda: _spent_anew(folded, asked, bounds))


def _spent_anew(folded: Folded, asked: Asked, bounds: tuple[int, int]) -> tuple[dict[str, Index], Index, Index]:
    """Time present and at work of those who are asked about; none where it is asked for what nobody's time is parted by."""
    if set(asked.having) - set(OWNED):
        nothing = np.zeros(0, np.int64)
        return dict.fromkeys(OWNED, nothing), nothing, nothing
    until = min(bounds[1], asked.at)
    (here, busy), whose = spent(folded, bounds[0], until), places(folded, bounds[0], until)
    keep = np.ones(len(here), bool)
    for dimension, word in asked.having.items():
        keep &= whose[dimension] == wanted(folded, dimension, word)
    return {name: codes[keep] for name, codes in whose.items()}, here[keep], busy[keep]


def _codes_of(folded: Folded, by: str, asked: Asked) -> int:
    """How many groups there are, at most: those of words, of hours, of weekdays, or of days from the first on."""
    if by in folded.labels:
        return len(folded.labels[by].words)
    return {"hour": HOURS, "weekday": WEEKDAYS, "day": max(asked.end - asked.start, 1)}[by]


def by_group(folded: Folded, name: str, by: str, asked: Asked, opening: OpenTime | None) -> Counted:
    """A measure by the words, hours or days of a dimension."""
    return parted(folded, name, by, asked, opening, _codes_of(folded, by, asked))


def _figures(measure: Measure, counted: Counted) -> list[Figure]:
    return [figure(measure, int(n), int(t), float(q)) for n, t, q in zip(*counted, strict=True)]


def by_line(
    folded: Folded, by: str, asked: Asked, opening: OpenTime | None, bounds: tuple[int, int], names: tuple[str, ...]
) -> list[Line]:
    """Every group that has a conversation or an interaction, those with most first; hours and days in their order."""
    size = _codes_of(folded, by, asked)
    columns = [_by_group(folded, name, by, asked, opening, bounds, size) for name in names]
    seen = [n for n in range(size) if any(column[n].count for column in columns)]
    if by in folded.labels:
        seen.sort(key=lambda n: -columns[0][n].count)
    codes = np.array(seen, np.int64) + (asked.start if by == "day" else 0)
    words = words_of(folded, by, codes)
    return [Line(word, tuple(column[n] for column in columns)) for word, n in zip(words, seen, strict=True)]


def _by_group(
    folded: Folded, name: str, by: str, asked: Asked, opening: OpenTime | None, bounds: tuple[int, int], size: int
) -> list[Figure]:
    if name == "occupancy":
        return _occupied_by(folded, by, asked, bounds, size)
    if name in OPEN_AT_THE_END:
        return _open_by(BY_ID[name], by, asked, open_at_the_end(folded, asked, bounds), size)
    return _figures(BY_ID[name], by_group(folded, name, by, asked, opening))


def _open_by(measure: Measure, by: str, asked: Asked, found: Values, size: int) -> list[Figure]:
    """What is open, by group; by day only of what was opened in the period."""
    groups = found.rows.of(by) - (asked.start if by == "day" else 0)
    within = (groups >= 0) & (groups < size)
    counts, totals, _ = grouped(found.values[within], groups[within], size)
    return [_open(measure, int(n), int(total)) for n, total in zip(counts, totals, strict=True)]


def _occupied_by(folded: Folded, by: str, asked: Asked, bounds: tuple[int, int], size: int) -> list[Figure]:
    if by not in OWNED:
        return [Figure("occupancy")] * size
    whose, here, busy = _spent(folded, asked, bounds)
    there, worked = (grouped(time, whose[by], size).totals for time in (here, busy))
    return [_shared(BY_ID["occupancy"], int(a), int(b)) for a, b in zip(there, worked, strict=True)]


def by_week(folded: Folded, name: str, asked: Asked, opening: OpenTime | None) -> tuple[tuple[Figure, ...], ...]:
    """A measure by weekday, Monday first, and hour."""
    counted = parted(folded, name, "week", asked, opening, WEEKDAYS * HOURS)
    figures = _figures(BY_ID[name], counted)
    return tuple(tuple(figures[HOURS * day : HOURS * day + HOURS]) for day in range(WEEKDAYS))


def report(
    folded: Folded,
    asked: Asked,
    *,
    before: Asked,
    by: str,
    show: str,
    opening: OpenTime | None,
    zone: ZoneInfo,
    columns: str = "main",
) -> Report:
    """The whole report. `show`: the measure of the plot and the week; one that rows have. `columns`: one of COLUMNS."""
    folded.opening = opening.hours if opening is not None else folded.opening
    lasts, lasted = bounds_of(asked, zone), bounds_of(before, zone)
    now = (one_figure(folded, m.id, asked, opening, lasts) for m in MEASURES)
    then = (one_figure(folded, m.id, before, opening, lasted, middles=False) for m in MEASURES)
    figures = tuple(map(Compared, now, then))
    lines = by_line(folded, by, asked, opening, lasts, COLUMNS[columns])
    days, days_before = (
        tuple(_figures(BY_ID[show], by_group(folded, show, "day", period, opening))) for period in (asked, before)
    )
    return Report(
        figures,
        tuple(lines[:MOST_LINES]),
        max(0, len(lines) - MOST_LINES),
        days,
        days_before,
        by_week(folded, show, asked, opening),
    )


def bounds_of(asked: Asked, zone: ZoneInfo) -> tuple[int, int]:
    """When the period begins and ends where the centre is, in milliseconds."""
    return midnight(asked.start, zone), midnight(asked.end, zone)


def opening_of(folded: Folded, hours: dict[str, tuple[str, ...]], zone: ZoneInfo, at: int) -> OpenTime:
    """The centre's open time over everything that was recorded."""
    opened = folded.talks["opened"]
    first = int(opened.min()) if len(opened) else at
    return OpenTime(hours, zone, first, max(at, first))


def newest(folded: Folded, asked: Asked, most: int) -> tuple[list[bytes], int]:
    """The ids of the conversations that a report is about, those opened last first; and how many there are."""
    rows = picked(folded, "talks", asked).rows
    ordered = rows[np.argsort(-folded.talks["opened"][rows], kind="stable")[:most]]
    return [bytes(folded.ids[16 * row : 16 * row + 16]) for row in ordered.tolist()], len(rows)
