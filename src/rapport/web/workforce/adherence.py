"""Adherence: how much of their shift so far each agent was there, and the times at which they were."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from rapport.ledger.tables import read_where
from rapport.matching.duty.turns import Turn, show, turns_over
from rapport.model.agent import AgentNow, Presence
from rapport.model.presence_was import PresenceWas
from rapport.web.desk.page import Seat
from rapport.web.workforce.shifts_reading import today_of

THERE = (Presence.AVAILABLE.value, Presence.BUSY.value)
BEFORE = timedelta(days=2)  # so far back goes what stands on the page: yesterday's nights
# How each stood when that began.
LAST = """id = any(array(select (
select was.id from presence_was was where was.tenant = $1 and was.agent = one and was.since < $2 order by was.since desc limit 1
) from unnest($3::text[]) as one))"""
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
    agents = [agent for agent in seat.centre.agents.values() if not agent.bot and only in ("", agent.id)]
    spells = spells_of(await _stood(seat, [agent.id for agent in agents], now), now)
    rows = []
    for agent in agents:
        for turn in turns_over(agent, seat.centre, today_of(seat, agent), 1):
            rows.append(adherence_of(turn, agent.name or agent.id, spells.get(agent.id, []), now))
    return tuple(sorted(rows, key=lambda row: (not row.missing, row.share is None, row.share or 0.0, row.name)))


async def _stood(seat: Seat, agents: Collection[str], now: datetime) -> list[PresenceWas]:
    """How the agents stood, from when it began; the rows in the order of time."""
    db, tenant, since = seat.db, seat.who.tenant, now - BEFORE
    found = await read_where(db, tenant, PresenceWas, LAST, since, agents)
    found += await read_where(db, tenant, PresenceWas, "presence <> '' and since >= $2 order by since", since)
    return with_now(sorted(found, key=lambda row: row.since), await read_where(db, tenant, AgentNow, "id = any($2)", agents))


def with_now(found: Sequence[PresenceWas], now: Iterable[AgentNow]) -> list[PresenceWas]:
    """The rows, and how those stand of whom nothing newer is among them: as they were set up, or since before all was kept."""
    last = {row.agent: row.since for row in found}
    fresh = [
        PresenceWas(bytes(16), one.id, one.presence.value, one.since)
        for one in now
        if one.since is not None and (one.id not in last or last[one.id] < one.since)
    ]
    return sorted([*found, *fresh], key=lambda row: row.since)


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
