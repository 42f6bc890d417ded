"""The day as a planner sees it: what came, what was forecast, what is forecast now, who is needed and who is there."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.matching.duty.turns import turns_of
from rapport.matching.shifts import DAY, zone_of
from rapport.model.agent import Agent
from rapport.model.centre import Centre
from rapport.workforce.calendar_kernel import prior
from rapport.workforce.forecast import forecast, rooted
from rapport.workforce.intervals import bands, spread_of, updated
from rapport.workforce.queues import needed
from rapport.workforce.series import Series

Floats = NDArray[np.float64]
Drivers = Mapping[date, Sequence[str]]  # what is known ahead of a day
STEP = timedelta(minutes=30)
LEAST_DAYS, ENOUGH_DAYS = 3, 12  # days of history: for a forecast at all, and for bands of its own errors
CALIBRATED = 20  # origins whose errors make the bands
TARGET = 0.8


class Slot(msgspec.Struct, frozen=True):
    """Half an hour of today: `came` None where it has not ended; band of 80 %; people needed, and there."""

    at: time
    planned: float
    now: float
    low: float
    high: float
    came: int | None
    needed: int
    there: int
    waits: float = 0.0  # backlog at its end, in conversations, with who is there
    most: float = 0.0  # the backlog that its deadline lets wait: what came within that time; above it somebody is too late

    @property
    def over(self) -> int:
        """More there than needed; below 0: fewer."""
        return self.there - self.needed


class Day(msgspec.Struct, frozen=True):
    """Today. `history`: whole days that were learnt from; without enough there are no slots with a forecast."""

    slots: tuple[Slot, ...]
    history: int
    came: int
    planned: float
    total: float
    low: float
    high: float


def series_of(found: Sequence[tuple[datetime, int, int]], today: date, column: int = 1) -> Series | None:
    """The days before today, without gaps; None where there are too few. A day on which nothing came was closed."""
    before = [one for one in found if one[0].date() < today]
    dates = sorted({one[0].date() for one in before})
    if len(dates) < LEAST_DAYS:
        return None
    places = [_place(one[0]) for one in found]
    first, last = min(places), max(places) + 1
    counts = np.zeros((len(dates), last - first))
    row = {day: n for n, day in enumerate(dates)}
    for one in before:
        counts[row[one[0].date()], _place(one[0]) - first] += one[column]
    return Series(tuple(dates), counts, first * STEP, STEP)


def planned(series: Series, today: date, drivers: Drivers | None = None) -> tuple[Floats, Floats]:
    """The forecast of today, (intervals,), and the errors of those of the days before, on the root scale."""
    known = prior((*series.dates, today), drivers)
    first = max(LEAST_DAYS + 2, series.days - CALIBRATED) if series.days >= ENOUGH_DAYS else series.days
    late = [rooted(series.counts[at]) - rooted(forecast(series.counts[:at], known, 1)[0]) for at in range(first, series.days)]
    return forecast(series.counts, known, 1)[0], np.array(late)


def day_of(
    series: Series,
    found: Sequence[tuple[datetime, int, int]],
    now: datetime,
    *,
    there: Sequence[int],
    handle_seconds: float,
    places: float,
    within: float,
    waiting: int = 0,
    deadline: float = 0.0,
    drivers: Drivers | None = None,
    burst: tuple[float, float] = (0.0, 0.0),
) -> Day:
    """Today at `now`, by the clock of the place. `there`: people in each interval; `places`: conversations that one holds.

    `waiting`: how many wait now, which the backlog goes on from; `deadline`: seconds within which work that can wait is due;
    `burst`: how many more than usual may still come, and for how many seconds.
    """
    expected, errors = planned(series, now.date(), drivers)
    first, came = round(series.opens / STEP), np.zeros(len(expected))
    for began, count, _ in found:
        if began.date() == now.date() and 0 <= _place(began) - first < len(came):
            came[_place(began) - first] += count
    ended = min(max(_place(now) - first, 0), len(expected))
    rest = updated(expected, came[:ended], spread_of(errors), STEP)
    again = np.concatenate((came[:ended], rest))
    low, high = bands(again, errors)[[1, 3]]
    more = _more(len(again), ended, *burst)
    again, high = again + more, high + 2.0 * more  # it may end at once, or double
    load = np.maximum(again, 0.0) * handle_seconds / STEP.total_seconds()
    people = np.ceil(needed(load, handle_seconds, within, TARGET) / max(places, 1.0)).astype(int)
    waits = _waiting(again, there, handle_seconds, places, ended, waiting)
    most = _let_wait(again, deadline)
    shown = _Columns(expected, again, low, high, came, people, waits, most)
    slots = tuple(_slot(series, shown, n, ended, there) for n in range(len(expected)))
    spread = np.sqrt(float(((high - low)[ended:] ** 2).sum())) / 2
    total, so_far = float(again.sum()), int(came.sum())
    return Day(slots, series.days, so_far, float(expected.sum()), total, max(total - spread, so_far), total + spread)


class _Columns(NamedTuple):
    """What a day's slots are made of, each (intervals,)."""

    expected: Floats
    again: Floats
    low: Floats
    high: Floats
    came: Floats
    people: NDArray[np.int64]
    waits: Floats
    most: Floats


