"""A person's journey for the pages: messages, interactions and events of all departments in one line of time, newest first."""

import heapq
from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.ledger.views import Row
from rapport.model.conversation import Conversation
from rapport.model.ids import Id
from rapport.model.interaction import Interaction
from rapport.model.message import Message
from rapport.model.person import Handle, JourneyEvent, Person

MOST_CONVERSATIONS = 500


class Moment(msgspec.Struct, frozen=True):
    """One thing on the line of time: exactly one of the three is there."""

    at: datetime
    id: Id
    message: Message | None = None
    interaction: Interaction | None = None
    event: JourneyEvent | None = None


class PersonPage(msgspec.Struct, frozen=True):
    """A person with their handles and conversations, latest first."""

    person: Person
    handles: tuple[Handle, ...]
    conversations: tuple[Conversation, ...]


async def person_page(db: asyncpg.Connection, tenant: int, person: bytes, conversations: int = 20) -> PersonPage | None:
    """What the page of a person shows beside their journey; None where there is no such person."""
    found = await read_rows(db, tenant, Person, [person])
    if not found:
        return None
    handles = await read_where(db, tenant, Handle, "person = $2 order by name", person)
    latest = await read_where(db, tenant, Conversation, "person = $2 order by last_at desc limit $3", person, conversations)
    return PersonPage(found[0], tuple(handles), tuple(latest))


async def journey(
    db: asyncpg.Connection, tenant: int, person: bytes, before: tuple[datetime, bytes] | None = None, limit: int = 50
) -> list[Moment]:
    """What happened between a person and the whole enterprise; `before`: the time and id of the last moment shown."""
    ids = await db.fetch(
        "select id from conversation where tenant = $1 and person = $2 order by last_at desc limit $3",
        tenant,
        person,
        MOST_CONVERSATIONS,
    )
    conversations = [record["id"] for record in ids]
    events = await _latest(db, tenant, JourneyEvent, "person = $2", person, "at", before, limit)
    messages = await _latest(db, tenant, Message, "conversation = any($2::uuid[])", conversations, "at", before, limit)
    work = await _latest(db, tenant, Interaction, "conversation = any($2::uuid[])", conversations, "started_at", before, limit)
    moments = [
        *(Moment(event.at, event.id, event=event) for event in events),
        *(Moment(message.at, message.id, message=message) for message in messages),
        *(Moment(one.started_at, one.id, interaction=one) for one in work),
    ]
    return heapq.nlargest(limit, moments, key=lambda m: (m.at, m.id))


async def _latest(
    db: asyncpg.Connection,
    tenant: int,
    row: type[Row],
    where: str,
    of: bytes | Sequence[bytes],
    order: str,
    before: tuple[datetime, bytes] | None,
    limit: int,
) -> list[Row]:
    after = f"and ({order}, id) < ($4::timestamptz, $5::uuid)" if before else ""
    condition = f"{where} {after} order by {order} desc, id desc limit $3"
    return await read_where(db, tenant, row, condition, of, limit, *(before or ()))
