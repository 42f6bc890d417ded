"""The plot of a report: a measure by day against the period before, as points of an SVG of 1180 by 250; no script is needed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from rapport.measures.report import Figure

LEFT, RIGHT, TOP, BOTTOM = 64.0, 1164.0, 20.0, 220.0
MARKS = 8
DOTTED = 31  # days, up to which each has its point and its interval
EPOCH = date(1970, 1, 1)
STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


class DayShown(msgspec.Struct, frozen=True):
    """One day: its figure, and that of the day at the same place of the period before."""

    day: date
    now: Figure
    before: Figure


class DaysPlot(msgspec.Struct, frozen=True):
    """Lines as points of an SVG; a day without a figure parts a line in two. `band`: the interval of the period's own line."""

    lines: tuple[str, ...]
    lines_before: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    bands: tuple[str, ...]
    grid: tuple[tuple[float, float], ...]
    marks: tuple[tuple[float, date], ...]
    told: str = ""  # the same as JSON, for a script: values in the unit that people read, of days at noon


def days_plot(days: Sequence[DayShown], unit: str) -> DaysPlot:
    """The plot. `unit` share: its scale ends at 1 at most; score: it goes from -100 to 100."""
    known = [value for one in days for value in (one.now.value, one.before.value) if value is not None]
    floor, top = (-100.0, 100.0) if unit == "score" else (0.0, _top(max(known, default=1.0), unit))

    def x(n: int) -> float:
        return round(LEFT + (RIGHT - LEFT) * (n + 0.5) / max(len(days), 1), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (min(max(value, floor), top) - floor) / (top - floor), 1)

    now = _runs([(x(n), None if one.now.value is None else y(one.now.value)) for n, one in enumerate(days)])
    before = _runs([(x(n), None if one.before.value is None else y(one.before.value)) for n, one in enumerate(days)])
    spans = [
        (x(n), y(one.now.low), y(one.now.high))
        for n, one in enumerate(days)
        if one.now.low is not None and one.now.high is not None
    ]
    every = max(1, -(-len(days) // MARKS))
    return DaysPlot(
        lines=tuple(_points(run) for run in now if len(run) > 1),
        lines_before=tuple(_points(run) for run in before if len(run) > 1),
        dots=tuple(point for run in now for point in run) if len(days) <= DOTTED else tuple(r[0] for r in now if len(r) == 1),
        bands=tuple(f"M{at} {low}V{high}" for at, low, high in spans) if len(days) <= DOTTED else (),
        grid=tuple((y(floor + (top - floor) * n / 4), floor + (top - floor) * n / 4) for n in range(5)),
        marks=tuple((x(n), one.day) for n, one in enumerate(days) if n % every == 0),
        told=_told(days, unit, floor, top),
    )


def _told(days: Sequence[DayShown], unit: str, floor: float, top: float) -> str:
    """What a script draws: days as seconds since 1970, and the values of both periods; None where nothing counts."""
    size = 100.0 if unit == "share" else 1.0
    lines = [[None if one.value is None else one.value * size for one in column] for column in _columns(days)]
    at = [(one.day - EPOCH).days * 86_400 + 43_200 for one in days]
    # Any: numbers, and lists of them
    said: dict[str, Any] = {"x": at, "lines": lines, "unit": unit, "by": "day", "bottom": floor * size, "top": top * size}
    if len(days) == 1:  # which would else stand at the edge of years
        said["range"] = [at[0] - 43_200, at[0] + 43_200]
    if len(days) <= DOTTED:
        said["spans"] = [_span(one.now, size) for one in days]
    return msgspec.json.encode(said).decode()


def _span(one: Figure, size: float) -> list[float] | None:
    return None if one.low is None or one.high is None else [one.low * size, one.high * size]


def _columns(days: Sequence[DayShown]) -> tuple[list[Figure], list[Figure]]:
    return [one.now for one in days], [one.before for one in days]


def _top(most: float, unit: str) -> float:
    """The end of the scale: a round number above the highest value."""
    if unit == "share" and most > 0.5:
        return 1.0
    size = 1e-3
    while size * 10 < most:
        size *= 10
    return next((step * size for step in STEPS if step * size >= most), size * 10)


def _runs(points: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    found: list[list[tuple[float, float]]] = [[]]
    for at, value in points:
        if value is None:
            found.append([])
        else:
            found[-1].append((at, value))
    return [run for run in found if run]


def _points(run: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{at},{value}" for at, value in run)


def shown_days(first: date, days: Sequence[Figure], before: Sequence[Figure]) -> tuple[DayShown, ...]:
    """The days in their order."""
    return tuple(DayShown(first + timedelta(days=n), now, then) for n, (now, then) in enumerate(zip(days, before, strict=True)))
