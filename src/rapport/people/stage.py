"""The stage that says who it is: a message's handle becomes a person, and what they do teaches us about them."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Steps, Written
from rapport.model.fact import (
    ActionTaken,
    AttributeLearnt,
    EventData,
    JourneyEventSeen,
    MessageUnderstood,
    PersonData,
    PersonDeclared,
    PersonRecognised,
)
from rapport.model.fact_rights import LikenessFound, ProfileSeen
from rapport.model.message import Message
from rapport.model.person import Handle, PersonEvents
from rapport.people import profiles, recognising, requests, retaining
from rapport.people.learnt.worded import from_words
from rapport.people.merging import own
from rapport.people.signals import Learnt, from_event, from_message
from rapport.people.view import event_of, person_of, with_event


def stage() -> Stage:
    """The people stage."""
    steps: Steps = {
        MessageUnderstood: _recognise,
        PersonRecognised: recognising.of_message,
        JourneyEventSeen: _of_event,
        PersonDeclared: recognising.of_declaration,
        ActionTaken: recognising.act,
        LikenessFound: recognising.of_likeness,
        ProfileSeen: profiles.learn,
    }
    return Stage(
        "people", steps, due={requests.DUE: requests.falls, profiles.ENDS: profiles.falls, retaining.ENDS: retaining.falls}
    )


def _recognise(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(MessageUnderstood, entry.fact)
    person = person_of(rows.get(Handle, fact.handle), fact.handle)
    known = own(rows, person)
    recognised = PersonRecognised(fact.message, fact.handle, person, is_new=known is None)
    yield follows(entry, recognised, subject=person, at=rows.now)
    message = rows.get(Message, fact.message)
    if message is not None:
        at = _earlier(message.at, rows.now)
        learnt = from_words(from_message(message.text, known, at), message.text, known, at, rows.centre)
        yield from _learn(entry, rows.now, fact.handle, person, learnt)


def _of_event(entry: Written, rows: Rows) -> Iterable[New]:
    yield from recognising.of_event(entry, rows)
    yield from _learn_from_event(entry, rows)


def _learn_from_event(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(JourneyEventSeen, entry.fact)
    person = person_of(rows.get(Handle, fact.handle), fact.handle)
    data = entry.content.data if isinstance(entry.content, EventData) else {}
    event = event_of(fact, data, person)
    events = with_event(rows.get(PersonEvents, person), event).events
    at = _earlier(fact.happened_at, rows.now)
    learnt = from_event(event, events, own(rows, person), at, rows.centre)
    yield from _learn(entry, rows.now, fact.handle, person, learnt)


def _learn(entry: Written, now: datetime, handle: bytes, person: bytes, learnt: list[Learnt]) -> Iterable[New]:
    for nth, one in enumerate(learnt):
        if one.expires is None or one.expires > now:
            fact = AttributeLearnt(handle, person, one.name, one.source, one.confidence, one.expires)
            content = PersonData(attributes={one.name: one.value})
            yield follows(entry, fact, subject=person, at=now, content=content, owner=handle, nth=nth)


def _earlier(said: datetime, now: datetime) -> datetime:
    """When it was, but never in the future, whatever a network's clock says."""
    return min(said, now)
