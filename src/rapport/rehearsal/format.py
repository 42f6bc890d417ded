"""A rehearsal as its file says it: read, with every unknown key, name and value refused at its place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from rapport.centre.folder import read_folder
from rapport.centre.tables import nearest, read_table, refuse_unknown
from rapport.centre.things import HEADERS, CheckExpression, Things, body_of, check_expressions, key_of, read_one
from rapport.centre.toml_text import Document, Step, open_toml
from rapport.errors import CentreError
from rapport.model.agent import Presence
from rapport.model.centre import Profile, read_thing
from rapport.rehearsal.checks import (
    Names,
    checked_action,
    checked_crowd,
    checked_event,
    checked_expect,
    checked_message,
    checked_person,
    names_of,
)
from rapport.rehearsal.spans import read_span
from rapport.rehearsal.tables import (
    SPANS,
    TABLES,
    ActionTable,
    CrowdTable,
    EventTable,
    ExpectTable,
    MessageTable,
    PersonTable,
    Table,
)

DEFAULT_TENANT = "default"
DEFAULT_START = datetime(2026, 3, 3, 10, 0)  # noqa: DTZ001  # a Tuesday; the tenant's zone is added
TOP = {"name", "start", "centre", *TABLES, *HEADERS}
Kind = TypeVar("Kind", bound=Table)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a file says. `things`: each tenant's centre; `works`: how long an agent who acts of their own takes for each."""

    name: str
    file: str
    start: datetime
    things: dict[str, Things]
    works: dict[tuple[str, str], timedelta]
    persons: tuple[PersonTable, ...] = ()
    events: tuple[EventTable, ...] = ()
    messages: tuple[MessageTable, ...] = ()
    actions: tuple[ActionTable, ...] = ()
    expects: tuple[ExpectTable, ...] = ()
    crowds: tuple[CrowdTable, ...] = ()


