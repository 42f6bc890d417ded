"""The wallboard's plot: points of two lines in an SVG of 1180 by 250, drawn by the template; no script is needed to see it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from rapport.measures.service import STEP, Interval
from rapport.web.scales import scale_of

LEFT, RIGHT, TOP, BOTTOM = 44.0, 1164.0, 24.0, 220.0
HOURS_APART = 3


class Plot(msgspec.Struct, frozen=True):
    """Two lines, a grid and the figures in words. Coordinates in the SVG's own units."""

    received_points: str
    sent_points: str
    grid: tuple[tuple[float, int], ...]
    hours: tuple[tuple[float, datetime], ...]
    here: float
    last: tuple[float, float] | None
    now: int
    received: int
    answered: int
    peak: int
    peak_at: datetime
    busy: tuple[Interval, ...]
    told: str = ""  # the same as JSON, for a script


def plotted(intervals: Sequence[Interval], *, since: datetime, until: datetime, now: datetime) -> Plot:
    """The plot of the day from `since` to `until`; its lines end with the last whole quarter.

    `last` and `now`: where the running quarter stands so far.
    """
    zone, (since, until) = since.tzinfo, (since.astimezone(UTC), until.astimezone(UTC))  # a day may have 23 or 25 hours
    complete = [i for i in intervals if i.start + STEP <= now]
    running = intervals[-1] if intervals else Interval(since)
    whole = max((until - since) / timedelta(seconds=1), 1.0)
    most = max((max(i.received, i.answered) for i in intervals), default=0)
    ticks = scale_of(most)
    peak = max(intervals, key=lambda i: i.received, default=Interval(since))

    def x(at: datetime) -> float:
        return round(LEFT + (RIGHT - LEFT) * ((at - since).total_seconds() / whole), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / max(ticks[-1], 1), 1)

    middles = [min(i.start + STEP / 2, now) for i in complete]
    received = [(x(at), y(i.received)) for at, i in zip(middles, complete, strict=True)]
    sent = [(x(at), y(i.answered)) for at, i in zip(middles, complete, strict=True)]
    every = timedelta(hours=HOURS_APART)
    marks = int((until - since) / every)
    return Plot(
        received_points=" ".join(f"{a},{b}" for a, b in received),
        sent_points=" ".join(f"{a},{b}" for a, b in sent),
        grid=tuple((y(tick), tick) for tick in ticks),
        hours=tuple((x(since + n * every), since + n * every) for n in range(marks + 1)),
        here=x(min(now, until)),
        last=(x(min(now, until)), y(running.received)) if intervals else None,
        now=running.received,
        received=sum(i.received for i in intervals),
        answered=sum(i.answered for i in intervals),
        peak=peak.received,
        peak_at=peak.start,
        busy=tuple(i for i in reversed(intervals) if i.received or i.answered),
        told=_told(complete, intervals, since.astimezone(zone), whole),
    )


def _told(complete: Sequence[Interval], intervals: Sequence[Interval], since: datetime, seconds: float) -> str:
    """What a script draws: seconds from a midnight on as they pass, and what the clock of the place showed at each.

    The quarter that runs is a line of its own, of one point: what came so far is no fall of the whole quarters before it.
    """
    midnight = int(since.replace(tzinfo=UTC).timestamp())
    first = since.astimezone(UTC)
    at = [midnight + round((i.start.astimezone(UTC) - first).total_seconds()) for i in intervals]
    names = [f"{i.start.astimezone(since.tzinfo):%H:%M}" for i in intervals]
    after = [None] * (len(intervals) - len(complete))
    lines = [[i.received for i in complete] + after, [i.answered for i in complete] + after]
    lines.append([None] * len(complete) + [i.received for i in intervals[len(complete) :]])
    day = [midnight, midnight + round(seconds)]
    said = {"x": at, "lines": lines, "unit": "number", "by": "clock", "names": names, "range": day}
    return msgspec.json.encode(said).decode()
