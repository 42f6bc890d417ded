"""Rights: what a person agreed to, who read of them, what they correct, what the law holds and what was erased."""

from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.attribute import Attribute
from rapport.model.fact import (
    AttributeCorrected,
    AttributeNoted,
    ConsentNoted,
    ContextRead,
    PersonData,
    PersonErased,
    PersonHeld,
    Words,
)
from rapport.model.fact_rights import AttributesEnded
from rapport.model.noted import Noted, noted_id
from rapport.model.person import Consent, Erasure, Glance, Hold, Person, consent_id
from rapport.people import profiles, requests
from rapport.people.attributes import THEMSELVES, read_value, with_attribute
from rapport.people.merging import keep, own

AGENTS = "agent:"  # the source of what an agent said, with who it was: nothing that is learnt takes its place


def said_by_themselves(person: Person, name: str) -> bool:
    """Whether they corrected this attribute."""
    return any(a.name == name and a.source == THEMSELVES for a in person.attributes)


def said_by_an_agent(person: Person, name: str) -> bool:
    """Whether an agent said so."""
    return any(a.name == name and a.source.startswith(AGENTS) for a in person.attributes)


def _read(entry: Written, rows: Rows) -> None:
    fact = cast(ContextRead, entry.fact)
    rows.put(Glance(entry.id, fact.person, fact.by, fact.purpose, entry.at))


def _consent(entry: Written, rows: Rows) -> None:
    fact = cast(ConsentNoted, entry.fact)
    words = entry.content.text if isinstance(entry.content, Words) else ""
    id = consent_id(fact.person, fact.purpose, fact.channel)
    rows.put(Consent(id, fact.person, fact.purpose, fact.channel, fact.given, entry.at, fact.by, words, fact.until))
    profiles.consented(entry, rows)


def _held(entry: Written, rows: Rows) -> None:
    fact = cast(PersonHeld, entry.fact)
    if fact.lifted:
        person = rows.get(Person, fact.person)
        for id in person.ids if person is not None else (fact.person,):
            before = rows.get(Hold, id)
            if before is not None and before.lifted_at is None:
                rows.put(replace(before, lifted_at=entry.at))
        return
    reason = entry.content.text if isinstance(entry.content, Words) else ""
    rows.put(Hold(fact.person, reason, fact.by, entry.at))


def _erased(entry: Written, rows: Rows) -> None:
    fact = cast(PersonErased, entry.fact)
    requests.erased(entry, rows)
    rows.put(Erasure(entry.id, fact.person, entry.at, fact.by, len(fact.handles), fact.keys, fact.cleared))


def _corrected(entry: Written, rows: Rows) -> None:
    fact = cast(AttributeCorrected, entry.fact)
    person = rows.get(Person, fact.person)
    for id in person.ids if person else ():
        known = own(rows, id)
        if fact.withdrawn:
            rows.drop(Noted, noted_id(id, fact.name))  # their own word: no agent's stands against it
        if known is not None and (fact.withdrawn or id == fact.person):
            keep(rows, _withdrawn(known, fact.name) if fact.withdrawn else _said(known, entry))


def _withdrawn(person: Person, name: str) -> Person:
    kept = tuple(attribute for attribute in person.attributes if attribute.name != name)
    return replace(person, attributes=kept, withdrawn=tuple(dict.fromkeys((*person.withdrawn, name))))


def _said(person: Person, entry: Written) -> Person:
    fact = cast(AttributeCorrected, entry.fact)
    content = entry.content if isinstance(entry.content, PersonData) else PersonData()
    value = read_value(content.attributes.get(fact.name))
    if value is None:
        return person
    attribute = Attribute(fact.name, value, THEMSELVES, entry.at)
    kept = tuple(name for name in person.withdrawn if name != fact.name)
    return replace(person, attributes=with_attribute(person.attributes, attribute), withdrawn=kept)


def _noted(entry: Written, rows: Rows) -> None:
    fact = cast(AttributeNoted, entry.fact)
    content = entry.content if isinstance(entry.content, PersonData) else PersonData()
    name, said = next(iter(content.attributes.items()), ("", None))
    value, person = read_value(said), rows.get(Person, fact.person)
    parts = [known for id in (person.ids if person is not None else ()) if (known := own(rows, id)) is not None]
    if value is None or any(_is_theirs(known, name, rows) for known in parts):
        return
    for known in parts:
        id, before = noted_id(known.id, name), rows.get(Noted, noted_id(known.id, name))
        if fact.denied or known.id == fact.person:
            rows.put(Noted(id, known.id, name, (value,), fact.by, entry.at, fact.denied))
        elif before is not None and before.denied:
            rows.drop(Noted, id)
    attribute = Attribute(name, value, f"{AGENTS}{fact.by}", entry.at)
    for known in parts:
        if fact.denied:
            keep(rows, _withdrawn(known, name))
        elif known.id == fact.person or name in known.withdrawn:
            believed = with_attribute(known.attributes, attribute) if known.id == fact.person else known.attributes
            kept = tuple(one for one in known.withdrawn if one != name)
            keep(rows, replace(known, attributes=believed, withdrawn=kept))


def _is_theirs(known: Person, name: str, rows: Rows) -> bool:
    """Whether they said so themselves, or took it back themselves."""
    before = rows.get(Noted, noted_id(known.id, name))
    return said_by_themselves(known, name) or (name in known.withdrawn and not (before is not None and before.denied))


FOLDS: Folds = {
    ContextRead: _read,
    ConsentNoted: _consent,
    PersonHeld: _held,
    PersonErased: _erased,
    AttributeCorrected: _corrected,
    AttributeNoted: _noted,
    AttributesEnded: profiles.ended,
    **requests.FOLDS,
}