def find_rehearsals(paths: Iterable[Path]) -> list[Path]:
    """The files to run: each file as it is, of a folder every .toml that is no part of a centre. Raises CentreError on none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.toml"))
            centres = {file.parent for file in inside if file.name == "centre.toml"}
            kept = [file for file in inside if not centres & {file.parent, *file.parents}]
            if not kept:
                raise CentreError(f"{path}: no rehearsal in here; a rehearsal is a .toml file, see docs/rehearsals.md")
            found += kept
        elif path.exists():
            found.append(path)
        else:
            raise CentreError(f"{path}: there is no such file or folder; name a rehearsal, as scenarios/hotel-wifi.toml")
    return found


def read_rehearsal(path: Path, check_expression: CheckExpression | None = None) -> Rehearsal:
    """The rehearsal in a file. Raises CentreError with file, line, value and cure."""
    return read_document(open_toml(path), path.parent, path.stem, check_expression)


def read_document(
    document: Document, folder: Path, stem: str = "rehearsal", check_expression: CheckExpression | None = None
) -> Rehearsal:
    """The rehearsal that a document says; `folder`: where its `centre` is looked for."""
    refuse_unknown(document.values, TOP, document, (), "a rehearsal")
    works: dict[tuple[str, str], timedelta] = {}
    things = _things(document, folder, works, check_expression)
    read = _Reader(document)
    rehearsal = Rehearsal(
        name=_name(document, stem),
        file=document.file,
        start=DEFAULT_START,
        things=things,
        works=works,
        persons=read.all("person", PersonTable),
        events=read.all("event", EventTable),
        messages=read.all("message", MessageTable),
        actions=read.all("action", ActionTable),
        expects=read.all("expect", ExpectTable),
        crowds=read.all("crowd", CrowdTable),
    )
    rehearsal = _checked(_named(rehearsal))
    return replace(rehearsal, start=_start(document, next(iter(rehearsal.things.values()))))


def _checked(rehearsal: Rehearsal) -> Rehearsal:
    """With every name looked up, each in its tenant."""
    r = rehearsal
    everything = (*r.persons, *r.events, *r.messages, *r.actions, *r.expects, *r.crowds)
    things = r.things | {table.tenant: {} for table in everything if table.tenant not in r.things}
    names: dict[str, Names] = {t: names_of(t, things, r.persons, r.messages, r.crowds) for t in things or [DEFAULT_TENANT]}
    if not r.expects:
        raise CentreError(f'{r.file}: nothing is expected; add an [[expect]], as `by = "5s"` and `offered_to = "ana"`')
    return replace(
        rehearsal,
        things=things,
        persons=tuple(checked_person(person) for person in r.persons),
        events=tuple(checked_event(event, names[event.tenant]) for event in r.events),
        messages=tuple(checked_message(message, names[message.tenant]) for message in r.messages),
        crowds=tuple(checked_crowd(crowd) for crowd in r.crowds),
        actions=tuple(checked_action(action, names[action.tenant]) for action in r.actions),
        expects=tuple(checked_expect(expect, names[expect.tenant]) for expect in r.expects),
    )


def _name(document: Document, stem: str) -> str:
    name = document.values.get("name", stem)
    if not isinstance(name, str) or not name.strip():
        raise CentreError(f"{document.place('name')}: name is {name!r}; write one sentence in double quotes")
    return name


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Document

    def all(self, header: str, kind: type[Kind]) -> tuple[Kind, ...]:
        tables = self.document.values.get(header, [])
        if not isinstance(tables, list):
            raise CentreError(
                f"{self.document.place(header)}: {header} must be a list of tables; write [[{header}]] above each"
            )
        return tuple(self._one(kind, table, (header, nth)) for nth, table in enumerate(tables))

    def _one(self, kind: type[Kind], table: Any, path: tuple[Step, ...]) -> Kind:  # Any: plain TOML
        if isinstance(table, dict):
            table = {name: self._span(name, value, path) for name, value in table.items()}
            table["#place"] = self.document.place(*path)
            table.setdefault("tenant", DEFAULT_TENANT)
        return read_table(kind, table, self.document, path)

    def _span(self, name: str, value: Any, path: tuple[Step, ...]) -> Any:  # Any: plain TOML
        return span_at(self.document, value, (*path, name)) if name in SPANS else value


def span_at(document: Document, value: Any, path: tuple[Step, ...]) -> timedelta:  # Any: plain TOML
    """The span that a key says. Raises CentreError with its place."""
    span = read_span(value) if isinstance(value, str) else None
    if span is None:
        raise CentreError(f'{document.place(*path)}: {path[-1]} is {value!r}; write a span such as "90s", "-2h" or "1d2h"')
    return span


def _things(
    document: Document, folder: Path, works: dict[tuple[str, str], timedelta], check_expression: CheckExpression | None
) -> dict[str, Things]:
    """Each tenant's things: those of the folder, then those of the file's own tables added or in their place."""
    things: dict[str, Things] = {}
    centre = document.values.get("centre")
    profile = dict(centre) if isinstance(centre, dict) else {}
    named = profile.pop("folder", "") if isinstance(centre, dict) else centre or ""
    tenant = profile.pop("tenant", DEFAULT_TENANT)
    if not isinstance(named, str) or not isinstance(tenant, str):
        raise CentreError(f"{document.place('centre')}: centre is {centre!r}; write the name of a folder or a table [centre]")
    if named:
        things[tenant] = read_folder(folder / named, check_expression)
    if profile:
        _put(things, tenant, "centre", read_one("centre", profile, document, ("centre",)))
    for header, kind in HEADERS.items():
        tables = document.values.get(header, [])
        if not isinstance(tables, list):
            raise CentreError(f"{document.place(header)}: {header} must be a list of tables; write [[{header}]] above each")
        for nth, table in enumerate(tables):
            _thing(document, things, works, kind, table, (header, nth), check_expression)
    return things


def _thing(
    document: Document,
    things: dict[str, Things],
    works: dict[tuple[str, str], timedelta],
    kind: str,
    table: Any,  # Any: plain TOML
    path: tuple[Step, ...],
    check_expression: CheckExpression | None,
) -> None:
    own = dict(table) if isinstance(table, dict) else {}
    tenant = own.pop("tenant", DEFAULT_TENANT)
    pace = own.pop("works", None) if kind == "agent" else None
    if kind == "agent":
        own.setdefault("presence", Presence.AVAILABLE)
    value = read_one(kind, own if isinstance(table, dict) else table, document, path)
    check_expressions(value, document, path, check_expression)
    if not isinstance(tenant, str) or not tenant:
        raise CentreError(f"{document.place(*path, 'tenant')}: tenant is {tenant!r}; write its name in double quotes")
    if pace is not None:
        works[tenant, key_of(kind, value)[1]] = span_at(document, pace, (*path, "works"))
    _put(things, tenant, kind, value)


def _put(things: dict[str, Things], tenant: str, kind: str, value: msgspec.Struct) -> None:
    things.setdefault(tenant, {})[key_of(kind, value)] = body_of(value)


def _named(rehearsal: Rehearsal) -> Rehearsal:
    """With an id for each message and crowd, and the only message where none is named."""
    messages = tuple(msgspec.structs.replace(m, id=m.id or f"message {nth}") for nth, m in enumerate(rehearsal.messages, 1))
    crowds = tuple(msgspec.structs.replace(c, id=c.id or f"crowd {nth}") for nth, c in enumerate(rehearsal.crowds, 1))
    return replace(rehearsal, messages=messages, crowds=crowds)


def _start(document: Document, things: Things) -> datetime:
    zone = _zone(document, things)
    said = document.values.get("start", DEFAULT_START)
    if isinstance(said, str):
        try:
            said = datetime.fromisoformat(said)
        except ValueError:
            said = None
    if isinstance(said, date) and not isinstance(said, datetime):
        said = datetime(said.year, said.month, said.day, 10, 0)  # noqa: DTZ001  # the zone follows
    if not isinstance(said, datetime):
        wrong = document.values["start"]
        raise CentreError(f'{document.place("start")}: start is {wrong!r}; write a time such as "2026-03-03T10:00:00-06:00"')
    return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)


def _zone(document: Document, things: Things) -> ZoneInfo:
    body = things.get(("centre", "centre"))
    profile = read_thing("centre", body) if body else Profile()
    assert isinstance(profile, Profile)
    try:
        return ZoneInfo(profile.zone)
    except (ZoneInfoNotFoundError, ValueError):
        said = nearest(profile.zone, ("America/Mexico_City", "America/Bogota", "Europe/Madrid", "America/New_York", "UTC"))
        raise CentreError(f"{document.place('centre', 'zone')}: zone is {profile.zone!r}; {said}") from None
