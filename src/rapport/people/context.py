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
from rapport.model.journey import MOST_DAYS
from rapport.model.person import Consent, JourneyEvent, Person
from rapport.model.purpose import MEDICAL as MEDICAL, PURPOSES, Purpose

MOST_CONVERSATIONS = 5
_PERSON, _CONVERSATION = ALL[Person].columns, ALL[Conversation].columns
# All in one round trip: the person, by id or else by a handle, and beside them each of their latest conversations.
ONE = f"""with who as materialized (select coalesce($2, (select h.person from handle h
  where h.tenant = $1 and h.name = $3 and h.name <> '' and h.person is not null limit 1)) as id)
select {", ".join(f'p."{column.name}"' for column in _PERSON)}, e.events,
(select array_agg(h.name order by h.name) from handle h where h.tenant = $1 and h.person is not null and h.person = any(i.ids)),
{", ".join(f'c."{column.name}"' for column in _CONVERSATION)}
from who join person p on p.tenant = $1 and p.id = who.id
cross join lateral (select case when p.family = '[]' then array[p.id] else array(
  select encode(decode(f, 'base64'), 'hex')::uuid from jsonb_array_elements_text(p.family) f) end as ids) i
left join person_events e on e.tenant = $1 and e.id = p.id
left join lateral (select * from conversation o where o.tenant = $1 and o.person = any(i.ids)
  order by o.last_at desc limit $4) c on true"""
_CONVERSATION_ID = [column.name for column in _CONVERSATION].index("id")
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
    db: asyncpg.Connection,
    tenant: int,
    person: bytes | str,
    purpose: Purpose,
    centre: Centre,
    now: datetime,
    cleared: bool = False,
) -> PersonContext | None:
    """What may be known of a person now, by id or a handle; None where there is none. `cleared`: with what is sensitive.

    Raises NotAllowed without their consent, where the purpose asks for it.
    """
    read = await _read(db, tenant, person)
    if read is None:
        return None
    known, events, names, latest = read
    if purpose.consent and not await agreed(db, tenant, known.ids, purpose.id, now):
        raise NotAllowed(f"they have not agreed to {purpose.id!r}; ask them first")
    hidden: frozenset[str] = frozenset() if cleared else frozenset(centre.profile.sensitive)
    return PersonContext(
        person=known.id,
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
    db: asyncpg.Connection, tenant: int, person: bytes | str
) -> tuple[Person, tuple[JourneyEvent, ...], tuple[str, ...], tuple[Conversation, ...]] | None:
    """The person, their latest events, the names of their handles and their latest conversations; None where there is none."""
    id, handle = (None, person) if isinstance(person, str) else (person, "")
    records = await db.fetch(ONE, tenant, id, handle, MOST_CONVERSATIONS)
    if not records:
        return None
    first, width = tuple(records[0]), len(_PERSON)
    known = row_of(ALL[Person], first[:width])
    assert isinstance(known, Person)
    events = _events.decode(first[width]) if first[width] else ()
    rows = [tuple(record)[width + 2 :] for record in records]
    latest = [row_of(ALL[Conversation], row) for row in rows if row[_CONVERSATION_ID] is not None]
    return known, events, tuple(first[width + 1] or ()), tuple(c for c in latest if isinstance(c, Conversation))


async def agreed(db: asyncpg.Connection, tenant: int, persons: Collection[bytes], purpose: str, now: datetime) -> bool:
    """Whether a person agreed to a purpose, on any channel, and that holds; the latest that they said counts."""
    where = "person = any($2::uuid[]) and purpose = $3 order by at desc limit 1"
    said = await read_where(db, tenant, Consent, where, list(persons), purpose)
    return bool(said) and said[0].given and (said[0].until is None or said[0].until > now)


def is_fresh(centre: Centre, event: JourneyEvent, now: datetime) -> bool:
    """Whether an event is still told: for as many days as its kind says."""
    kind = centre.events.get(event.kind)
    return kind is None or not kind.keep_days or event.at > now - timedelta(days=min(kind.keep_days, MOST_DAYS))


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
