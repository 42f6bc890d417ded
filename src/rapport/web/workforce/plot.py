"""The workforce plots, in an SVG of 1180 by 250, drawn by the template: lines with a band, bars, and shifts as a Gantt."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time

import msgspec

from rapport.web.workforce.intraday import Day, Turn

LEFT, RIGHT, TOP, BOTTOM = 44.0, 1164.0, 24.0, 220.0
NICE = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 50_000)
ROW, MOST_ROWS = 26.0, 40


class Bar(msgspec.Struct, frozen=True):
    """A bar of people there against needed; `short`: fewer are there."""

    x: float
    y: float
    width: float
    height: float
    short: bool
    number: int


class Lane(msgspec.Struct, frozen=True):
    """Somebody's shift."""

    name: str
    x: float
    y: float
    width: float
    start: str
    end: str


class DayPlot(msgspec.Struct, frozen=True):
    """Points of the lines, the band's outline, bars, the backlog, lanes, and the grids."""

    came: str
    planned: str
    again: str
    band: str
    backlog: str
    deadline: str
    too_late: str  # when the backlog is first above what the deadline lets wait, as 17:30; "" never
    gone: str  # when nobody waits any more; "" not today
    grid: tuple[tuple[float, int], ...]
    hours: tuple[tuple[float, str], ...]
    here: float
    bars: tuple[Bar, ...]
    bars_most: int
    backlog_most: int
    lanes: tuple[Lane, ...]
    lanes_height: float


def day_plot(day: Day, now: datetime, turns: Sequence[Turn]) -> DayPlot:
    """The plots of a day."""
    count = max(len(day.slots), 1)
    wide = (RIGHT - LEFT) / count
    most = max([max(slot.high, slot.planned, slot.came or 0) for slot in day.slots] + [1.0])
    step = next((nice for nice in NICE if nice * 3 >= most), NICE[-1])

    def x(n: float) -> float:
        return round(LEFT + wide * n, 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(value / (3 * step), 1.0), 1)

    def line(values: Sequence[tuple[int, float]]) -> str:
        return " ".join(f"{x(n + 0.5)},{y(value)}" for n, value in values)

    ahead = [n for n, slot in enumerate(day.slots) if slot.came is None]
    ended = [n for n, slot in enumerate(day.slots) if slot.came is not None]
    upper = [(n, day.slots[n].high) for n in ahead]
    lower = [(n, day.slots[n].low) for n in reversed(ahead)]
    opens = day.slots[0].at.hour * 60 + day.slots[0].at.minute if day.slots else 0
    minute = now.hour * 60 + now.minute - opens
    return DayPlot(
        came=line([(n, float(day.slots[n].came or 0)) for n in ended]),
        planned=line([(n, slot.planned) for n, slot in enumerate(day.slots)]),
        again=line([(n, day.slots[n].now) for n in ahead]),
        band=line(upper + lower),
        backlog=_backlog(day, wide),
        deadline=_deadline(day, wide),
        too_late=_first(slot.at for slot in day.slots if slot.came is None and slot.waits > slot.most + 0.5),
        gone=_first(slot.at for slot in day.slots if slot.came is None and slot.waits < 0.5),
        grid=tuple((y(step * n), step * n) for n in range(4)),
        hours=_hours(day, wide),
        here=x(min(max(minute / 30.0, 0.0), float(count))),
        bars=_bars(day, wide),
        bars_most=max([abs(slot.over) for slot in day.slots] + [1]),
        backlog_most=round(max([slot.waits for slot in day.slots] + [0.0])),
        lanes=_lanes(turns, opens, wide),
        lanes_height=30.0 + ROW * min(len(turns), MOST_ROWS),
    )


def _hours(day: Day, wide: float) -> tuple[tuple[float, str], ...]:
    even = [(n, slot.at) for n, slot in enumerate(day.slots) if slot.at.minute == 0 and slot.at.hour % 2 == 0]
    return tuple((round(LEFT + wide * n, 1), f"{at:%H:%M}") for n, at in even)


def _first(times: Iterable[time]) -> str:
    return next((f"{at:%H:%M}" for at in times), "")


def _bars(day: Day, wide: float) -> tuple[Bar, ...]:
    """Above the middle line more are there than needed, below it fewer; of 120 in height."""
    most = max([abs(slot.over) for slot in day.slots] + [1])
    found = []
    for n, slot in enumerate(day.slots):
        height = round(52.0 * abs(slot.over) / most, 1)
        top = 60.0 - height if slot.over >= 0 else 60.0
        found.append(
            Bar(round(LEFT + wide * n + 1.5, 1), top, round(max(wide - 3.0, 1.0), 1), height, slot.over < 0, slot.over)
        )
    return tuple(found)


def _backlog(day: Day, wide: float) -> str:
    return _upto(day, wide, [slot.waits for slot in day.slots])


def _deadline(day: Day, wide: float) -> str:
    """The backlog that may be, on the same scale: above it somebody is answered too late."""
    return _upto(day, wide, [slot.most for slot in day.slots])


def _upto(day: Day, wide: float, values: Sequence[float]) -> str:
    most = max([slot.waits for slot in day.slots] + [1.0])
    return " ".join(
        f"{round(LEFT + wide * (n + 1), 1)},{round(100.0 - 84.0 * min(value / most, 1.0), 1)}"
        for n, (slot, value) in enumerate(zip(day.slots, values, strict=True))
        if slot.came is None
    )


def _lanes(turns: Sequence[Turn], opens: int, wide: float) -> tuple[Lane, ...]:
    found = []
    for row, turn in enumerate(sorted(turns, key=lambda one: (one.start, one.name))[:MOST_ROWS]):
        start, end = (min(max(LEFT + wide * (minute - opens) / 30.0, LEFT), RIGHT) for minute in (turn.start, turn.end))
        found.append(
            Lane(turn.name, round(start, 1), 6.0 + ROW * row, round(end - start, 1), _hour(turn.start), _hour(turn.end))
        )
    return tuple(found)


def _hour(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
