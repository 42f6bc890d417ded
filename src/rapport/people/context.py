"""Context out: what anyone in the enterprise may know of a person now, by the purpose they ask for."""

from collections.abc import Iterable, Mapping

import asyncpg
import msgspec

from rapport.errors import BadInput
from rapport.ledger.tables import read_rows, read_where
from rapport.model.attribute import Attribute
from rapport.model.conversation import Conversation
from rapport.model.ids import Id
from rapport.model.person import Handle, JourneyEvent, Person, PersonEvents

MOST_CONVERSATIONS = 5


class Purpose(msgspec.Struct, frozen=True):
    """What one purpose may see: kinds of events and names of attributes, by how they begin. `only` empty: all but `never`."""

    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    with_messages: bool = True


MEDICAL = ("care.", "health.", "medical.", "clinic.", "patient.")
PURPOSES: Mapping[str, Purpose] = {
    "service": Purpose(never=MEDICAL),
    "sales": Purpose(never=(*MEDICAL, "complaint.", "legal.")),
    "shop": Purpose(never=(*MEDICAL, "complaint.", "legal.", "bank.", "billing."), with_messages=False),
    "care": Purpose(),
}


class Issue(msgspec.Struct, frozen=True):
    """A conversation as other departments may know it. `preview` is empty for purposes that do not read messages."""

    id: Id
    state: str
    channel: str
    intent: str
    agent: str
    preview: str


class PersonContext(msgspec.Struct, frozen=True):
    """What may be known of a person for a purpose."""

    person: Id
    purpose: str
    name: str
    language: str
    handles: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    events: tuple[JourneyEvent, ...]
    agents: tuple[str, ...]
    conversations: tuple[Issue, ...]


async def find_person(db: asyncpg.Connection, tenant: int, handle: str) -> bytes | None:
    """The person whose handle is written so, as in `email:ana@example.org`; None where nobody's is."""
    found: bytes | None = await db.fetchval(
        "select person from handle where tenant = $1 and name = $2 and name <> '' and person is not null limit 1",
        tenant,
        handle,
    )
    return found


async def context(db: asyncpg.Connection, tenant: int, person: bytes, purpose: str) -> PersonContext | None:
    """What may be known of a person now; None where there is no such person. Raises BadInput for a purpose that is none."""
    allowed = PURPOSES.get(purpose)
    if allowed is None:
        raise BadInput(f"purpose must be one of {', '.join(PURPOSES)}, got {purpose!r}")
    found = await read_rows(db, tenant, Person, [person])
    if not found:
        return None
    known = found[0]
    events = await read_rows(db, tenant, PersonEvents, [person])
    handles = await read_where(db, tenant, Handle, "person = $2 order by name", person)
    latest = await read_where(
        db, tenant, Conversation, "person = $2 order by last_at desc limit $3", person, MOST_CONVERSATIONS
    )
    return PersonContext(
        person=person,
        purpose=purpose,
        name=known.name,
        language=known.language,
        handles=tuple(handle.name for handle in handles),
        attributes=tuple(attribute for attribute in known.attributes if _may_tell(allowed, attribute)),
        events=tuple(event for event in _events(events) if may_see(allowed, event.kind)),
        agents=known.agents,
        conversations=tuple(_issue(conversation, allowed) for conversation in latest),
    )


def may_see(purpose: Purpose, name: str) -> bool:
    """Whether an event of this kind, or an attribute of this name, may be seen for the purpose."""
    if name.startswith(purpose.never):
        return False
    return not purpose.only or name.startswith(purpose.only)


def _may_tell(purpose: Purpose, attribute: Attribute) -> bool:
    """Whether an attribute may be seen: its name, and the event that taught it, so that neither tells what the other hides."""
    source, _, kind = attribute.source.partition(":")
    return may_see(purpose, attribute.name) and (source != "event" or may_see(purpose, kind))


def _events(rows: Iterable[PersonEvents]) -> tuple[JourneyEvent, ...]:
    return next((row.events for row in rows), ())


def _issue(conversation: Conversation, purpose: Purpose) -> Issue:
    preview = conversation.preview if purpose.with_messages else ""
    return Issue(
        conversation.id, conversation.state.value, conversation.channel, conversation.intent, conversation.agent, preview
    )
