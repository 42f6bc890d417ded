"""The commands of people: a file of journey events, or of people from elsewhere, taken in or tried; files scrubbed."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from rapport.app.bringing import bring_people
from rapport.app.commands import _database
from rapport.app.house import open_house
from rapport.app.importing import Imported, import_events
from rapport.app.transcribing import transcribe_all
from rapport.clock import SystemClock
from rapport.errors import NotFound, SetupError
from rapport.ledger.tenants import list_tenants
from rapport.people.imports.formats import FORMATS, format_named, format_of, guessed
from rapport.people.imports.mapping import check_mapping
from rapport.people.imports.outcome import WHATS, Brought
from rapport.people.imports.person_line import Reading
from rapport.people.imports.sheet import Record, records
from rapport.people.imports.uploaded import Asked, once_of
from rapport.settings import Settings
from rapport.store.scrubbing import scrub

SAID = {
    "new": "new",
    "known": "known already",
    "joined": "join persons that were two until now",
    "merged": "would be merged by the evidence",
    "alike": "may be somebody who is known: somebody should look",
}


def import_file(settings: Settings, tenant: str, file: Path, *, pretend: bool, as_json: bool) -> int:
    """Take a file in and list what was not taken; 1 where a line was not."""

    def told(done: Imported) -> None:
        if not as_json and sys.stderr.isatty():
            print(f"\r{done.taken} lines, {done.new} new, {len(done.faults)} not taken", end="", file=sys.stderr, flush=True)

    if not file.is_file():
        raise SetupError(f"{file}: there is no such file")
    with _database(settings) as (url, key):
        done = asyncio.run(import_events(settings, url, key, tenant, file, pretend=pretend, told=told))
    if as_json:
        print(json.dumps(msgspec.to_builtins(done)))
    else:
        verb = "could be taken" if pretend else f"taken in, {done.new} of them new"
        print(f"{done.taken} events {verb}; {len(done.faults) + done.more_faults} lines not taken")
        for fault in done.faults:
            print(f"  {file.name}:{fault.line}: {fault.reason}")
        if done.more_faults:
            print(f"  and {done.more_faults} more")
    return 1 if done.faults else 0


def import_persons(settings: Settings, tenant: str, file: Path, asked: Asked, *, pretend: bool, as_json: bool) -> int:
    """Take a file of people in, or try it; list what was not taken; 1 where a line was not."""
    if not file.is_file():
        raise SetupError(f"{file}: there is no such file")
    with _database(settings) as (url, key):
        done = asyncio.run(_bring(settings, url, key, tenant, file, asked, pretend=pretend))
    if as_json:
        print(json.dumps(msgspec.to_builtins(done)))
    else:
        _say_brought(file, done, pretend=pretend)
    return 1 if done.refused else 0


def scrub_files(settings: Settings, *, as_json: bool) -> int:
    """Write the tables anew; 1 where one was never free, or the log is another's."""

    def told(table: str) -> None:
        if not as_json and sys.stderr.isatty():
            print(f"\r\033[K{table}", end="", file=sys.stderr, flush=True)

    with _database(settings) as (url, _):
        done = asyncio.run(scrub(url, told))
    if as_json:
        print(json.dumps(msgspec.to_builtins(done)))
    else:
        before, after = done.before >> 20, done.after >> 20
        print(f"{done.tables} tables written anew in {done.seconds:.0f} s, {before} MB before, {after} after")
        if done.busy:
            print(f"never free, so not written anew: {', '.join(done.busy)}; try again at a quieter hour")
        if not done.log:
            print("the write-ahead log is that of whoever runs the database: old files of it end with their retention")
    return 1 if done.busy or not done.log else 0


async def _bring(settings: Settings, url: str, key: bytes, tenant: str, file: Path, asked: Asked, *, pretend: bool) -> Brought:
    async def told(done: Brought) -> None:
        if sys.stderr.isatty():
            print(f"\r{done.read} lines, {done.taken} people, {done.refused} not taken", end="", file=sys.stderr, flush=True)

    house = await open_house(settings, url, key, SystemClock(), pool=2)
    try:
        async with house.store.within((), readonly=True) as db:
            number = next((one.id for one in await list_tenants(db) if one.name == tenant), 0)
        if not number:
            raise NotFound(f"no tenant is called {tenant!r}")
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            first = next((one for one in records(_pieces(text), _lists(asked.format)) if isinstance(one, Record)), None)
            text.seek(0)
            name = asked.format if asked.format != "auto" else format_of(first.values if first else ())
            format = format_named(name)
            mapping = check_mapping(guessed(format, format.flat(first.values) if first else ()) | asked.mapping)
            async with house.store.within(number, readonly=True) as db:
                once = await once_of(db, number)
            reading = Reading(format, mapping, asked.source or format.source, asked.country, once)
            return await bring_people(house, number, "", reading, _pieces(text), pretend=pretend, told=told)
    finally:
        await house.aclose()


def _lists(format: str) -> tuple[str, ...]:
    return tuple(name for one in FORMATS.values() for name in one.lists) if format == "auto" else format_named(format).lists


def _pieces(text: TextIO) -> Iterator[str]:
    while piece := text.read(1 << 19):
        yield piece


def _say_brought(file: Path, done: Brought, *, pretend: bool) -> None:
    verb = "could be taken" if pretend else f"taken in, {done.fresh} of them new or changed"
    print(f"{done.taken} people {verb}; {done.refused} lines not taken")
    for what in WHATS:
        if done.counts.get(what):
            print(f"  {done.counts[what]} {SAID[what]}")
    if done.shares:
        print(f"  {done.shares} share a mailbox or telephone with somebody of another name: they stay two")
    for one in done.samples:
        whom = f" line {one.same_as}" if one.same_as else f" {' '.join(one.persons)}" if one.persons else ""
        print(f"  {file.name}:{one.line}: {one.what}{whom} ({', '.join(one.why) or 'shares'})")
    for fault in done.faults:
        print(f"  {file.name}:{fault.line}: {fault.reason}")
    if done.refused > len(done.faults):
        print(f"  and {done.refused - len(done.faults)} more")


def transcribe_calls(settings: Settings, tenant: str, folder: Path, most: int, *, again: bool, as_json: bool) -> int:
    """Hear the recordings of calls and say what became of them; 1 where one was left."""
    with _database(settings) as (url, key):
        done = asyncio.run(transcribe_all(settings, url, key, tenant, folder, most, again=again))
    if as_json:
        print(json.dumps(msgspec.to_builtins(done)))
    else:
        print(f"{done.heard} recordings heard, {done.lines} lines; {len(done.left)} left")
        for blob, why in done.left.items():
            print(f"  {blob[:12]}: {why}")
    return 1 if done.left else 0
