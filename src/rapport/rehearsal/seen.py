"""What is on record of one message, as far as a rehearsal judges: its conversation, offers, drafts, sends and journey."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

import asyncpg
import msgspec

from rapport.knowledge.finding import suggested_for
from rapport.ledger.entry import read_fact
from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.fact import ApprovalAsked, DraftRefused, Fact
from rapport.model.message import Message
from rapport.model.need import Offer
from rapport.model.person import Handle, Person
from rapport.model.reply import Draft, Outgoing
from rapport.model.statement import Handover
from rapport.people.reading import milestones

MOST_SHOWN = 20  # of the journey, beside a conversation
Kind = TypeVar("Kind", bound=Fact)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that followed from one message by now. `asked`, `refused`: facts with times; `journey`: as the desk reads it."""

    message: Message | None
    person: bytes | None = None
    conversation: Conversation | None = None
    offers: tuple[Offer, ...] = ()
    drafts: tuple[Draft, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()
    asked: tuple[tuple[datetime, ApprovalAsked], ...] = ()
    refused: tuple[tuple[datetime, DraftRefused], ...] = ()
    journey: tuple[str, ...] = ()
    before: str = ""  # all that whoever receives the conversation can read of it
    suggested: tuple[str, ...] = ()  # articles beside the conversation, the best first


async def see(db: asyncpg.Connection, tenant: int, message: bytes) -> Seen:
    """What is on record of a message."""
    found = await read_rows(db, tenant, Message, [message])
    if not found:
        return Seen(None)
    handles = await read_rows(db, tenant, Handle, [found[0].handle]) if found[0].handle else []
    person = handles[0].person if handles else found[0].person
    known = await read_rows(db, tenant, Person, [person]) if person else []
    ids = known[0].ids if known else ()
    person = ids[0] if ids else person
    moments = await milestones(db, tenant, ids, limit=MOST_SHOWN, only="event")
    journey = tuple(dict.fromkeys(moment.event.kind for moment in moments if moment.event is not None))
    if found[0].conversation is None:
        return Seen(found[0], person, journey=journey)
    id = found[0].conversation
    conversations = await read_rows(db, tenant, Conversation, [id])
    suggested = [one for row in conversations for one in await suggested_for(db, tenant, row)]
    return Seen(
        message=found[0],
        person=person,
        conversation=conversations[0] if conversations else None,
        offers=tuple(await read_where(db, tenant, Offer, "conversation = $2 order by made_at, id", id)),
        drafts=tuple(await read_where(db, tenant, Draft, "conversation = $2 order by at, id", id)),
        outgoing=tuple(await read_where(db, tenant, Outgoing, "conversation = $2 order by at, part", id)),
        asked=tuple((at, fact) for at, fact in await facts_of(db, tenant, ApprovalAsked) if fact.conversation == id),
        refused=tuple((at, fact) for at, fact in await facts_of(db, tenant, DraftRefused) if fact.conversation == id),
        journey=journey,
        before=await readable(db, tenant, id, found[0].handle),
        suggested=tuple(one.article.id for one in suggested),
    )


async def readable(db: asyncpg.Connection, tenant: int, conversation: bytes, handle: bytes | None) -> str:
    """Everything that stands in this tenant of a conversation and its person: messages, the hand-over, names, journey."""
    messages = await read_where(db, tenant, Message, "conversation is not null and conversation = $2", conversation)
    handovers = await read_rows(db, tenant, Handover, [conversation])
    handles = await read_rows(db, tenant, Handle, [handle] if handle else [])
    events = await db.fetch("select data::text from journey_event where tenant = $1 and handle = $2", tenant, handle)
    texts = [f"{m.author} {m.subject} {m.text}" for m in messages] + [f"{h.name} {h.display}" for h in handles]
    return "\n".join([*texts, *(msgspec.json.encode(h.summary).decode() for h in handovers), *(data for (data,) in events)])


async def facts_of(db: asyncpg.Connection, tenant: int, kind: type[Kind]) -> list[tuple[datetime, Kind]]:
    """Every fact of a kind, with its time, oldest first."""
    records = await db.fetch("select at, body from entry where tenant = $1 and kind = $2 order by seq", tenant, kind.number)
    return [(at, cast("Kind", read_fact(kind.number, body))) for at, body in records]


async def count_sent(db: asyncpg.Connection, tenant: int) -> int:
    """How many parts of replies went out, of the whole tenant."""
    return int(await db.fetchval("select count(*) from outgoing where tenant = $1 and state = 'sent'", tenant) or 0)
