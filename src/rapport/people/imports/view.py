"""What a file declared, taken back: its attributes go, its handles are let go where nothing else is known of their person."""

from itertools import chain
from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.attribute import Attribute
from rapport.model.fact import PersonData, PersonUndeclared
from rapport.model.group import Membership
from rapport.model.naming import key_id, keys_of
from rapport.model.person import Apart, Consent, Handle, Hold, KnownBy, Person, PersonEvents, RightRequest
from rapport.people.attributes import read_value
from rapport.people.merging import keep, own, part


def _undeclared(entry: Written, rows: Rows) -> None:
    fact = cast(PersonUndeclared, entry.fact)
    content = entry.content if isinstance(entry.content, PersonData) else PersonData()
    handles = [handle for id in fact.handles if (handle := rows.get(Handle, id)) is not None and handle.person is not None]
    for id in dict.fromkeys(handle.person for handle in handles if handle.person is not None):
        known = own(rows, id)
        if known is None:
            continue
        kept = tuple(a for a in known.attributes if not _said_so(a, fact.source, content))
        known = replace(known, attributes=kept)
        keep(rows, known)
        if _is_nobody_else(rows, known):
            part(rows, id)
            if len((rows.get(Person, id) or known).ids) == 1:
                _let_go(rows, known, [handle for handle in handles if handle.person == id], content)


def _said_so(attribute: Attribute, source: str, content: PersonData) -> bool:
    """Whether an attribute is as it was declared, and nothing newer has taken its place."""
    return attribute.source == source and attribute.value == read_value(content.attributes.get(attribute.name))


def _is_nobody_else(rows: Rows, known: Person) -> bool:
    """Whether nothing is known of a person but what was declared, and nobody counts on them."""
    apart, events = rows.get(Apart, known.id), rows.get(PersonEvents, known.id)
    happened = apart.events if apart is not None else events.events if events is not None else ()
    if known.messages or known.conversation or known.attributes or known.withdrawn or happened or rows.get(Hold, known.id):
        return False
    counted = chain(
        (request.person for request in rows.all(RightRequest)),
        (consent.person for consent in rows.all(Consent)),
        (member.person for member in rows.all(Membership)),
    )
    return known.id not in counted


def _let_go(rows: Rows, known: Person, handles: list[Handle], content: PersonData) -> None:
    for handle in handles:
        rows.put(replace(handle, person=None, name="", display=""))
    rows.put(replace(known, name="", family=()))
    for key in keys_of(content.handles, content.attributes):
        row = rows.get(KnownBy, key_id(key))
        if row is not None and known.id in row.persons:
            rows.put(replace(row, persons=tuple(id for id in row.persons if id != known.id)))


FOLDS: Folds = {PersonUndeclared: _undeclared}
