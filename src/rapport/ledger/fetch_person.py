"""What entries say of who somebody is: the persons that an action names, and who else is known by a new handle's number."""

from collections.abc import Iterable
from itertools import combinations, product

from rapport.ledger.entry import Entry, New
from rapport.ledger.views import Rows
from rapport.model.fact import (
    ActionTaken,
    EventData,
    JourneyEventSeen,
    MessageReceived,
    PersonData,
    PersonDeclared,
    PersonsAlike,
    PersonsMerged,
    PersonUndeclared,
)
from rapport.model.fact_rights import LikenessFound
from rapport.model.ids import read_id
from rapport.model.message import Message, Said
from rapport.model.naming import key_id, keys_of
from rapport.model.person import Apart, Handle, KnownBy, Person, alike_id

OF_PERSONS = frozenset({"merge_person", "unmerge_person", "keep_apart"})


def persons_in(argument: str) -> list[bytes]:
    """The persons that an action's argument names, in its order."""
    return [id for word in argument.split() if (id := read_id(word)) is not None]


def pairs_of(entries: Iterable[Entry | New]) -> set[bytes]:
    """The persons that the entries' actions name."""
    facts = [entry.fact for entry in entries]
    return {id for f in facts if isinstance(f, ActionTaken) and f.do in OF_PERSONS for id in persons_in(f.argument)}


def alikes_of(entries: Iterable[Entry | New], rows: Rows) -> set[bytes]:
    """The ids of the pairs that the entries speak of. The persons are in `rows`."""
    found = set()
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, PersonsMerged):
            found.add(alike_id(fact.one, fact.into))
        elif isinstance(fact, PersonsAlike):
            found.add(alike_id(fact.one, fact.other))
        elif isinstance(fact, LikenessFound):
            found |= {alike_id(a, b) for a, b in product(family_of(rows, fact.one), family_of(rows, fact.other)) if a != b}
        elif isinstance(fact, ActionTaken) and fact.do in OF_PERSONS:
            named = persons_in(fact.argument)
            named += [apart.into for id in named if (apart := rows.get(Apart, id)) is not None and apart.into is not None]
            found |= {alike_id(one, other) for one, other in combinations(named, 2)}
        elif isinstance(fact, PersonDeclared) and isinstance(entry.content, PersonData):
            homes = {h.person for id in fact.handles or (fact.handle,) if (h := rows.get(Handle, id)) is not None and h.person}
            keys = keys_of(entry.content.handles, entry.content.attributes)
            known = [row for key in keys if (row := rows.get(KnownBy, key_id(key))) is not None]
            ours = {id for home in homes for id in family_of(rows, home)}
            theirs = {id for row in known for other in row.persons for id in family_of(rows, other)}
            found |= {alike_id(one, other) for one, other in product(ours, theirs) if one != other}
    return found


def family_of(rows: Rows, id: bytes) -> tuple[bytes, ...]:
    """Every person on record that is this one, itself among them."""
    person = rows.get(Person, id)
    return person.ids if person is not None else (id,)


def unknown_keys(entries: Iterable[Entry | New], rows: Rows) -> list[bytes]:
    """The ids of the keys of handles that are nobody's yet, and of what is declared. Known handles are in `rows`.

    So is the message that is released.
    """
    found: dict[bytes, None] = {}
    for entry in entries:
        fact, content = entry.fact, entry.content
        if isinstance(fact, PersonDeclared | PersonUndeclared) and isinstance(content, PersonData):
            found.update((key_id(key), None) for key in keys_of(content.handles, content.attributes))
        elif isinstance(fact, MessageReceived | JourneyEventSeen) and isinstance(content, Said | EventData):
            handle = rows.get(Handle, fact.handle)
            if handle is None or handle.person is None:
                found.update((key_id(key), None) for key in keys_of((content.handle,)))
        elif isinstance(fact, ActionTaken) and fact.do == "release":
            message = rows.get(Message, fact.conversation)
            handle = rows.get(Handle, message.handle) if message is not None else None
            if handle is not None and handle.person is None:
                found.update((key_id(key), None) for key in keys_of((handle.name,)))
    return list(found)
