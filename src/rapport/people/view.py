"""The view of people: handles, persons, what is believed of them, and their journey."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.attribute import Attribute
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    AttributeLearnt,
    ConversationContinued,
    ConversationOpened,
    EventData,
    JourneyEventSeen,
    MessageReceived,
    OfferAccepted,
    PersonData,
    PersonDeclared,
    PersonRecognised,
)
from rapport.model.ids import derived_id
from rapport.model.message import Message, Said
from rapport.model.naming import key_id, keys_of
from rapport.model.person import Handle, JourneyEvent, KnownBy, Person, PersonEvents
from rapport.model.stopping import Wish, wish_of
from rapport.model.story import TRANSCRIPT
from rapport.people.attributes import read_value, with_attribute
from rapport.people.groups.view import FOLDS as GROUPS
from rapport.people.imports.view import FOLDS as IMPORTS
from rapport.people.merging import FOLDS as MERGING, MOST_AGENTS, join, keep, keep_events, latest, own
from rapport.people.profiles import remind
from rapport.people.retaining import FOLDS as RETAINING, remind as remind_end
from rapport.people.rights import FOLDS as RIGHTS, said_by_an_agent, said_by_themselves

MOST_KNOWN = 16  # persons who are known by one number: of a switchboard, more would tell nothing


def person_of(handle: Handle | None, id: bytes) -> bytes:
    """The person whose handle it is: the one on record, else the one who begins with this handle."""
    return handle.person if handle is not None and handle.person is not None else derived_id(id, "person")


def event_of(fact: JourneyEventSeen, data: dict[str, Any], person: bytes) -> JourneyEvent:  # Any: plain JSON
    """The journey event that a fact and its content say."""
    return JourneyEvent(fact.event, fact.happened_at, fact.kind, fact.source, person, fact.handle, data)


def without_lines(event: JourneyEvent) -> JourneyEvent:
    """The event without what was said in the call that it is the transcript of: that stands in its own row alone."""
    said = {name: value for name, value in event.data.items() if name != "lines"}
    return replace(event, data=said) if event.kind == TRANSCRIPT else event


def with_event(before: PersonEvents | None, *new: JourneyEvent) -> PersonEvents:
    """A person's latest events with these among them, newest first; the same event twice is one."""
    person = before.id if before else cast(bytes, new[0].person)
    return PersonEvents(person, latest((*(before.events if before else ()), *new)))


def known_by(rows: Rows, person: bytes, keys: Iterable[str]) -> None:
    """Remember that a person is known by these keys."""
    for key in keys:
        before = rows.get(KnownBy, key_id(key)) or KnownBy(key_id(key))
        if person not in before.persons and len(before.persons) < MOST_KNOWN:
            rows.put(replace(before, persons=(*before.persons, person)))


def _heard(entry: Written, rows: Rows) -> None:
    fact = cast(MessageReceived, entry.fact)
    said = entry.content if isinstance(entry.content, Said) else Said("", "")
    before = rows.get(Handle, fact.handle) or Handle(fact.handle, said.handle)
    wish = wish_of(said.text)
    rows.put(
        replace(
            before,
            name=said.handle or before.name,
            display=said.name or before.display,
            at=_later(before.at, fact.said_at),
            stopped_at=before.stopped_at if wish is None else fact.said_at if wish is Wish.STOP else None,
        )
    )


def _recognised(entry: Written, rows: Rows) -> None:
    fact = cast(PersonRecognised, entry.fact)
    handle = rows.get(Handle, fact.handle) or Handle(fact.handle, "")
    if handle.person != fact.person:
        rows.put(replace(handle, person=fact.person))
        known_by(rows, fact.person, keys_of((handle.name,)))
    message = rows.change(Message, fact.message, person=fact.person)
    at = message.at if message else entry.at
    before = own(rows, fact.person) or Person(fact.person)
    keep(
        rows,
        replace(
            before,
            name=_name(before, handle),
            language=(message.language if message else "") or before.language,
            first_at=_earlier(before.first_at, at),
            last_at=_later(before.last_at, at),
            messages=before.messages + 1,
        ),
    )


def _name(person: Person, handle: Handle) -> str:
    """Their name: the one on record, unless it was only a handle's and a better one is known now."""
    short = handle.name.partition(":")[2]
    return handle.display or short if person.name in ("", short) else person.name


