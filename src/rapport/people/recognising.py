"""Who is whom: what follows when somebody new is known by what another is known by, and what agents decide of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from rapport.ledger.entry import New, follows
from rapport.ledger.fetch_person import family_of, persons_in
from rapport.ledger.views import Rows, Written
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    ActionTaken,
    EventData,
    Fact,
    JourneyEventSeen,
    PersonData,
    PersonDeclared,
    PersonRecognised,
    PersonsAlike,
    PersonsMerged,
)
from rapport.model.fact_rights import LikenessFound
from rapport.model.naming import key_id, keys_of
from rapport.model.person import Alike, Apart, Handle, KnownBy, Person, alike_id
from rapport.people.identity.evidence import Record, Verdict, compare
from rapport.people.merging import are_one, own

GONE = "There is no such person; they may have been merged meanwhile. Look again."


def of_message(entry: Written, rows: Rows) -> Iterable[New]:
    """What a first message tells: who else is known by its handle's number or mailbox."""
    fact = cast(PersonRecognised, entry.fact)
    handle = rows.get(Handle, fact.handle) if fact.is_new else None
    if handle is not None:
        yield from _found(entry, fact.person, keys_of((handle.name,)), rows)


def of_event(entry: Written, rows: Rows) -> Iterable[New]:
    """The same of an event of somebody of whom nothing was known."""
    fact, content = cast(JourneyEventSeen, entry.fact), entry.content
    handle = rows.get(Handle, fact.handle)
    if handle is not None and handle.person is not None and isinstance(content, EventData) and content.handle:
        person = rows.get(Person, handle.person)
        if person is not None and person.messages == 0 and person.first_at == fact.happened_at:
            yield from _found(entry, handle.person, keys_of((content.handle,)), rows)


def of_declaration(entry: Written, rows: Rows) -> Iterable[New]:
    """The same of what a department declares."""
    fact, content = cast(PersonDeclared, entry.fact), entry.content
    handle = rows.get(Handle, (fact.handles or (fact.handle,))[0])
    if handle is not None and handle.person is not None and isinstance(content, PersonData):
        yield from _found(entry, handle.person, keys_of(content.handles, content.attributes), rows)


def of_likeness(entry: Written, rows: Rows) -> Iterable[New]:
    """Put two who are nearly known by the same before somebody, unless they are one, were judged, or are gone."""
    fact = cast(LikenessFound, entry.fact)
    pair = rows.get(Alike, alike_id(fact.one, fact.other))
    gone = any(rows.get(Person, id) is None for id in (fact.one, fact.other))
    if gone or pair is not None or are_one(rows, fact.one, fact.other) or _held_apart(rows, fact.one, fact.other):
        return
    alike = PersonsAlike(fact.one, fact.other, fact.probability, fact.why)
    yield follows(entry, alike, subject=alike_id(fact.one, fact.other), at=rows.now)


def _found(entry: Written, person: bytes, keys: Iterable[str], rows: Rows) -> Iterable[New]:
    verdicts: dict[bytes, Verdict] = {}
    for key in keys:
        known = rows.get(KnownBy, key_id(key))
        families = _families(known.persons if known else (), rows)
        for other in families:
            if not are_one(rows, person, other):
                verdict = compare(_record(rows, person, key), _record(rows, other, key), sharing=len(families))
                if other not in verdicts or verdict.probability > verdicts[other].probability:
                    verdicts[other] = verdict
    certain = [other for other, verdict in verdicts.items() if verdict.decision == "merge"]
    for other, verdict in verdicts.items():
        pair = rows.get(Alike, alike_id(person, other))
        if verdict.decision == "apart" or (pair is not None and pair.state != "open") or _held_apart(rows, person, other):
            continue
        fact: Fact
        if certain == [other]:
            fact = PersonsMerged(person, other, "", verdict.probability, verdict.why)
        else:
            fact = PersonsAlike(person, other, verdict.probability, verdict.why)
        yield follows(entry, fact, subject=alike_id(person, other), at=rows.now)


def _held_apart(rows: Rows, one: bytes, other: bytes) -> bool:
    """Whether anybody of one's family was decided to be another than somebody of the other's."""
    pairs = (rows.get(Alike, alike_id(a, b)) for a in family_of(rows, one) for b in family_of(rows, other))
    return any(pair is not None and pair.state == "apart" for pair in pairs)


def _families(persons: Iterable[bytes], rows: Rows) -> list[bytes]:
    """One of each family."""
    found: list[bytes] = []
    for id in persons:
        if not any(are_one(rows, id, other) for other in found):
            found.append(id)
    return found


def _record(rows: Rows, id: bytes, key: str) -> Record:
    """What a person is known by, with the key that both have."""
    person = own(rows, id) or Person(id)
    told = {a.name: a.value for a in person.attributes if isinstance(a.value, str)}
    kind, _, name = key.partition(":")
    emails = [told.get("email", ""), name if kind == "email" else ""]
    phones = [told.get("phone", ""), name if kind == "phone" else ""]
    born, place = told.get("birth_date", ""), told.get("city", "")
    return Record(person.name, tuple(filter(None, emails)), tuple(filter(None, phones)), str(place), str(born))


def _merge(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    named = persons_in(fact.argument)
    if len(named) != 2 or any(rows.get(Person, id) is None for id in named):
        yield _refused(entry, fact, rows, GONE)
        return
    one, into = named
    if are_one(rows, one, into):
        yield _refused(entry, fact, rows, "These two are one person already.")
        return
    while (apart := rows.get(Apart, one)) is not None and apart.into is not None:
        one = apart.into
    pair = rows.get(Alike, alike_id(*named))
    merged = PersonsMerged(one, into, fact.agent, pair.probability if pair else 1.0, pair.why if pair else ("linked",))
    yield follows(entry, merged, subject=into, at=rows.now)
    yield _done(entry, fact, rows, into)


def _unmerge(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    named = persons_in(fact.argument)
    apart = rows.get(Apart, named[0]) if named else None
    if apart is None or apart.into is None:
        yield _refused(entry, fact, rows, "This person was not merged into another one.")
        return
    parted = PersonsMerged(apart.id, apart.into, fact.agent, undone=True)
    yield follows(entry, parted, subject=apart.into, at=rows.now)
    yield _done(entry, fact, rows, apart.id)


def _keep_apart(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    named = persons_in(fact.argument)
    pair = rows.get(Alike, alike_id(*named)) if len(named) == 2 else None
    if pair is None:
        yield _refused(entry, fact, rows, GONE)
        return
    kept = PersonsAlike(pair.one, pair.other, pair.probability, pair.why, "apart", fact.agent)
    yield follows(entry, kept, subject=pair.id, at=rows.now)
    yield _done(entry, fact, rows, pair.one)


def _done(entry: Written, fact: ActionTaken, rows: Rows, result: bytes) -> New:
    return follows(entry, ActionDone(fact.action, result), subject=fact.action, at=rows.now)


def _refused(entry: Written, fact: ActionTaken, rows: Rows, reason: str) -> New:
    return follows(entry, ActionRefused(fact.action, reason), subject=fact.action, at=rows.now)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {
    "merge_person": _merge,
    "unmerge_person": _unmerge,
    "keep_apart": _keep_apart,
}


def act(entry: Written, rows: Rows) -> Iterable[New]:
    """What somebody decides of persons."""
    fact = cast(ActionTaken, entry.fact)
    action = ACTIONS.get(fact.do)
    return action(entry, fact, rows) if action is not None else ()
