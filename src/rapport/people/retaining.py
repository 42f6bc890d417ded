"""Retaining: an event of a kind with `keep_days` leaves the person's journey at the end of them, unless a legal hold keeps it.

Its sealed entry stays in the ledger until the keys of its handle are destroyed; a rebuild ends it again.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

from rapport.ledger.entry import New
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact_person import EventEnded
from rapport.model.ids import derived_id
from rapport.model.journey import MOST_DAYS
from rapport.model.person import Hold, JourneyEvent, Person
from rapport.model.reply import Reminder
from rapport.people.merging import drop_event

ENDS = "event"  # what its reminder is called
AGAIN = timedelta(days=30)  # a held event is looked at again


def reminder_of(event: bytes) -> bytes:
    """The id of the reminder that an event ends."""
    return derived_id(event, "reminder", ENDS)


def remind(event: JourneyEvent, rows: Rows) -> None:
    """See that an event ends with the days of its kind."""
    kind = rows.centre.events.get(event.kind)
    if kind is not None and kind.keep_days:
        rows.put(Reminder(reminder_of(event.id), event.at + timedelta(days=min(kind.keep_days, MOST_DAYS)), ENDS, event.id))


def falls(reminder: Reminder, rows: Rows) -> Iterable[New]:
    """That an event ended, or that a hold keeps it."""
    event = rows.get(JourneyEvent, reminder.subject)
    if event is None or event.person is None:
        return
    person = rows.get(Person, event.person)
    holds = [rows.get(Hold, id) for id in (person.ids if person is not None else (event.person,))]
    fact = EventEnded(event.id, event.person, any(hold is not None and hold.lifted_at is None for hold in holds))
    yield New(derived_id(reminder.id, "ended", rows.now.isoformat()), rows.now, event.person, fact)


def _ended(entry: Written, rows: Rows) -> None:
    fact = cast(EventEnded, entry.fact)
    if fact.held:
        rows.put(Reminder(reminder_of(fact.event), entry.at + AGAIN, ENDS, fact.event))
        return
    rows.drop(JourneyEvent, fact.event)
    drop_event(rows, fact.person, fact.event)


FOLDS: Folds = {EventEnded: _ended}
