"""What a roster on the page is made from: the days asked for, who may work on them, what they would rather, what is needed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.matching.bursting.plan import ANSWERING
from rapport.matching.duty.legal import IN_A_ROW, SPAN
from rapport.matching.duty.turns import Turn, at_wall, leave_of, turns_of
from rapport.matching.shifts import zone_of
from rapport.model.agent import Agent
from rapport.model.centre import Centre
from rapport.web.workforce.intraday import STEP, TARGET, Drivers
from rapport.web.workforce.known_days import days_ahead
from rapport.web.workforce.what_if import able_of
from rapport.workforce.calendar_kernel import prior
from rapport.workforce.forecast import forecast
from rapport.workforce.queues import needed
from rapport.workforce.series import Series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_LANGUAGES, MOST_PEOPLE = 3, 200
SLOT = int(STEP / timedelta(minutes=1))
A_FREE_DAY = 6.0  # what a shift on a day that one has free now costs, beside an hour from the time at which one begins now


class RosterAsked(msgspec.Struct, frozen=True):
    """A week from `first` on: `hours` of a shift with its break, `pause` and `every` minutes, `shifts` of each person."""

    first: date
    hours: float = 8.0
    pause: int = 30
    every: int = 60
    shifts: int = 5


class Worker(msgspec.Struct, frozen=True):
    """Somebody to be rostered: the streams that they serve, the turns that stand now, and the days on which they are away."""

    agent: Agent
    able: frozenset[int]
    stands: tuple[Turn, ...]
    away: frozenset[date]


def asked_for(params: Mapping[str, str], today: date) -> RosterAsked:
    """What is asked for; a week from the next Monday on where nothing is said. Raises BadInput that names the field."""
    said = params.get("first", "")[:20]
    try:
        first = date.fromisoformat(said) if said else today + timedelta(days=7 - today.weekday())
    except ValueError:
        raise BadInput(f"a day such as 2026-03-09 is needed, got {said!r}") from None
    if not today < first <= today + timedelta(days=50):
        raise BadInput(f"a roster begins tomorrow or later, at most 50 days ahead, got {first}")
    limits = {"hours": (1.0, 12.0), "pause": (0.0, 180.0), "every": (30.0, 240.0), "shifts": (1.0, 7.0)}
    found: dict[str, float] = {}
    for name, (low, high) in limits.items():
        text = params.get(name, "")[:20].strip().replace(",", ".")
        try:
            found[name] = float(text) if text else float(getattr(RosterAsked(first), name))
        except ValueError:
            raise BadInput(f"{name} is a number from {low:g} to {high:g}, got {text!r}") from None
        if not low <= found[name] <= high:
            raise BadInput(f"{name} is a number from {low:g} to {high:g}, got {text!r}")
    if any(minutes % SLOT for minutes in (found["hours"] * 60, found["pause"], found["every"])) or found["shifts"] % 1:
        raise BadInput(f"shifts, breaks and beginnings go by {SLOT} minutes, and so many shifts are a whole number")
    return RosterAsked(first, found["hours"], int(found["pause"]), int(found["every"]), int(found["shifts"]))


def workers_of(centre: Centre, asked: RosterAsked, languages: Sequence[str]) -> list[Worker]:
    """Whose role is to answer people. Raises BadInput where there is nobody, or too many."""
    people = sorted((one for one in centre.agents.values() if not one.bot and one.role in ANSWERING), key=lambda one: one.id)
    if not 0 < len(people) <= MOST_PEOPLE:
        raise BadInput(f"1 to {MOST_PEOPLE} people are rostered together, and {len(people)} answer people here")
    week = {asked.first + timedelta(days=n) for n in range(-1, 8)}  # a day more on both sides, for who has another clock
    found = []
    for agent in people:
        away = leave_of(agent.shift) & week
        able = frozenset(n for n, can in enumerate(able_of(agent, languages)) if can)
        found.append(
            Worker(agent, able, tuple(turns_of(agent, centre, asked.first - timedelta(days=SPAN), 7 + 2 * SPAN)), away)
        )
    return found


def required(
    series: Series, days: Sequence[date], known: Drivers, shares: Sequence[float], *, work: float, within: float, after: date
) -> Ints:
    """People asked for, (days, streams, slots): each language as many as its work keeps busy; the last stream, which everybody
    serves, what is still missing to the pool that answers eight of ten in time. `work`: seconds of one at a time.
    """
    between = days_ahead(series.dates, known, after, 60)[0]
    coming = [day for day in between if day <= days[-1]]
    rates = forecast(series.counts, prior((*series.dates, *coming), known), len(coming))[[coming.index(day) for day in days]]
    load = rates * work / STEP.total_seconds()
    pooled = needed(load, work, within, TARGET)
    each = [np.ceil(load * share - 0.05).astype(np.int64) for share in shares]
    rest = np.maximum(pooled - np.sum(each, axis=0, dtype=np.int64), 0) if each else pooled
    return np.stack([*each, rest], axis=1)


def wishes(
    workers: Sequence[Worker], days: Sequence[date], spans: Ints, opens: timedelta, centre: Centre
) -> tuple[Floats, Ints]:
    """What each minds of each shift, and which they may (1): (people, days, templates). What stands now is changed least."""
    begins, home = int(opens / timedelta(minutes=1)) + spans * SLOT, zone_of(centre.profile.zone)
    times = [[tuple(at_wall(day, int(at), centre.profile.zone) for at in both) for both in begins] for day in days]
    costs, may = np.zeros((len(workers), len(days), len(spans))), np.ones((len(workers), len(days), len(spans)), np.int64)
    for row, worker in enumerate(workers):
        now = {
            day: _minute(turn.begins, day, centre) for turn in worker.stands for day in [turn.begins.astimezone(home).date()]
        }
        zone = zone_of(worker.agent.timezone or centre.profile.zone)
        for place, day in enumerate(days):
            if day in now:
                costs[row, place] = np.abs(begins[:, 0] - now[day]) / 60.0
            elif now:
                costs[row, place] = A_FREE_DAY
            away = [kind for kind, (at, _) in enumerate(times[place]) if at.astimezone(zone).date() in worker.away]
            may[row, place, away] = 0
        _beside(may[row], worker, days, times, centre)
    return costs, may


def _beside(
    may: Ints, worker: Worker, days: Sequence[date], times: Sequence[Sequence[tuple[datetime, ...]]], centre: Centre
) -> None:
    """What stands before the week and after it: rest to it in real time, and no more than six days in a row with it."""
    rest, home = timedelta(hours=centre.profile.rest_hours), zone_of(centre.profile.zone)
    stands = [(turn.begins.astimezone(home).date(), turn) for turn in worker.stands]
    ended = max((turn.ends for day, turn in stands if day < days[0]), default=None)
    follows = min((turn.begins for day, turn in stands if day > days[-1]), default=None)
    for place, of in enumerate(times):
        for kind, (begins, ends) in enumerate(of):
            if (ended and begins - ended < rest) or (follows and follows - ends < rest):
                may[place, kind] = 0
    worked = {day for day, _ in stands if not days[0] <= day <= days[-1]}
    for step, edge in ((-1, days[0]), (1, days[-1])):
        run = 0
        while edge + timedelta(days=step * (run + 1)) in worked:
            run += 1
        if run and (out := edge - timedelta(days=step * max(IN_A_ROW - run, 0))) in days:
            may[days.index(out)] = 0


def _minute(at: datetime, day: date, centre: Centre) -> int:
    """Minutes from the midnight of a day by the clock of the centre."""
    wall = at.astimezone(zone_of(centre.profile.zone)).replace(tzinfo=None)
    return round((wall - datetime.combine(day, time())) / timedelta(minutes=1))
