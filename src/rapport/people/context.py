"""Context out: what anyone in the enterprise may know of a person now, by the purpose they ask for."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.errors import BadInput, NotAllowed
from rapport.ledger.tables import ALL, read_where, row_of
from rapport.model.attribute import Attribute
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.ids import Id
from rapport.model.person import Consent, Handle, JourneyEvent, Person
from rapport.model.purpose import MEDICAL as MEDICAL, PURPOSES, Purpose

MOST_CONVERSATIONS = 5
ONE = f"""select {", ".join(f'p."{column.name}"' for column in ALL[Person].columns)},
(select e.events from person_events e where e.tenant = $1 and e.id = $2),
(select array_agg(h.name order by h.name) from handle h where h.tenant = $1 and h.person is not null and h.person = $2)
from person p where p.tenant = $1 and p.id = $2"""
_events = msgspec.json.Decoder(tuple[JourneyEvent, ...])


class PersonContext(msgspec.Struct, frozen=True):
    """What may be known of a person for a purpose, newest first. `conversations` have no words where it reads no messages."""

    person: Id
    purpose: str
    name: str
    language: str
    handles: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    events: tuple[JourneyEvent, ...]
    agents: tuple[str, ...]
    conversations: tuple[Conversation, ...]


def purposes_of(centre: Centre) -> Mapping[str, Purpose]:
    """The purposes that there are: those of the house, and the centre's own, which take their place."""
    return {**PURPOSES, **centre.purposes}


def purpose_for(centre: Centre, name: str, asks: Collection[str]) -> Purpose:
    """The purpose of this name. `asks`: role and names of who asks. Raises BadInput where there is none, NotAllowed."""
    purposes = purposes_of(centre)
    found = purposes.get(name)
    if found is None:
        raise BadInput(f"purpose must be one of {', '.join(purposes)}, got {name[:60]!r}; a centre adds its own")
    if found.roles and not set(found.roles) & set(asks):
        raise NotAllowed(f"the purpose {name!r} is for {', '.join(found.roles)}; ask an administrator for it")
    return found


async def find_person(db: asyncpg.Connection, tenant: int, handle: str) -> bytes | None:
    """The person whose handle it is, written as in `email:ana@example.org`; None where nobody's is."""
    found: bytes | None = await db.fetchval(
        "select person from handle where tenant = $1 and name = $2 and name <> '' and person is not null limit 1",
        tenant,
        handle,
    )
    return found


async def context(
    db: asyncpg.Connection, tenant: int, person: bytes, purpose: Purpose, centre: Centre, now: datetime, cleared: bool = False
) -> PersonContext | None:
    """What may be known of a person now; None where there is no such person. `cleared`: with what is sensitive.

    Raises NotAllowed without their consent, where the purpose asks for it.
    """
    read = await _read(db, tenant, person)
    if read is None:
        return None
    known, events, names = read
    ids = list(known.ids)
    if purpose.consent and not await agreed(db, tenant, ids, purpose.id, now):
        raise NotAllowed(f"they have not agreed to {purpose.id!r}; ask them first")
    if known.family:
        of = "person is not null and person = any($2::uuid[]) order by name"
        names = tuple(handle.name for handle in await read_where(db, tenant, Handle, of, ids))
    latest = await read_where(
        db, tenant, Conversation, "person = any($2::uuid[]) order by last_at desc limit $3", ids, MOST_CONVERSATIONS
    )
    hidden: frozenset[str] = frozenset() if cleared else frozenset(centre.profile.sensitive)
    return PersonContext(
        person=person,
        purpose=purpose.id,
        name=known.name if purpose.with_handles or not _is_handle(known.name) else "",
        language=known.language,
        handles=tuple(filter(None, names)) if purpose.with_handles else (),
        attributes=tuple(a for a in known.attributes if a.name not in hidden and _may_tell(purpose, a) and _holds(a, now)),
        events=tuple(e for e in events if purpose.lets(e.kind) and is_fresh(centre, e, now)),
        agents=known.agents,
        conversations=tuple(c if purpose.with_messages else _without_words(c) for c in latest),
    )


async def _read(
    db: asyncpg.Connection, tenant: int, person: bytes
) -> tuple[Person, tuple[JourneyEvent, ...], tuple[str, ...]] | None:
    """The person, their latest events and the names of their own handles, in one round trip; None where there is none."""
    record = await db.fetchrow(ONE, tenant, person)
    if record is None:
        return None
    known = row_of(ALL[Person], record[:-2])
    assert isinstance(known, Person)
    events = _events.decode(record[-2]) if record[-2] else ()
    return known, events, tuple(record[-1] or ())


async def agreed(db: asyncpg.Connection, tenant: int, persons: Collection[bytes], purpose: str, now: datetime) -> bool:
    """Whether a person agreed to a purpose, on any channel, and that holds; the latest that they said counts."""
    where = "person = any($2::uuid[]) and purpose = $3 order by at desc limit 1"
    said = await read_where(db, tenant, Consent, where, list(persons), purpose)
    return bool(said) and said[0].given and (said[0].until is None or said[0].until > now)


def is_fresh(centre: Centre, event: JourneyEvent, now: datetime) -> bool:
    """Whether an event is still told: for as many days as its kind says."""
    kind = centre.events.get(event.kind)
    return kind is None or not kind.keep_days or event.at > now - timedelta(days=kind.keep_days)


def _may_tell(purpose: Purpose, attribute: Attribute) -> bool:
    """Whether an attribute may be seen: its name, and the event that taught it, so that neither tells what the other hides."""
    source, _, kind = attribute.source.partition(":")
    return purpose.lets(attribute.name) and (source != "event" or not kind.startswith(purpose.never))


def _holds(attribute: Attribute, now: datetime) -> bool:
    return attribute.expires is None or attribute.expires > now


def _is_handle(name: str) -> bool:
    return "@" in name or name.startswith("+")


def _without_words(conversation: Conversation) -> Conversation:
    return msgspec.structs.replace(conversation, preview="", subject="", words=(), name="")
