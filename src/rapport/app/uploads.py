"""Files that are brought in by the page: kept in sealed pieces, tried and taken in beside the pages, and then forgotten.

Whoever works on one beats while it goes on; where the beat stops, anybody may go on from the last batch that is durable.
"""

import asyncio
import codecs
import csv
import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import IO

import asyncpg
import msgspec
import structlog
from msgspec.structs import replace

from rapport.app.bringing import Progress, bring_events, bring_people
from rapport.app.house import House
from rapport.app.importing import digest_of
from rapport.app.taking_back import take_back, undoable
from rapport.errors import BadInput, Conflict, NotFound, RapportError
from rapport.ledger.bringing import made_group, noted_file
from rapport.model.fact import FileImported
from rapport.model.group import GroupTold
from rapport.model.ids import named_id
from rapport.model.naming import email_key
from rapport.people.imports.formats import FORMATS, format_named, format_of, guessed
from rapport.people.imports.mapping import check_mapping
from rapport.people.imports.outcome import Brought
from rapport.people.imports.person_line import Reading
from rapport.people.imports.sheet import Record, records
from rapport.people.imports.uploaded import LARGEST, QUIET, Asked, Upload, forget_old, once_of, read_upload

log = structlog.get_logger()
_WRONG = (  # what a file can make of us; a process that is ended is not caught
    *(ValueError, TypeError, LookupError, ArithmeticError, RecursionError, csv.Error, msgspec.MsgspecError),
    *(asyncpg.PostgresError, asyncpg.InterfaceError),
)
PIECE = 500_000  # bytes
_PUT = "insert into upload (tenant, id, by, at, size, pieces, asked) values ($1, $2, $3, $4, $5, $6, $7)"
_PIECE = "insert into upload_piece (tenant, upload, nth, sealed) values ($1, $2, $3, $4)"
_CLAIM = """update upload set state = $3, beat = $4, asked = $5, problem = '',
line = case when $3 = 'running' then line else 0 end
where tenant = $1 and id = $2 and (state not in ('trying', 'running', 'done', 'undone')
or (state in ('trying', 'running') and beat < $6)) returning line"""
_BEAT = """update upload set beat = $3, found = $4, line = $5 where tenant = $1 and id = $2
and exists (select from upload_piece where tenant = $1 and upload = $2) returning true"""
_BACK = """update upload set state = 'undone' where tenant = $1 and id = $2
and not (state in ('trying', 'running') and beat is not null and beat >= $3) returning true"""
_PIECES = "delete from upload_piece where tenant = $1 and upload = $2"
_GONE = "the file is not kept any more; choose it once more"
_NUMBER = re.compile(r"\+?[\d ().-]{8,}")
_READING = "This file is being read at this moment, or was taken in already."
_BROKE = "The file could not be read to its end; what is in stays in. Save it anew as CSV in UTF-8, and choose it once more."
_END = "update upload set state = $3, found = $4, problem = $5 where tenant = $1 and id = $2"