def _event_seen(entry: Written, rows: Rows) -> None:
    fact = cast(JourneyEventSeen, entry.fact)
    content = entry.content if isinstance(entry.content, EventData) else EventData()
    handle = rows.get(Handle, fact.handle) or Handle(fact.handle, content.handle)
    person = person_of(handle, fact.handle)
    if handle.person is None or (content.handle and not handle.name):
        name = handle.name or content.handle
        rows.put(replace(handle, person=person, name=name))
        known_by(rows, person, keys_of((name,)))
    event = event_of(fact, content.data, person)
    rows.put(event)
    remind_end(event, rows)
    keep_events(rows, person, without_lines(event))
    if rows.get(Person, person) is None:
        rows.put(Person(person, name=handle.display or handle.name.partition(":")[2], first_at=fact.happened_at))


def _declared(entry: Written, rows: Rows) -> None:
    fact = cast(PersonDeclared, entry.fact)
    content = entry.content if isinstance(entry.content, PersonData) else PersonData()
    ids = fact.handles or (fact.handle,)
    names = content.handles if len(content.handles) == len(ids) else ("",) * len(ids)
    handles = [rows.get(Handle, id) or Handle(id, name) for id, name in zip(ids, names, strict=True)]
    survivor = next((h.person for h in handles if h.person is not None), None) or person_of(None, ids[0])
    for handle, name in zip(handles, names, strict=True):
        rows.put(replace(handle, person=handle.person or survivor, name=handle.name or name))
    person = own(rows, survivor) or Person(survivor, first_at=entry.at)
    attributes = person.attributes
    for name, raw in content.attributes.items():
        value = read_value(raw)
        if value is not None and name not in person.withdrawn and not said_by_themselves(person, name):
            attributes = with_attribute(attributes, Attribute(name, value, fact.source or "declared", entry.at))
    shown = content.name or person.name or next((h.display for h in handles if h.display), "")
    keep(rows, replace(person, name=shown or names[0].partition(":")[2], attributes=attributes))
    for other in dict.fromkeys(h.person for h in handles if h.person not in (None, survivor)):
        join(rows, other, survivor)
    known_by(rows, survivor, keys_of(names, content.attributes))


def _learnt(entry: Written, rows: Rows) -> None:
    fact = cast(AttributeLearnt, entry.fact)
    content = entry.content if isinstance(entry.content, PersonData) else PersonData()
    value = read_value(content.attributes.get(fact.name))
    person = own(rows, fact.person)
    if value is None or person is None or fact.name in person.withdrawn or said_by_themselves(person, fact.name):
        return
    if not isinstance(value, list | dict) and said_by_an_agent(person, fact.name):
        return
    if fact.name == "agents" and isinstance(value, list):
        keep(rows, replace(person, agents=_first(person.agents, value)))
        return
    attribute = Attribute(fact.name, value, fact.source, entry.at, fact.confidence, fact.expires)
    keep(rows, replace(person, attributes=with_attribute(person.attributes, attribute)))
    remind(person.id, fact.source, fact.expires, rows)


def _first(agents: tuple[str, ...], latest: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*latest, *agents)))[:MOST_AGENTS]


def _served(entry: Written, rows: Rows) -> None:
    fact = cast(OfferAccepted, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    person = own(rows, conversation.person) if conversation and not fact.bot else None
    if person is not None and person.agents[:1] != (fact.agent,):
        keep(rows, replace(person, agents=_first(person.agents, (fact.agent,))))


def _conversing(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationOpened | ConversationContinued, entry.fact)
    person = own(rows, fact.person)
    if person is not None:
        keep(rows, replace(person, conversation=fact.conversation), entry.at)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return one if other is None or (one is not None and one <= other) else other


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return one if other is None or (one is not None and one >= other) else other


FOLDS: Folds = {
    MessageReceived: _heard,
    PersonRecognised: _recognised,
    JourneyEventSeen: _event_seen,
    PersonDeclared: _declared,
    AttributeLearnt: _learnt,
    OfferAccepted: _served,
    ConversationOpened: _conversing,
    ConversationContinued: _conversing,
    **MERGING,
    **RIGHTS,
    **GROUPS,
    **IMPORTS,
    **RETAINING,
}
