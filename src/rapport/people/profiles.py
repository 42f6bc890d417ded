"""Public profiles: what a network shows everybody of whoever wrote to us in public, as attributes with a source and an end.

Nobody has a profile who has not written to us; it is learnt only while the centre keeps profiles (`Profile.public_profiles`).
A word of a department, or of the person, is never replaced by it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from msgspec.structs import replace

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.fact import AttributeLearnt, ConsentNoted, PersonData
from rapport.model.fact_rights import AttributesEnded, ProfileSeen
from rapport.model.ids import derived_id
from rapport.model.person import Handle, Person
from rapport.model.reply import Reminder
from rapport.people.attributes import read_value
from rapport.people.merging import keep, own

SHOWN = ("bio", "followers", "verified", "on_network_since")  # attributes that a profile can set
SOURCE = "profile:"
CONSENT = "public-profile"  # the purpose under which somebody refuses it
ENDS = "profile"  # what its reminder is called
SURE = 0.9
FRESH = timedelta(days=7)  # a value that is believed for longer still is not learnt again


def reminder_of(person: bytes) -> bytes:
    """The id of the reminder that a person's profile ends."""
    return derived_id(person, "reminder", ENDS)


def learn(entry: Written, rows: Rows) -> Iterable[New]:
    """What a profile teaches of somebody who wrote to us."""
    fact, content = cast(ProfileSeen, entry.fact), entry.content
    handle = rows.get(Handle, fact.handle)
    known = own(rows, handle.person) if handle is not None and handle.person is not None else None
    if known is None or not known.messages or not isinstance(content, PersonData):
        return
    before = {attribute.name: attribute for attribute in known.attributes}
    for nth, name in enumerate(SHOWN):
        value, old = read_value(content.attributes.get(name)), before.get(name)
        if value is None or value == "" or (old is not None and not old.source.startswith(SOURCE)):
            continue
        if old is not None and old.value == value and old.expires is not None and fact.until - old.expires < FRESH:
            continue
        learnt = AttributeLearnt(fact.handle, known.id, name, f"{SOURCE}{fact.channel}", SURE, fact.until)
        data = PersonData(attributes={name: value})
        yield follows(entry, learnt, subject=known.id, at=rows.now, content=data, owner=fact.handle, nth=nth)


def remind(person: bytes, source: str, expires: datetime | None, rows: Rows) -> None:
    """See that a profile is taken away when it ends; what ends first counts."""
    if expires is None or not source.startswith(SOURCE):
        return
    before = rows.get(Reminder, reminder_of(person))
    known = own(rows, person)
    ends = [a.expires for a in known.attributes if a.source.startswith(SOURCE) and a.expires] if known else []
    at = min([*ends, expires])
    if before is None or before.at != at:
        rows.put(Reminder(reminder_of(person), at, ENDS, person))


def falls(reminder: Reminder, rows: Rows) -> Iterable[New]:
    """What has ended of what was believed of a person."""
    known = own(rows, reminder.subject)
    ended = tuple(a.name for a in known.attributes if a.expires is not None and a.expires <= rows.now) if known else ()
    if known is not None and (ended or any(a.source.startswith(SOURCE) for a in known.attributes)):
        fact = AttributesEnded(known.id, ended)
        yield New(derived_id(reminder.id, "ended", rows.now.isoformat()), rows.now, known.id, fact)


def ended(entry: Written, rows: Rows) -> None:
    """Take what has ended away; of what is left, the next end is remembered."""
    fact = cast(AttributesEnded, entry.fact)
    known = own(rows, fact.person)
    if known is None:
        return
    kept = tuple(a for a in known.attributes if a.name not in fact.names or a.expires is None or a.expires > entry.at)
    keep(rows, replace(known, attributes=kept))
    left = [a.expires for a in kept if a.source.startswith(SOURCE) and a.expires is not None]
    if left:
        rows.put(Reminder(reminder_of(known.id), min(left), ENDS, known.id))


def consented(entry: Written, rows: Rows) -> None:
    """Take a profile away, and learn none any more, where they refuse it; learn again where they agree."""
    fact = cast(ConsentNoted, entry.fact)
    if fact.purpose != CONSENT:
        return
    person = rows.get(Person, fact.person)
    for id in person.ids if person is not None else ():
        known = own(rows, id)
        if known is not None:
            keep(rows, _agreed(known) if fact.given else _refused(known))
            if not fact.given:
                rows.drop(Reminder, reminder_of(id))


def _refused(known: Person) -> Person:
    kept = tuple(a for a in known.attributes if not a.source.startswith(SOURCE))
    return replace(known, attributes=kept, withdrawn=tuple(dict.fromkeys((*known.withdrawn, *SHOWN))))


def _agreed(known: Person) -> Person:
    return replace(known, withdrawn=tuple(name for name in known.withdrawn if name not in SHOWN))
