"""A person's journey as pages read it: conversations and journey events in one line of time, newest first."""

from datetime import UTC, datetime

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.person import Handle, JourneyEvent, Person

END = datetime(9999, 1, 1, tzinfo=UTC)
_COUNT = """select (select count(*) from journey_event where tenant = $1 and person is not null and person = $2)
+ (select count(*) from conversation where tenant = $1 and person is not null and person = $2)"""
_FOUND = """select distinct person from handle where tenant = $1 and name <> '' and person is not null
and (name ilike $2 or display ilike $2) limit $3"""


class Moment(msgspec.Struct, frozen=True):
    """One moment: a conversation or an event, the other one None."""

    at: datetime
    conversation: Conversation | None = None
    event: JourneyEvent | None = None


async def person(db: asyncpg.Connection, tenant: int, id: bytes) -> Person | None:
    """One person; None where there is none."""
    found = await read_rows(db, tenant, Person, [id])
    return found[0] if found else None


async def handles_of(db: asyncpg.Connection, tenant: int, person: bytes) -> list[Handle]:
    """Their handles."""
    return await read_where(db, tenant, Handle, "person is not null and person = $2 order by name limit 50", person)


async def journey(
    db: asyncpg.Connection,
    tenant: int,
    person: bytes,
    *,
    limit: int,
    before: datetime | None = None,
    only: str = "",
    source: str = "",
) -> list[Moment]:
    """At most `limit` moments before a time. `only`: `conversation` or `event`; `source`: of that department alone."""
    found: list[Moment] = []
    if only != "event" and not source:
        where = "person is not null and person = $2 and last_at < $3 order by last_at desc limit $4"
        found += [
            Moment(c.last_at, conversation=c)
            for c in await read_where(db, tenant, Conversation, where, person, before or END, limit)
        ]
    if only != "conversation":
        where = "person is not null and person = $2 and at < $3 and ($5 = '' or source = $5) order by at desc limit $4"
        events = await read_where(db, tenant, JourneyEvent, where, person, before or END, limit, source)
        found += [Moment(e.at, event=e) for e in events]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:limit]


async def moments(db: asyncpg.Connection, tenant: int, person: bytes) -> int:
    """How many moments there are."""
    return int(await db.fetchval(_COUNT, tenant, person))


async def sources(db: asyncpg.Connection, tenant: int, person: bytes) -> list[str]:
    """The departments that wrote about them."""
    sql = "select distinct source from journey_event where tenant = $1 and person is not null and person = $2 and source <> ''"
    return sorted(row["source"] for row in await db.fetch(sql, tenant, person))


async def find(db: asyncpg.Connection, tenant: int, words: str, *, limit: int) -> list[Person]:
    """People one of whose handles or names has these words."""
    ids = [row["person"] for row in await db.fetch(_FOUND, tenant, f"%{words}%", limit)]
    return await read_rows(db, tenant, Person, ids)
