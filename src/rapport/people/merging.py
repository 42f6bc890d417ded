"""Merging: persons that are one are shown as one, and each keeps what is its own, so that two are two again without a loss.

Messages, events and conversations keep the person whose handle they came by. While persons are merged, `Apart` holds what is
known of each by itself, and the row of each shows what is known of all; both are folded from the same facts.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.attribute import Attribute
from rapport.model.fact import PersonsAlike, PersonsMerged
from rapport.model.person import Alike, Apart, JourneyEvent, Person, PersonEvents, alike_id
from rapport.people.attributes import THEMSELVES, merged, with_attribute

MOST_EVENTS = 20
MOST_AGENTS = 8


def own(rows: Rows, id: bytes) -> Person | None:
    """What is known of a person by itself; None where there is no such person."""
    apart = rows.get(Apart, id)
    return apart.known if apart is not None else rows.get(Person, id)


def keep(rows: Rows, person: Person, conversing_at: datetime | None = None) -> None:
    """Put what is known of a person by itself; those that are one with it show it too."""
    apart = rows.get(Apart, person.id)
    if apart is None:
        rows.put(person)
        return
    known = replace(person, family=())
    rows.put(replace(apart, known=known, conversing_at=conversing_at or apart.conversing_at))
    _show(_members(rows, person.id), rows)


def keep_events(rows: Rows, id: bytes, *new: JourneyEvent) -> None:
    """Add events to the latest of a person, and of those that are one with it."""
    apart = rows.get(Apart, id)
    if apart is None:
        before = rows.get(PersonEvents, id)
        rows.put(PersonEvents(id, latest((*(before.events if before else ()), *new))))
        return
    rows.put(replace(apart, events=latest((*apart.events, *new))))
    _show(_members(rows, id), rows)


def drop_event(rows: Rows, id: bytes, event: bytes) -> None:
    """Take an event out of the latest of a person, and of those that are one with it."""
    apart, before = rows.get(Apart, id), rows.get(PersonEvents, id)
    if apart is not None:
        rows.put(replace(apart, events=tuple(one for one in apart.events if one.id != event)))
        _show(_members(rows, id), rows)
    elif before is not None:
        rows.put(PersonEvents(id, tuple(one for one in before.events if one.id != event)))


def latest(events: Iterable[JourneyEvent]) -> tuple[JourneyEvent, ...]:
    """The latest of these events, newest first; the same event twice is one."""
    found = {event.id: event for event in events}
    return tuple(sorted(found.values(), key=lambda e: (e.at, e.id), reverse=True)[:MOST_EVENTS])


def are_one(rows: Rows, one: bytes, other: bytes) -> bool:
    """Whether two persons on record are the same."""
    person = rows.get(Person, one)
    return one == other or (person is not None and other in person.family)


def join(rows: Rows, one: bytes, into: bytes) -> None:
    """Let two be one from now on. What already is one stays as it is."""
    if are_one(rows, one, into):
        return
    for id in (one, into):
        if rows.get(Apart, id) is None:
            events = rows.get(PersonEvents, id)
            known = replace(rows.get(Person, id) or Person(id), family=())
            rows.put(Apart(id, known, events.events if events else (), None, known.last_at))
    members = [*_members(rows, into), *_members(rows, one)]
    top = _top(rows, one)
    rows.put(replace(cast(Apart, rows.get(Apart, top)), into=into))
    _show(members, rows)


def part(rows: Rows, one: bytes) -> None:
    """Let a person stand by itself again, with those that were merged into it before."""
    apart = rows.get(Apart, one)
    if apart is None or apart.into is None:
        return
    members = _members(rows, one)
    rows.put(replace(apart, into=None))
    under = [id for id in members if one in _way(rows, id)]
    for side in (under, [id for id in members if id not in under]):
        _show(side, rows)


def _members(rows: Rows, id: bytes) -> list[bytes]:
    person = rows.get(Person, id)
    return list(person.ids) if person is not None else [id]


def _way(rows: Rows, id: bytes) -> list[bytes]:
    """The person, whom it was merged into, and so on."""
    way = [id]
    while (apart := rows.get(Apart, way[-1])) is not None and apart.into is not None and apart.into not in way:
        way.append(apart.into)
    return way


def _top(rows: Rows, id: bytes) -> bytes:
    return _way(rows, id)[-1]


def _show(members: Sequence[bytes], rows: Rows) -> None:
    """Put the rows of persons that are one: what is known of all, under the id of each. One alone needs nothing beside it."""
    found = [apart for id in members if (apart := rows.get(Apart, id)) is not None]
    ordered = sorted(found, key=lambda apart: (len(_way(rows, apart.id)), members.index(apart.id)))
    if len(ordered) == 1:
        (apart,) = ordered
        rows.put(apart.known)
        rows.put(PersonEvents(apart.id, apart.events))
        rows.drop(Apart, apart.id)
        return
    whole = together(ordered)
    events = latest(event for apart in ordered for event in apart.events)
    family = tuple(apart.id for apart in ordered)
    for id in family:
        rows.put(replace(whole, id=id, family=family))
        rows.put(PersonEvents(id, tuple(replace(event, person=id) for event in events)))


def together(parts: Sequence[Apart]) -> Person:
    """One person, from what is known of each part, the one in whom they go on first."""
    known = [part.known for part in parts]
    attributes = known[0].attributes
    for other in known[1:]:
        for new in other.attributes:
            attributes = with_attribute(attributes, _both(next((a for a in attributes if a.name == new.name), None), new))
    withdrawn = dict.fromkeys(name for one in known for name in one.withdrawn)
    said = {a.name for a in attributes if a.source == THEMSELVES}
    conversing = max(parts, key=lambda p: (p.conversing_at is not None, p.conversing_at and p.conversing_at.timestamp()))
    first = [one.first_at for one in known if one.first_at]
    last = [one.last_at for one in known if one.last_at]
    named = [one.name for one in known if one.name and not any(sign in one.name for sign in "@+")]
    return replace(
        known[0],
        name=next(iter(named), known[0].name or known[-1].name),
        language=next((one.language for one in known if one.language), ""),
        first_at=min(first, default=None),
        last_at=max(last, default=None),
        messages=sum(one.messages for one in known),
        conversation=conversing.known.conversation or next((one.conversation for one in known if one.conversation), None),
        attributes=tuple(a for a in attributes if a.name in said or a.name not in withdrawn),
        withdrawn=tuple(name for name in withdrawn if name not in said),
        agents=tuple(dict.fromkeys(agent for one in known for agent in one.agents))[:MOST_AGENTS],
    )


def _both(old: Attribute | None, new: Attribute) -> Attribute:
    """One attribute of what is believed of two parts; what they said of themselves stands alone."""
    if old is None:
        return new
    own_words = (old.source == THEMSELVES, new.source == THEMSELVES)
    if any(own_words):
        return new if own_words == (False, True) or (all(own_words) and new.at >= old.at) else old
    later = new if new.at >= old.at else old
    return replace(later, value=merged(old.value, new.value) if isinstance(old.value, list | dict) else later.value)


def _merged(entry: Written, rows: Rows) -> None:
    fact = cast(PersonsMerged, entry.fact)
    if fact.undone:
        part(rows, fact.one)
    else:
        join(rows, fact.one, fact.into)
    pair = rows.get(Alike, alike_id(fact.one, fact.into))
    if pair is not None or fact.undone:
        state = "apart" if fact.undone else "merged"
        before = pair or Alike(alike_id(fact.one, fact.into), fact.one, fact.into, fact.probability, fact.why, entry.at)
        rows.put(replace(before, state=state, by=fact.by))


def _alike(entry: Written, rows: Rows) -> None:
    fact = cast(PersonsAlike, entry.fact)
    id = alike_id(fact.one, fact.other)
    before = rows.get(Alike, id) or Alike(id, fact.one, fact.other, fact.probability, fact.why, entry.at)
    rows.put(replace(before, state=fact.state, by=fact.by))


FOLDS: Folds = {PersonsMerged: _merged, PersonsAlike: _alike}
