"""/people/import: a file of people or of events uploaded, its columns said, tried, taken in, and taken back."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from rapport.errors import BadInput, Conflict, NotFound, Unavailable
from rapport.ledger.tables import read_rows
from rapport.model.group import FileImport
from rapport.model.ids import read_id
from rapport.model.person import Person
from rapport.people.imports.formats import FORMATS, format_named
from rapport.people.imports.mapping import FIELDS, SOCIAL, plain_name
from rapport.people.imports.outcome import WHATS, as_sheet
from rapport.people.imports.uploaded import LARGEST, Asked, Upload, latest_imports, latest_uploads, read_upload
from rapport.web.bringing import Bringing
from rapport.web.desk.page import seated
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.office import Office
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

RIGHTS = needs("people.rights")
PIECE, SAMPLES, MOST_SHOWN = 500_000, 3, 40
LONGEST = 60


class ColumnShown(msgspec.Struct, frozen=True):
    """A column: what it is taken to say, what else it could be called, and what stands in it."""

    name: str
    field: str
    plain: str
    samples: tuple[str, ...]


class ImportsPage(msgspec.Struct, frozen=True):
    """What was brought in, and a form for more. `waiting`: files that are not taken in yet."""

    done: tuple[FileImport, ...]
    waiting: tuple[Upload, ...]
    formats: tuple[str, ...] = tuple(FORMATS)
    problem: str = ""


class ImportPage(msgspec.Struct, frozen=True):
    """One file. `goes_on`: somebody reads it at this moment; `names`: of persons that its lines are put to."""

    upload: Upload
    columns: tuple[ColumnShown, ...]
    goes_on: bool
    names: dict[str, str]
    fields: tuple[str, ...] = FIELDS
    networks: tuple[str, ...] = SOCIAL
    whats: tuple[str, ...] = WHATS
    formats: tuple[str, ...] = tuple(FORMATS)
    problem: str = ""
    done: FileImport | None = None


def bringing_of(office: Office) -> Bringing:
    """What brings people in. Raises Unavailable."""
    if office.bringing is None:
        raise Unavailable("no file can be brought in by this process")
    return office.bringing


@get("/people/import", opt=RIGHTS, include_in_schema=False)
async def imports_page(request: AnyRequest) -> Response[str]:
    """What was brought in, and a form for more."""
    return await _imports(request)


async def _imports(request: AnyRequest, problem: str = "") -> Response[str]:
    async with seated(request) as seat:
        done = await latest_imports(seat.db, seat.who.tenant, limit=MOST_SHOWN)
        waiting = await latest_uploads(seat.db, seat.who.tenant, limit=MOST_SHOWN)
    page = ImportsPage(tuple(done), tuple(waiting), problem=problem)
    return await render(request, "people_import.html", page, status=400 if problem else 200)


@post("/people/import", opt=RIGHTS, include_in_schema=False, request_max_body_size=LARGEST + 1_000_000)
async def upload(request: AnyRequest) -> Response[Any]:
    """Keep a file and go on to its page."""
    office, who, form = office_of(request), current(request), await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _imports(request, retell(language_of(request), "Choose the file that was exported."))
    kind = "events" if form.get("kind") == "events" else "people"
    asked = Asked(kind, _word(form, "format") or "auto", file.filename[:LONGEST], _word(form, "source"), _word(form, "country"))
    try:
        id = await bringing_of(office).keep(who.tenant, who.agent, asked, _pieces(file))
    except BadInput as wrong:
        return await _imports(request, retell(language_of(request), str(wrong)))
    return go(f"/people/import/{id.hex()}")


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE):
        yield piece


def _word(form: Mapping[str, Any], name: str) -> str:  # Any: Litestar's form
    return plain_name(str(form.get(name, "")))[:LONGEST]


@get("/people/import/{file:str}", opt=RIGHTS, include_in_schema=False)
async def import_page(request: AnyRequest, file: FromPath[str]) -> Response[str]:
    """One file: what its columns say, how far it is, what was found."""
    return await _page(request, asked_id(file, "file"))


async def _page(request: AnyRequest, id: bytes, problem: str = "") -> Response[str]:
    office, who = office_of(request), current(request)
    found = await _upload(request, id)
    first = await bringing_of(office).first(who.tenant, id, SAMPLES) if found.there else []
    flat = format_named(found.asked.format).flat if found.asked.kind == "people" else dict
    values = [flat(record.values) for record in first]
    columns = tuple(
        ColumnShown(name, field, plain_name(name.removeprefix("attribute "))[:LONGEST], _samples(values, name))
        for name, field in found.asked.mapping.items()
    )
    goes_on = found.state in ("trying", "running") and found.beats(office.clock.now())
    ids = {named for one in found.found.samples for text in one.persons if (named := read_id(text)) is not None}
    async with office.store.within(who.tenant, readonly=True) as db:
        names = {person.id.hex(): person.name for person in await read_rows(db, who.tenant, Person, ids)}
        imports = await read_rows(db, who.tenant, FileImport, [id])
    page = ImportPage(found, columns, goes_on, names, problem=problem, done=imports[0] if imports else None)
    return await render(request, "people_import_file.html", page, status=409 if problem else 200)


async def _upload(request: AnyRequest, id: bytes) -> Upload:
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await read_upload(db, who.tenant, id)
    if found is None:
        raise NotFound("there is no such file; a file is kept for a day")
    return found


def _samples(values: list[dict[str, Any]], column: str) -> tuple[str, ...]:  # Any: cells, plain JSON
    return tuple(str(one[column])[:80] for one in values if one.get(column) not in (None, "", [], {}))


@post("/people/import/{file:str}", opt=RIGHTS, include_in_schema=False)
async def work(request: AnyRequest, file: FromPath[str]) -> Response[Any]:
    """Try it, take it in, or take it back, as `do` says: `try`, `take`, `undo`."""
    office, who, form, id = office_of(request), current(request), await request.form(), asked_id(file, "file")
    found, do = await _upload(request, id), str(form.get("do", "try"))
    try:
        if do == "undo":
            await bringing_of(office).undo(who.tenant, id, who.agent)
        else:
            asked = _asked(found.asked, form)
            await bringing_of(office).begin(who.tenant, id, who.agent, asked, really=do == "take")
    except (BadInput, Conflict) as wrong:
        return await _page(request, id, retell(language_of(request), str(wrong)))
    return go(f"/people/import/{id.hex()}")


def _asked(before: Asked, form: Mapping[str, Any]) -> Asked:  # Any: Litestar's form
    """What is asked of a file, with what the form says otherwise."""
    mapping = {
        column: _field(str(form.get(f"of.{nth}", field)), column) for nth, (column, field) in enumerate(before.mapping.items())
    }
    source = _word(form, "source") if "source" in form else before.source
    country = "".join(sign for sign in str(form.get("country", before.country)) if sign.isdigit())[:4]
    return msgspec.structs.replace(before, mapping=mapping, source=source, country=country)


def _field(said: str, column: str) -> str:
    """What the form says of a column; `attribute` is one of its own name."""
    return f"attribute:{plain_name(column.removeprefix('attribute '))[:LONGEST]}" if said == "attribute" else said


@get("/people/import/{file:str}/lines.csv", opt=RIGHTS, include_in_schema=False)
async def lines(request: AnyRequest, file: FromPath[str]) -> Response[str]:
    """The lines that were not taken, and those that are put to somebody, as a sheet."""
    found = await _upload(request, asked_id(file, "file"))
    headers = {"content-disposition": 'attachment; filename="lines.csv"', "cache-control": "no-store"}
    return Response(as_sheet(found.found), media_type=MediaType.TEXT, headers=headers)


HANDLERS = [imports_page, upload, import_page, work, lines]