class Uploads:
    """The files of one process's house."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def keep(self, tenant: int, by: str, asked: Asked, data: AsyncIterator[bytes]) -> bytes:
        """Keep a file for a day at most; its id. Raises BadInput where it is empty, too large or no text."""
        now, pieces, size, first = self.house.clock.now(), 0, 0, b""
        id, decoder = named_id(now, by, os.urandom(8)), codecs.getincrementaldecoder("utf-8")()
        async with self.house.store.within(tenant) as db:
            await forget_old(db, tenant, now)
            async for piece in _whole(data):
                size += len(piece)
                if size > LARGEST:
                    raise BadInput(f"the file is larger than {LARGEST // 1_000_000} MB; send it in parts")
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    raise BadInput("the file is not UTF-8; save it as CSV in UTF-8, or as JSON") from None
                first = first or piece
                sealed = self.house.keys.wrap_secret(tenant, f"upload|{id.hex()}|{pieces}", piece)
                await db.execute(_PIECE, tenant, id, pieces, sealed)
                pieces += 1
            if not size:
                raise BadInput("the file is empty; choose the one that was exported")
            known = await asyncio.to_thread(_guessed, asked, first) if asked.kind == "people" else asked
            body = msgspec.json.encode(_checked(known)).decode()
            await db.execute(_PUT, tenant, id, by, now, size, pieces, body)
        return id

    async def first(self, tenant: int, id: bytes, most: int) -> list[Record]:
        """The first records of a file; none where it was taken in, or a day is over."""
        upload = await self._there(tenant, id)
        lists = format_named(upload.asked.format).lists if upload.asked.kind == "people" else ()
        piece = await self._piece(tenant, id, 0)
        if piece is None:
            return []
        return await asyncio.to_thread(_first, piece, lists, most)

    async def begin(self, tenant: int, id: bytes, by: str, asked: Asked, *, really: bool) -> None:
        """Try a file, or take it in; goes on beside the pages. Raises Conflict where somebody is at it, BadInput."""
        if asked.kind == "people":
            check_mapping(asked.mapping)
            format_named(asked.format)
        upload, now = await self._there(tenant, id), self.house.clock.now()
        state, body = "running" if really else "trying", msgspec.json.encode(asked).decode()
        async with self.house.store.within(tenant) as db:
            line = await db.fetchval(_CLAIM, tenant, id, state, now, body, now - QUIET)
        if line is None:
            raise Conflict(_READING)
        if really and upload.state != "running":
            await self._note(tenant, FileImported(id, asked.kind, asked.format, by, "begun"))
        self.house.start(self._work(tenant, id, by, asked, really=really, after=line))

    async def _work(self, tenant: int, id: bytes, by: str, asked: Asked, *, really: bool, after: int) -> None:
        found, problem = Brought(), ""

        async def told(done: Brought) -> None:
            nonlocal found
            found = done
            body = msgspec.json.encode(done).decode()
            async with self.house.store.within(tenant) as db:
                there = await db.fetchval(_BEAT, tenant, id, self.house.clock.now(), body, done.read if really else 0)
            if not there:  # somebody was erased meanwhile, who may stand in it
                raise NotFound(_GONE)

        try:
            found = await self._read(tenant, id, by, asked, told, really=really, after=after)
        except (RapportError, OSError) as error:
            problem = str(error)[:300]
        except _WRONG as error:
            log.warning("upload.failed", tenant=tenant, file=id.hex(), error=type(error).__name__)
            problem = _BROKE
        state = ("stopped" if problem else "done") if really else "tried"
        async with self.house.store.within(tenant) as db:
            await db.execute(_END, tenant, id, state, msgspec.json.encode(found).decode(), problem)
            if state == "done":
                await db.execute(_PIECES, tenant, id)
        if really:
            ended = "stopped" if problem else "ended"
            counts = found.taken, found.fresh, found.refused
            await self._note(tenant, FileImported(id, asked.kind, asked.format, by, ended, *counts))

    async def _note(self, tenant: int, fact: FileImported) -> None:
        await self.house.intake.append(tenant, [noted_file(self.house.intake, tenant, fact)])

    async def _read(
        self, tenant: int, id: bytes, by: str, asked: Asked, told: Progress, *, really: bool, after: int
    ) -> Brought:
        with tempfile.TemporaryFile() as file:  # it has no name, and is gone with this process
            await self._opened(tenant, id, file)
            digest = digest_of(file)
            file.seek(0)
            text = _text_of(file)
            if asked.kind == "events":
                name = asked.source or "file"
                return await bring_events(self.house, tenant, name, text, pretend=not really, told=told, file=digest)
            async with self.house.store.within(tenant, readonly=True) as db:
                once = await once_of(db, tenant)
            reading = Reading(format_named(asked.format), asked.mapping, asked.source, asked.country, once, id)
            return await bring_people(self.house, tenant, by, reading, text, pretend=not really, told=told, after=after)

    async def _opened(self, tenant: int, id: bytes, into: IO[bytes]) -> None:
        nth = 0
        while (piece := await self._piece(tenant, id, nth)) is not None:
            into.write(piece)
            nth += 1
        if not nth:
            raise NotFound(_GONE)
        into.seek(0)

    async def _piece(self, tenant: int, id: bytes, nth: int) -> bytes | None:
        async with self.house.store.within(tenant, readonly=True) as db:
            sealed = await db.fetchval(
                "select sealed from upload_piece where tenant = $1 and upload = $2 and nth = $3", tenant, id, nth
            )
        return self.house.keys.unwrap_secret(tenant, f"upload|{id.hex()}|{nth}", sealed) if sealed is not None else None

    async def undo(self, tenant: int, id: bytes, by: str) -> int:
        """Take back what a file declared; of how many records. Raises Conflict, NotFound."""
        await self._there(tenant, id)
        done = await undoable(self.house, tenant, id)
        async with self.house.store.within(tenant) as db:
            if not await db.fetchval(_BACK, tenant, id, self.house.clock.now() - QUIET):
                raise Conflict(_READING)
            await db.execute(_PIECES, tenant, id)
        count = await take_back(self.house, tenant, id, by)
        await self._note(tenant, FileImported(id, done.kind, done.format, by, "undone"))
        return count

    async def make_group(self, tenant: int, told: GroupTold, by: str) -> bytes:
        """A company or household that is on record when it returns; its id. Told again it is the same."""
        new = await made_group(self.house.intake, tenant, told, "desk", by)
        await self.house.intake.append(tenant, [new])
        return new.subject

    async def _there(self, tenant: int, id: bytes) -> Upload:
        async with self.house.store.within(tenant) as db:
            await forget_old(db, tenant, self.house.clock.now())
            found = await read_upload(db, tenant, id)
        if found is None:
            raise NotFound("there is no such file; a file is kept for a day")
        return found


def _text_of(file: IO[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
    while piece := file.read(PIECE):
        yield decoder.decode(piece)


def _first(piece: bytes, lists: tuple[str, ...], most: int) -> list[Record]:
    text = codecs.getincrementaldecoder("utf-8-sig")().decode(piece)
    return [one for one in islice(records([text], lists), most) if isinstance(one, Record)]


def _checked(asked: Asked) -> Asked:
    """The same. Raises BadInput where its columns are called as people are: a page shows them, and they stand in clear."""
    if any(email_key(column) or _NUMBER.fullmatch(column) for column in asked.mapping):
        raise BadInput("the first line is no head: it holds an address or a number; name the columns there")
    return asked


def _guessed(asked: Asked, piece: bytes) -> Asked:
    """What a file seems to be, by its first records."""
    text = codecs.getincrementaldecoder("utf-8-sig")().decode(piece)
    named = FORMATS.get(asked.format)
    lists = named.lists if named else tuple(name for one in FORMATS.values() for name in one.lists)
    values = [one.values for one in islice(records([text], lists), 20) if isinstance(one, Record)]
    name = asked.format if named else format_of(column for one in values for column in one)
    format = format_named(name)
    columns = dict.fromkeys(column for one in values for column in format.flat(one))
    return replace(asked, format=name, source=asked.source or format.source, mapping=guessed(format, columns))


async def _whole(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces of one size."""
    rest = b""
    async for piece in data:
        rest += piece
        while len(rest) >= PIECE:
            yield rest[:PIECE]
            rest = rest[PIECE:]
    if rest:
        yield rest
