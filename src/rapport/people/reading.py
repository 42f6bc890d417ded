"""A person as the desk reads them: who they are, and their milestones, which are conversations and events of departments."""

from collections.abc import Collection
from datetime import UTC, datetime

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.ids import read_id
from rapport.model.naming import TELEPHONES
from rapport.model.person import Alike, Apart, Handle, JourneyEvent, Person

END = datetime(9999, 1, 1, tzinfo=UTC)
_OF = "person is not null and person = any($2::uuid[])"
_COUNT = f"""select (select count(*) from journey_event where tenant = $1 and {_OF})
+ (select count(*) from conversation where tenant = $1 and {_OF})"""
_SOURCES = f"select distinct source from journey_event where tenant = $1 and {_OF} and source <> ''"
_FOUND = """select distinct person from handle where tenant = $1 and name <> '' and person is not null
and (name ilike $2 or folded(display) like folded($2)) limit $3"""
_AS_WRITTEN = str.maketrans({sign: f"\\{sign}" for sign in "\\%_"})

# Of whom no handle has a name any more is erased.
_LATELY = """select person, max(last_at) from (select person, last_at from conversation
where tenant = $1 and state <> '' and person is not null order by last_at desc, id desc limit $3) as latest
where exists (select from handle h where h.tenant = $1 and h.person = latest.person and h.name <> '')
group by person order by 2 desc limit $2"""

# Handles stand in an index by their names; what lies between two of them is found without reading the others.
_BEGINS = """select distinct w.person from unnest($2::text[], $3::text[]) as u(low, high) cross join lateral (
select h.person from handle h where h.tenant = $1 and h.name <> '' and h.name >= u.low and h.name < u.high
and starts_with(h.name, u.low) and h.person is not null limit $4) w limit $4"""
NETWORKS = ("email", *sorted(TELEPHONES), "facebook", "instagram", "telegram", "mastodon", "bluesky", "x", "matrix", "xmpp")
PATIENCE = 1.5  # seconds for a search among all


class Milestone(msgspec.Struct, frozen=True):
    """A conversation or an event; the other one is None."""

    at: datetime
    conversation: Conversation | None = None
    event: JourneyEvent | None = None


async def person(db: asyncpg.Connection, tenant: int, id: bytes) -> Person | None:
    """One person; None where there is none."""
    found = await read_rows(db, tenant, Person, [id])
    return found[0] if found else None


async def handles_of(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[Handle]:
    """Their handles."""
    return await read_where(db, tenant, Handle, f"{_OF} order by name limit 50", list(persons))


async def handles_in(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[Handle]:
    """Handles of several, those heard last first; of people with very many not all."""
    return await read_where(
        db, tenant, Handle, f"{_OF} and name <> '' order by at desc nulls last, name limit 500", list(persons)
    )


async def lately(db: asyncpg.Connection, tenant: int, *, limit: int) -> list[Person]:
    """Who wrote last, of those of the latest conversations."""
    ids = [row["person"] for row in await db.fetch(_LATELY, tenant, limit, 4 * limit)]
    return await read_rows(db, tenant, Person, ids)


async def is_blocked(db: asyncpg.Connection, tenant: int, handle: bytes) -> bool:
    """Whether what this handle says is held."""
    return bool(await db.fetchval("select blocked from handle where tenant = $1 and id = $2", tenant, handle))


async def milestones(
    db: asyncpg.Connection,
    tenant: int,
    persons: Collection[bytes],
    *,
    limit: int,
    before: datetime | None = None,
    only: str = "",
    source: str = "",
) -> list[Milestone]:
    """Of a person (`Person.ids`), at most `limit` before a time, latest first.

    `only`: `conversation` or `event`; `source`: of that department alone.
    """
    until = before or END
    found: list[Milestone] = []
    if only != "event" and not source:
        where = f"{_OF} and last_at < $3 order by last_at desc limit $4"
        found += [
            Milestone(c.last_at, c) for c in await read_where(db, tenant, Conversation, where, list(persons), until, limit)
        ]
    if only != "conversation":
        where = f"{_OF} and at < $3 and ($5 = '' or source = $5) order by at desc limit $4"
        events = await read_where(db, tenant, JourneyEvent, where, list(persons), until, limit, source)
        found += [Milestone(e.at, event=e) for e in events]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


async def number_of_milestones(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> int:
    """How many milestones there are."""
    return int(await db.fetchval(_COUNT, tenant, list(persons)))


async def sources(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[str]:
    """The departments that wrote about them."""
    return sorted(row["source"] for row in await db.fetch(_SOURCES, tenant, list(persons)))


async def alike(db: asyncpg.Connection, tenant: int, *, limit: int) -> list[Alike]:
    """Pairs that somebody should look at, the likeliest first."""
    return await read_where(db, tenant, Alike, "state = 'open' order by probability desc, id limit $2", limit)


async def alike_of(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[Alike]:
    """The pairs of this person that somebody should look at."""
    where = "(one = any($2::uuid[]) or other = any($2::uuid[])) and state = 'open' order by probability desc limit 8"
    found = await read_where(db, tenant, Alike, where, list(persons))
    return [pair for pair in found if not {pair.one, pair.other} <= set(persons)]


async def apart_of(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[Apart]:
    """What a merged person is made of: each part by itself; none where nothing was merged."""
    return await read_rows(db, tenant, Apart, list(persons)) if len(persons) > 1 else []


async def person_named(db: asyncpg.Connection, tenant: int, name: str) -> bytes | None:
    """The person of an id, or of a handle as in `email:ana@example.org`; None where there is none."""
    id = read_id(name)
    if id is not None:
        found = await read_rows(db, tenant, Person, [id])
        return found[0].id if found else None
    handles = await read_where(db, tenant, Handle, "name <> '' and name = $2 limit 1", name)
    return handles[0].person if handles else None


async def find(db: asyncpg.Connection, tenant: int, words: str, *, limit: int) -> list[Person]:
    """People one of whose handles begins so, and, where that is found in time, one of whose handles or names has these words.

    In names capitals and accents do not count.
    The second reads every handle there is: of millions it would take seconds, and whoever typed waits.
    """
    begins = [f"{network}:{sign}{words.casefold()}" for network in NETWORKS for sign in ("", "+", "@")]
    ends = [f"{one}\U0010ffff" for one in begins]
    ids = [person for (person,) in await db.fetch(_BEGINS, tenant, begins, ends, limit)]
    if len(ids) < limit:
        await db.execute("savepoint searching")
        try:
            ids += [
                row["person"]
                for row in await db.fetch(_FOUND, tenant, f"%{words.translate(_AS_WRITTEN)}%", limit, timeout=PATIENCE)
            ]
        except TimeoutError:
            await db.execute("rollback to savepoint searching")
    return await read_rows(db, tenant, Person, list(dict.fromkeys(ids))[:limit])
