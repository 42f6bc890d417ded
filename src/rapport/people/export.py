"""Export: everything on record about a person, for themselves: who, what is believed and why, what happened, who read of it."""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.attribute import Attribute, Value
from rapport.model.message import Message
from rapport.model.noted import Noted
from rapport.model.person import Consent, Glance, Handle, JourneyEvent, Person, ProfileLink
from rapport.model.reviewed import Reviewable
from rapport.model.survey import Asked
from rapport.people.asked_rights import requests_of
from rapport.people.groups.reading import groups_of

MOST = 20_000  # of each; more is told to be cut


class Said(msgspec.Struct, frozen=True):
    """A message, as its person may read it. `by`: them, or us."""

    at: datetime
    channel: str
    by: str
    public: bool
    text: str
    subject: str = ""


class Happened(msgspec.Struct, frozen=True):
    """What a department wrote of them; the API and the export tell it alike."""

    at: datetime
    kind: str
    source: str
    data: dict[str, Any]  # Any: a department's own plain JSON


class Agreed(msgspec.Struct, frozen=True):
    """What they agreed to, or took back."""

    at: datetime
    purpose: str
    channel: str
    given: bool
    evidence: str
    until: datetime | None = None


class WhoRead(msgspec.Struct, frozen=True):
    """Who read of them, and what for."""

    at: datetime
    by: str
    purpose: str


class AskedFor(msgspec.Struct, frozen=True):
    """What they asked by right, and what became of it."""

    at: datetime
    kind: str
    state: str
    due_at: datetime
    words: str
    answer: str


class Reviewed(msgspec.Struct, frozen=True):
    """Somebody reviewed how we dealt with them; what was said of the agent is not theirs."""

    at: datetime
    scorecard: str


class Belongs(msgspec.Struct, frozen=True):
    """A company or household that they belong to, as whom, and who said so."""

    kind: str
    name: str
    role: str
    source: str


class NotedOf(msgspec.Struct, frozen=True):
    """What an agent said of them; `denied`: that it is not so."""

    at: datetime
    name: str
    said: tuple[Value, ...]
    by: str
    denied: bool


class Export(msgspec.Struct, frozen=True):
    """Everything about a person. `cut`: something has more than so many rows, of which the latest are here."""

    person: str
    made_at: datetime
    name: str
    language: str
    handles: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    withdrawn: tuple[str, ...]
    events: tuple[Happened, ...]
    messages: tuple[Said, ...]
    consents: tuple[Agreed, ...]
    read_by: tuple[WhoRead, ...]
    cut: bool = False
    asked: tuple[AskedFor, ...] = ()
    reviewed: tuple[Reviewed, ...] = ()
    groups: tuple[Belongs, ...] = ()
    links: tuple[datetime, ...] = ()  # when a link to their own page was made
    surveys: tuple[datetime, ...] = ()  # when they were last asked how it was
    noted: tuple[NotedOf, ...] = ()


async def export(db: asyncpg.Connection, tenant: int, person: bytes, now: datetime) -> Export | None:
    """Everything on record about a person; None where there is none."""
    found = await read_rows(db, tenant, Person, [person])
    if not found:
        return None
    known, ids = found[0], list(found[0].ids)
    of = "person is not null and person = any($2::uuid[])"
    handles = await read_where(db, tenant, Handle, f"{of} order by name", ids)
    events = await read_where(db, tenant, JourneyEvent, f"{of} order by at desc limit $3", ids, MOST)
    within = "(select id from conversation where tenant = $1 and person = any($2::uuid[]))"
    theirs = "(direction <> 'in' or handle = any($4::uuid[]))"  # a thread takes in what others wrote
    where = f"conversation is not null and conversation in {within} and direction <> 'note' and {theirs}"
    named = [handle.id for handle in handles]
    messages = await read_where(db, tenant, Message, f"{where} order by at desc limit $3", ids, MOST, named)
    consents = await read_where(db, tenant, Consent, "person = any($2::uuid[]) order by at", ids)
    glances = await read_where(db, tenant, Glance, "person = any($2::uuid[]) order by at desc limit $3", ids, MOST)
    asked = await requests_of(db, tenant, ids)
    of = f"state = 'done' and conversation in {within} order by at limit $3"
    drawn = await read_where(db, tenant, Reviewable, of, ids, MOST)
    links = await read_where(db, tenant, ProfileLink, "person = any($2::uuid[]) order by at limit $3", ids, MOST)
    return Export(
        person=person.hex(),
        made_at=now,
        name=known.name,
        language=known.language,
        handles=tuple(handle.name for handle in handles),
        attributes=known.attributes,
        withdrawn=known.withdrawn,
        events=tuple(map(happened, events)),
        messages=tuple(_said(message) for message in messages),
        consents=tuple(Agreed(c.at, c.purpose, c.channel, c.given, c.evidence, c.until) for c in consents),
        read_by=tuple(WhoRead(g.at, g.by, g.purpose) for g in glances),
        reviewed=tuple(Reviewed(one.ended_at or one.at, one.scorecard) for one in drawn),
        asked=tuple(AskedFor(r.at, r.kind, r.state, r.due_at, r.words, r.answer) for r in asked),
        cut=MOST in (len(events), len(messages), len(glances)),
        groups=tuple(Belongs(one.group.kind, one.group.name, one.role, one.source) for one in await groups_of(db, tenant, ids)),
        links=tuple(link.at for link in links),
        surveys=tuple(sorted(one.at for one in await read_rows(db, tenant, Asked, ids))),
        noted=await _noted(db, tenant, ids),
    )


def happened(event: JourneyEvent) -> Happened:
    """An event as it is told."""
    return Happened(event.at, event.kind, event.source, event.data)


def _said(message: Message) -> Said:
    by = "them" if message.direction == "in" else "us"
    return Said(message.at, message.channel, by, message.reach == "public", message.text, message.subject)


async def _noted(db: asyncpg.Connection, tenant: int, ids: list[bytes]) -> tuple[NotedOf, ...]:
    found = await read_where(db, tenant, Noted, "person = any($2::uuid[]) order by at desc limit $3", ids, MOST)
    return tuple(NotedOf(one.at, one.name, one.said, one.by, one.denied) for one in found)
