"""Whose a file's record is: a new person, one who is known, or several who turn out to be one; and why.

A handle of a product's own, or of a network, is one person's. A mailbox or a telephone may be shared: where its owner has
another name, the record leaves it to its owner, and it is only evidence.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import asyncpg
import msgspec
from msgspec.structs import replace

from rapport.ledger.tables import read_rows, read_where
from rapport.model.attribute import Value
from rapport.model.group import PersonTold
from rapport.model.naming import key_id, keys_of
from rapport.model.person import Handle, KnownBy, Person
from rapport.people.identity.evidence import Record, compare
from rapport.people.identity.names import agreement
from rapport.people.importing import Fault
from rapport.people.imports.person_line import Candidate

OTHERS = frozenset({"differ", "family"})
MOST_SEEN = 400_000  # handles and keys of a file whose lines are remembered
What = Literal["new", "known", "joined", "merged", "alike"]


class Decided(msgspec.Struct, frozen=True):
    """What becomes of a record. `persons`: whom it is put to, or may be; `why`: names of what speaks for it.

    `shares`: a mailbox or telephone of theirs is somebody else's, who has another name. `same_as`: an earlier line of the file
    that tells of the same person, 0 none.
    """

    line: int
    what: What
    told: PersonTold
    persons: tuple[bytes, ...] = ()
    why: tuple[str, ...] = ()
    shares: bool = False
    same_as: int = 0


class Known(msgspec.Struct):
    """What is on record of those whom some records name: handles by name, persons by id, who is known by a key."""

    handles: dict[str, bytes]
    persons: dict[bytes, Person]
    keys: dict[bytes, tuple[bytes, ...]]


async def known_of(db: asyncpg.Connection, tenant: int, candidates: Sequence[Candidate]) -> Known:
    """What is on record of whom these records may be."""
    names = {handle for one in candidates for handle in _all(one)}
    keys = {key_id(key) for one in candidates for key in keys_of(_all(one), one.attributes)}
    handles = await read_where(db, tenant, Handle, "name <> '' and name = any($2::text[])", list(names))
    known_by = await read_rows(db, tenant, KnownBy, keys)
    of = {handle.name: handle.person for handle in handles if handle.person is not None}
    ids = {*of.values(), *(person for row in known_by for person in row.persons)}
    persons = {person.id: person for person in await read_rows(db, tenant, Person, ids)}
    return Known(of, persons, {row.id: row.persons for row in known_by})


def _all(one: Candidate) -> tuple[str, ...]:
    return (*one.sure, *one.emails, *_as_handles(one.phones))


def _as_handles(phones: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"phone:{phone}" for phone in phones)


class Deciding:
    """Decides record after record of one file; remembers which names its own lines gave to a handle."""

    def __init__(self, source: str, once: str = "", file: bytes | None = None) -> None:
        self.source, self.once, self.file = source, once, file
        self.seen: dict[str, tuple[int, str]] = {}  # handles and keys: the line that said them first, and its name

    def decide(self, one: Candidate, known: Known) -> Decided | Fault:
        """What becomes of a record, beside what is known and what the lines before said."""
        free = [handle for handle in one.emails if not self._is_anothers(handle, one.name, known)]
        shares = len(free) < len(one.emails)
        handles = [*one.sure, *free]
        if not handles:
            free = [handle for handle in _as_handles(one.phones) if not self._is_anothers(handle, one.name, known)]
            handles, shares = free[:1], shares or len(free) < len(one.phones)
        if not handles:
            return Fault(one.line, "its mailbox or telephone is somebody else's, of another name; give each line an id")
        told = PersonTold(tuple(handles), one.name, self.source, dict(one.attributes), one.groups, self.once, self.file)
        homes = list(dict.fromkeys(known.handles[handle] for handle in handles if handle in known.handles))
        families = _families(homes, known)
        if len(families) > 1:
            decided = Decided(one.line, "joined", told, tuple(families), ("linked",), shares)
        else:
            decided = _beside(one, told, families, known, shares)
        if decided.what == "new":
            decided = self._in_the_file(one, decided)
        if len(self.seen) < MOST_SEEN:
            for said in (*handles, *keys_of(handles, one.attributes)):
                self.seen.setdefault(said, (one.line, one.name))
        return decided

    def _in_the_file(self, one: Candidate, decided: Decided) -> Decided:
        """The same where an earlier line of the file tells of them."""
        for handle in decided.told.handles:
            if handle in self.seen:
                return replace(decided, what="known", why=("linked",), same_as=self.seen[handle][0])
        for key in keys_of(decided.told.handles, one.attributes):
            line, name = self.seen.get(key, (0, ""))
            kind, _, said = key.partition(":")
            both = ((said,), ()) if kind == "email" else ((), (said,))
            verdict = compare(Record(one.name, *both), Record(name, *both)) if line else None
            if verdict is not None and verdict.decision != "apart":
                what: What = "merged" if verdict.decision == "merge" else "alike"
                return replace(decided, what=what, why=verdict.why, same_as=line)
        return decided

    def _is_anothers(self, handle: str, name: str, known: Known) -> bool:
        """Whether a handle is on record, or in an earlier line, as one's who has another name."""
        owner = known.persons.get(known.handles.get(handle, b""))
        names = [owner.name if owner is not None else "", self.seen.get(handle, (0, ""))[1]]
        return any(agreement(name, other) in OTHERS for other in names if other)


def _beside(one: Candidate, told: PersonTold, homes: list[bytes], known: Known, shares: bool) -> Decided:
    """The record beside those who are known by the same number or mailbox."""
    mine: dict[str, Value] = one.attributes
    record = Record(
        one.name, tuple(h.partition(":")[2] for h in one.emails), one.phones, _text(mine, "city"), _text(mine, "birth_date")
    )
    ours = {id for home in homes for id in known.persons[home].ids} if homes else set()
    found: list[tuple[float, str, bytes, tuple[str, ...]]] = []
    for key in keys_of(told.handles, told.attributes):
        families = _families(known.keys.get(key_id(key), ()), known)
        for other in families:
            if other not in ours:
                verdict = compare(record, _record(known.persons[other], key), sharing=len(families) + 1)
                found.append((verdict.probability, verdict.decision, other, verdict.why))
    found.sort(reverse=True)
    certain = {other for _, decision, other, _ in found if decision == "merge"}
    if len(certain) == 1:
        return Decided(one.line, "merged", told, (*homes, *certain), found[0][3], shares)
    if found and found[0][1] != "apart":
        return Decided(one.line, "alike", told, (*homes, found[0][2]), found[0][3], shares)
    return Decided(one.line, "known" if homes else "new", told, tuple(homes), ("linked",) if homes else (), shares)


def _record(person: Person, key: str) -> Record:
    """What a person is known by, with the key that both have."""
    told = {a.name: a.value for a in person.attributes}
    kind, _, name = key.partition(":")
    emails = tuple(filter(None, (_text(told, "email"), name if kind == "email" else "")))
    phones = tuple(filter(None, (_text(told, "phone"), name if kind == "phone" else "")))
    return Record(person.name, emails, phones, _text(told, "city"), _text(told, "birth_date"))


def _text(told: dict[str, Value], name: str) -> str:
    value = told.get(name, "")
    return value if isinstance(value, str) else ""


def _families(persons: Iterable[bytes], known: Known) -> list[bytes]:
    """One of each family."""
    found: dict[tuple[bytes, ...], bytes] = {}
    for id in persons:
        person = known.persons.get(id)
        if person is not None:
            found.setdefault(tuple(sorted(person.ids)), id)
    return list(found.values())
