"""Adherence: how much of their shift so far each agent was there, and the times at which they were."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from rapport.ledger.tables import read_where
from rapport.matching.duty.turns import Turn, show, turns_of
from rapport.model.agent import Presence
from rapport.model.presence_was import PresenceWas
from rapport.web.desk import Seat
from rapport.web.shifts_reading import today_of

THERE = (Presence.AVAILABLE.value, Presence.BUSY.value)
BEFORE = timedelta(days=2)  # so far back is looked for how somebody stood when the day began
WIDE = 300.0  # of the small picture of a shift
Spell = tuple[datetime, datetime]


class Adherence(msgspec.Struct, frozen=True):
    """Somebody's shift of today. `share` of what has passed of it in [0, 1], None before it; `spells`: x and width, of 300."""

    agent: str
    name: str
    hours: str
    share: float | None
    minutes: int
    missing: bool = False
    spells: tuple[tuple[float, float], ...] = ()
    here: float = 0.0


async def adherence(seat: Seat, only: str) -> tuple[Adherence, ...]:
    """Everybody's shifts of today, or those of `only`; who is missing now first."""
    now = seat.office.clock.now()
    found = await read_where(
        seat.db, seat.who.tenant, PresenceWas, "presence <> '' and since >= $2 order by since", now - BEFORE
    )
    spells = spells_of(found, now)
    rows = []
    for agent in seat.centre.agents.values():
        if not agent.bot and only in ("", agent.id):
            for turn in turns_of(agent, seat.centre, today_of(seat, agent), 1):
                rows.append(adherence_of(turn, agent.name or agent.id, spells.get(agent.id, []), now))
    return tuple(sorted(rows, key=lambda row: (not row.missing, row.share is None, row.share or 0.0, row.name)))


def spells_of(found: Iterable[PresenceWas], now: datetime) -> Mapping[str, list[Spell]]:
    """When each agent was there, up to `now`; the rows in the order of time."""
    spells: defaultdict[str, list[Spell]] = defaultdict(list)
    last: dict[str, PresenceWas] = {}
    for row in [*found]:
        before = last.get(row.agent)
        if before is not None and before.presence in THERE:
            spells[row.agent].append((before.since, row.since))
        last[row.agent] = row
    for agent, row in last.items():
        if row.presence in THERE:
            spells[agent].append((row.since, now))
    return spells


def adherence_of(turn: Turn, name: str, spells: Sequence[Spell], now: datetime) -> Adherence:
    """One shift against when its agent was there."""
    hours = f"{show(turn.start)}–{show(turn.end)}"
    passed = (min(now, turn.ends) - turn.begins).total_seconds()
    if passed <= 0:
        return Adherence(turn.agent, name, hours, None, 0)
    inside = [(max(begin, turn.begins), min(end, turn.ends)) for begin, end in spells]
    inside = [(begin, end) for begin, end in inside if end > begin]
    there = sum((end - begin).total_seconds() for begin, end in inside)
    whole = (turn.ends - turn.begins).total_seconds()
    pieces = tuple(
        (round(WIDE * (begin - turn.begins).total_seconds() / whole, 1), round(WIDE * (end - begin).total_seconds() / whole, 1))
        for begin, end in inside
    )
    missing = now < turn.ends and not any(begin <= now <= end for begin, end in inside)
    return Adherence(
        turn.agent, name, hours, there / passed, round(there / 60), missing, pieces, round(WIDE * passed / whole, 1)
    )
