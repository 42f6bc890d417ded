"""The loop that looks for persons who are nearly known by the same: a letter left out of a mailbox, a digit of a number.

The pipeline merges and asks by what is exactly the same; this looks beside it, at whoever is new or was changed, by digests of
what two spellings of one thing share (`people.identity.blocking`). What it finds is a fact; a human decides of it.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass

import asyncpg
import structlog

from rapport.ledger.entry import read_fact
from rapport.ledger.intake import Within
from rapport.ledger.seal import Keys
from rapport.ledger.tables import read_rows, read_where
from rapport.model.fact import (
    INBOUND,
    AttributeCorrected,
    Fact,
    JourneyEventSeen,
    PersonDeclared,
    PersonRecognised,
)
from rapport.model.fact_rights import LikenessFound
from rapport.model.person import Alike, Apart, Handle, Person, alike_id
from rapport.people.identity.blocking import LARGEST
from rapport.people.identity.evidence import Record, compare
from rapport.people.identity.resembling import blocks, record_of, worth_comparing

log = structlog.get_logger()
MOST_READ = 250  # entries of a look
AT_A_TIME = 10  # persons; then what the worker is there for has its turn: a message that came meanwhile does not wait for us
REST = 0.002  # seconds of that turn: a round yields several times, and must not find us there each time
PORTION = 25  # pairs that are told at once
CURSOR = "likeness"
TELLING: dict[int, type[Fact]] = {
    kind.number: kind for kind in (PersonRecognised, PersonDeclared, JourneyEventSeen, AttributeCorrected)
}
# Up to where the views are: before the first that waits, else to the end.
UPTO = """select coalesce((select min(seq) - 1 from entry where tenant = $1 and kind = any($2::smallint[])
and seq > (select seq from cursor where tenant = $1 and name = 'pipeline')), (select seq from head where tenant = $1), 0)"""
AFTER = "select seq from cursor where tenant = $1 and name = $2"
ENTRIES = """select seq, kind, body from entry where tenant = $1 and seq > $2 and seq <= $3 and kind = any($4::smallint[])
order by seq limit $5"""
MOVE = """insert into cursor (tenant, name, seq) values ($1, $2, $3)
on conflict (tenant, name) do update set seq = excluded.seq"""
KNOWN = "select person, block from likeness where tenant = $1 and person = any($2::uuid[])"
SHARING = """select block, array_agg(person) as persons from likeness where tenant = $1 and block = any($2::bytea[])
group by block having count(*) <= $3"""
KEEP = "insert into likeness (tenant, block, person) select $1, b, $3 from unnest($2::bytea[]) b on conflict do nothing"
DROP = "delete from likeness where tenant = $1 and person = $3 and block = any($2::bytea[])"
OF_HANDLES = "select distinct person from handle where tenant = $1 and id = any($2::uuid[]) and person is not null"


@dataclass(slots=True)
class Likeness:
    """Looks at the tenants that this process has. `tell` appends a fact."""

    within: Within
    keys: Keys
    tell: Callable[[int, Fact], Awaitable[None]]

    async def look(self, tenant: int) -> bool:
        """Compare those of whom something is new with those who are nearly known by the same; whether more is left."""
        async with self.within(tenant) as db:
            after = int(await db.fetchval(AFTER, tenant, CURSOR) or 0)
            upto = int(await db.fetchval(UPTO, tenant, list(INBOUND)))
            entries = await db.fetch(ENTRIES, tenant, after, upto, list(TELLING), MOST_READ)
            if upto <= after:
                return False
            persons = await _told_of(db, tenant, [read_fact(kind, body) for _, kind, body in entries])
            found = await self._found(db, tenant, persons) if persons else []
            full = len(entries) == MOST_READ
            for start in range(0, len(found), PORTION):
                await asyncio.gather(*(self.tell(tenant, fact) for fact in found[start : start + PORTION]))
            await db.execute(MOVE, tenant, CURSOR, entries[-1]["seq"] if full else upto)
        return full

    async def _found(self, db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[LikenessFound]:
        """The pairs that somebody should see, the likeliest first."""
        records, families = await _records(db, tenant, persons)
        wanted: dict[bytes, set[bytes]] = {}
        async for id in _in_turns(records):
            wanted[id] = {self.keys.digest(tenant, f"likeness:{b}") for b in blocks(records[id])}
        changed = await _keep(db, tenant, wanted)
        asked = {block for id in changed for block in wanted[id]}
        sharing = {block: list(ids) for block, ids in await db.fetch(SHARING, tenant, list(asked), LARGEST)}
        pairs = worth_comparing({id: wanted[id] for id in changed}, sharing)
        others = {other for listed in pairs.values() for other in listed} - records.keys()
        more, kin = await _records(db, tenant, others)
        records, families = records | more, families | kin
        found: dict[bytes, LikenessFound] = {}
        async for one in _in_turns(pairs):
            for other in pairs[one]:
                if other in records and other not in families[one] and (id := alike_id(one, other)) not in found:
                    verdict = compare(records[one], records[other])
                    if verdict.decision != "apart":
                        found[id] = LikenessFound(one, other, verdict.probability, verdict.why)
        judged = {pair.id for pair in await read_rows(db, tenant, Alike, found)}
        new = [fact for id, fact in found.items() if id not in judged]
        return sorted(new, key=lambda fact: (-fact.probability, fact.one, fact.other))


async def _in_turns(ids: Iterable[bytes]) -> AsyncIterator[bytes]:
    """The ids, a few at a time, and between them whatever else there is to do."""
    for place, id in enumerate(ids):
        if place % AT_A_TIME == AT_A_TIME - 1:
            await asyncio.sleep(REST)
        yield id


async def _told_of(db: asyncpg.Connection, tenant: int, facts: list[Fact]) -> set[bytes]:
    """The persons that the facts tell something of."""
    found: set[bytes] = set()
    handles: set[bytes] = set()
    for fact in facts:
        if isinstance(fact, PersonRecognised):
            found |= {fact.person} if fact.is_new else set()
        elif isinstance(fact, AttributeCorrected):
            found.add(fact.person)
        elif isinstance(fact, PersonDeclared):
            handles.update(fact.handles or (fact.handle,))
        elif isinstance(fact, JourneyEventSeen):
            handles.add(fact.handle)
    return found | {id for (id,) in await db.fetch(OF_HANDLES, tenant, list(handles))}


async def _records(
    db: asyncpg.Connection, tenant: int, persons: Collection[bytes]
) -> tuple[dict[bytes, Record], dict[bytes, tuple[bytes, ...]]]:
    """What each is known by of itself, and who is one with them."""
    rows = {one.id: one for one in await read_rows(db, tenant, Person, persons)}
    apart = {one.id: one.known for one in await read_rows(db, tenant, Apart, [id for id, one in rows.items() if one.family])}
    handles: dict[bytes, list[str]] = defaultdict(list)
    for handle in await read_where(db, tenant, Handle, "person is not null and person = any($2::uuid[])", list(rows)):
        if handle.person is not None and handle.name:
            handles[handle.person].append(handle.name)
    records = {id: record_of(apart.get(id, one), handles[id]) for id, one in rows.items()}
    return records, {id: one.ids for id, one in rows.items()}


async def _keep(db: asyncpg.Connection, tenant: int, wanted: dict[bytes, set[bytes]]) -> list[bytes]:
    """Keep what each is found by; those for whom that is new."""
    known: dict[bytes, set[bytes]] = defaultdict(set)
    for person, block in await db.fetch(KNOWN, tenant, list(wanted)):
        known[person].add(bytes(block))
    changed = [person for person, own in wanted.items() if own != known[person]]
    for person in changed:
        if gone := known[person] - wanted[person]:
            await db.execute(DROP, tenant, list(gone), person)
        await db.execute(KEEP, tenant, list(wanted[person] - known[person]), person)
    return changed
