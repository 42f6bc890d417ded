"""A person as the desk reads them: who they are, and their milestones, which are conversations and events of departments."""

from datetime import UTC, datetime

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.person import Handle, JourneyEvent, Person

END = datetime(9999, 1, 1, tzinfo=UTC)
_OF = "person is not null and person = $2"
_COUNT = f"""select (select count(*) from journey_event where tenant = $1 and {_OF})
+ (select count(*) from conversation where tenant = $1 and {_OF})"""
_SOURCES = f"select distinct source from journey_event where tenant = $1 and {_OF} and source <> ''"
_FOUND = """select distinct person from handle where tenant = $1 and name <> '' and person is not null
and (name ilike $2 or display ilike $2) limit $3"""


class Milestone(msgspec.Struct, frozen=True):
    """A conversation or an event; the other one is None."""

    at: datetime
    conversation: Conversation | None = None
    event: JourneyEvent | None = None


async def person(db: asyncpg.Connection, tenant: int, id: bytes) -> Person | None:
    """One person; None where there is none."""
    found = await read_rows(db, tenant, Person, [id])
    return found[0] if found else None


async def handles_of(db: asyncpg.Connection, tenant: int, person: bytes) -> list[Handle]:
    """Their handles."""
    return await read_where(db, tenant, Handle, f"{_OF} order by name limit 50", person)


async def is_blocked(db: asyncpg.Connection, tenant: int, handle: bytes) -> bool:
    """Whether what this handle says is held."""
    return bool(await db.fetchval("select blocked from handle where tenant = $1 and id = $2", tenant, handle))


async def milestones(
    db: asyncpg.Connection,
    tenant: int,
    person: bytes,
    *,
    limit: int,
    before: datetime | None = None,
    only: str = "",
    source: str = "",
) -> list[Milestone]:
    """At most `limit` before a time, latest first. `only`: `conversation` or `event`; `source`: of that department alone."""
    until = before or END
    found: list[Milestone] = []
    if only != "event" and not source:
        where = f"{_OF} and last_at < $3 order by last_at desc limit $4"
        found += [Milestone(c.last_at, c) for c in await read_where(db, tenant, Conversation, where, person, until, limit)]
    if only != "conversation":
        where = f"{_OF} and at < $3 and ($5 = '' or source = $5) order by at desc limit $4"
        events = await read_where(db, tenant, JourneyEvent, where, person, until, limit, source)
        found += [Milestone(e.at, event=e) for e in events]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


async def number_of_milestones(db: asyncpg.Connection, tenant: int, person: bytes) -> int:
    """How many milestones there are."""
    return int(await db.fetchval(_COUNT, tenant, person))


async def sources(db: asyncpg.Connection, tenant: int, person: bytes) -> list[str]:
    """The departments that wrote about them."""
    return sorted(row["source"] for row in await db.fetch(_SOURCES, tenant, person))


async def find(db: asyncpg.Connection, tenant: int, words: str, *, limit: int) -> list[Person]:
    """People one of whose handles or names has these words."""
    ids = [row["person"] for row in await db.fetch(_FOUND, tenant, f"%{words}%", limit)]
    return await read_rows(db, tenant, Person, ids)
