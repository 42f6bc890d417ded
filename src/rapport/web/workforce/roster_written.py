"""What a roster writes: each person's shifts by their own clock; what would break a rule stays open, one shift at a time."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.matching.duty.rostering import Rostered, breaks
from rapport.matching.duty.turns import at_wall, show
from rapport.matching.shifts import zone_of
from rapport.model.centre import Centre
from rapport.web.workforce.intraday import STEP
from rapport.web.workforce.roster_asked import SLOT, Worker
from rapport.workforce.roster import OFF

Ints = NDArray[np.int64]
LATEST = 6 * 60  # by then, of a day, a clock that changes has changed


class Open(msgspec.Struct, frozen=True):
    """A shift that nobody of `people` may legally take: how many are kept from it by what.

    `says`: the rule that it would have broken for the one who was to have it, in words; "" of others.
    """

    day: date
    at: str
    people: int
    why: dict[str, int]
    says: str = ""


def take(
    people: Sequence[Worker], works: dict[str, list[int]], days: Sequence[date], spans: Ints, opens: timedelta, centre: Centre
) -> Rostered:
    """What is written where the roster is taken over, by the clock of each agent."""
    turns = {one.agent.id: _turns(one, works.get(one.agent.id, []), days, spans, opens, centre) for one in people}
    return Rostered(tuple(day.isoformat() for day in days), turns)


def _turns(
    worker: Worker, kinds: Sequence[int], days: Sequence[date], spans: Ints, opens: timedelta, centre: Centre
) -> tuple[tuple[str, int, int], ...]:
    """What one works, by their own clock."""
    home, zone, found = zone_of(centre.profile.zone), zone_of(worker.agent.timezone or centre.profile.zone), []
    for day, kind in zip(days, kinds, strict=False):
        if kind != OFF:
            begin, end = (
                (datetime.combine(day, time(), home) + opens + int(slot) * STEP).astimezone(zone) for slot in spans[kind]
            )
            minute = begin.hour * 60 + begin.minute
            found.append((begin.date().isoformat(), minute, minute + round((end - begin) / timedelta(minutes=1))))
    return tuple(found)


def unlawful(
    people: Sequence[Worker],
    works: dict[str, list[int]],
    days: Sequence[date],
    spans: Ints,
    opens: timedelta,
    centre: Centre,
    whole: Sequence[date],
    today: date,
) -> list[Open]:
    """Shifts that would break a rule beside what stands, or where clocks change: they stay open, so the rest can be taken over.

    `whole`: all days that are written, closed ones too. Of each person, that shift goes first without which no rule is broken.
    """
    found = list[Open]()
    for worker in people:
        mine = works.get(worker.agent.id, [])

        def wrong(kinds: Sequence[int], worker: Worker = worker) -> str:
            return breaks(worker.agent, _turns(worker, kinds, days, spans, opens, centre), whole, centre, today)

        while (says := wrong(mine)) and any(kind != OFF for kind in mine):
            without = [(place, [*mine[:place], OFF, *mine[place + 1 :]]) for place, kind in enumerate(mine) if kind != OFF]
            place, rest = min(without, key=lambda one: (bool(wrong(one[1])), wrong(one[1]) == says, -one[0]))
            found.append(Open(days[place], clock_of(opens, int(spans[mine[place], 0])), 1, {}, says))
            works[worker.agent.id] = mine = rest
    return found


def nights(days: Sequence[date], zone: str) -> tuple[int, ...]:
    """Slots from the midnight of each day to that of the next: fewer in a night that lacks an hour; of one that has one more,
    none is counted on, as it may lie within a shift.
    """
    found = []
    for day, after in zip(days, days[1:], strict=False):
        real = at_wall(after, LATEST, zone) - at_wall(day, LATEST, zone)
        found.append(int(min(real, after - day) / STEP))
    return tuple(found)


def clock_of(opens: timedelta, slot: int) -> str:
    """The time of the wall at which a slot of the day begins."""
    return show(int(opens / timedelta(minutes=1)) + slot * SLOT)