def _slot(series: Series, of: _Columns, n: int, ended: int, there: Sequence[int]) -> Slot:
    return Slot(
        at=(datetime.min + series.opens + n * STEP).time(),
        planned=float(of.expected[n]),
        now=float(of.again[n]),
        low=float(of.low[n]) if n >= ended else float(of.came[n]),
        high=float(of.high[n]) if n >= ended else float(of.came[n]),
        came=int(of.came[n]) if n < ended else None,
        needed=int(of.people[n]),
        there=there[n] if n < len(there) else 0,
        waits=float(of.waits[n]),
        most=float(of.most[n]),
    )


def there_by_shift(
    agents: Mapping[str, Agent], centre: Centre, today: date, slots: int, opens: timedelta, present: int
) -> tuple[list[int], list["Turn"]]:
    """People in each interval by their shifts, and the shifts; where nobody has any, those who are present now."""
    people = [agent for agent in agents.values() if not agent.bot]
    turns = [turn for agent in people for turn in turns_by_clock(agent, centre, today)]
    if not any(agent.shift for agent in people):
        return [present] * slots, []
    begins = [int((opens + n * STEP) / timedelta(minutes=1)) for n in range(slots)]
    return [sum(turn.start <= at < turn.end for turn in turns) for at in begins], turns


class Turn(msgspec.Struct, frozen=True):
    """A shift of today: minutes from midnight; below 0 where it began yesterday, above a day where it ends tomorrow."""

    agent: str
    name: str
    team: str
    start: int
    end: int


def turns_by_clock(agent: Agent, centre: Centre, day: date) -> list[Turn]:
    """An agent's shifts that touch a day, by the clock of the centre: a night belongs to two days."""
    zone, midnight = zone_of(centre.profile.zone), datetime.combine(day, time())
    found = []
    for turn in turns_of(agent, centre, day - timedelta(days=1), 3):
        start, end = (
            round((at.astimezone(zone).replace(tzinfo=None) - midnight) / timedelta(minutes=1))
            for at in (turn.begins, turn.ends)
        )
        if end > 0 and start < DAY:
            found.append(Turn(agent.id, agent.name or agent.id, agent.team, start, end))
    return found


def _more(count: int, ended: int, to_come: float, seconds: float) -> Floats:
    """What a burst brings in each interval that has not ended: it falls to nothing over the time that it may last."""
    found = np.zeros(count)
    if to_come > 0.0 and seconds > 0.0:
        ends = np.minimum(np.arange(count - ended + 1) * (STEP.total_seconds() / seconds), 1.0)
        found[ended:] = to_come * np.diff(1.0 - (1.0 - ends) ** 2)
    return found


def _let_wait(comes: Floats, deadline: float) -> Floats:
    """What may wait at the end of each interval: what came no longer ago than the deadline."""
    span = max(1, round(deadline / STEP.total_seconds()))
    whole = np.concatenate((np.zeros(1), np.cumsum(comes)))
    ends = np.arange(1, len(comes) + 1)
    return np.asarray(whole[ends] - whole[np.maximum(ends - span, 0)], np.float64)


def _waiting(comes: Floats, there: Sequence[int], handle_seconds: float, places: float, ended: int, waiting: int) -> Floats:
    """The backlog at the end of each interval that has not ended, from what waits now; 0 before."""
    left, found = float(waiting), np.zeros(len(comes))
    for n, came in enumerate(comes.tolist()):
        if n < ended:
            continue
        can = (there[n] if n < len(there) else 0) * places * STEP.total_seconds() / max(handle_seconds, 1.0)
        left = max(0.0, left + came - can)
        found[n] = left
    return found


def _place(at: datetime) -> int:
    return (at.hour * 60 + at.minute) // 30
