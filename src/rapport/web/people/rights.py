"""A person's rights: what they agreed to, everything about them to take along, their erasure, a legal hold."""

from datetime import datetime
from typing import Annotated, Any

import asyncpg
import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access.profile_links import LASTS, profile_link
from rapport.errors import BadInput, Conflict, NotFound, Unavailable
from rapport.ledger.tables import read_rows, read_where
from rapport.model.fact import ConsentNoted, Fact, PersonHeld, ProfileLinkMade, Words
from rapport.model.law import RIGHTS as KINDS
from rapport.model.person import Certificate, Consent, Erasure, Hold, Person, RightRequest
from rapport.people import reading as people
from rapport.people.asked_rights import requests_of
from rapport.people.context import purposes_of
from rapport.people.export import Export, export
from rapport.web.desk.page import seated
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.on_record import EXPORT, RIGHTS as OF_RIGHTS, on_record
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of
from rapport.web.settled import settled

RIGHTS = needs("people.rights")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class RightsPage(msgspec.Struct, frozen=True):
    """What can be done for a person. `link`: to their own page, made just now; `certificate` of an erasure."""

    person: Person
    consents: tuple[Consent, ...]
    purposes: tuple[str, ...]
    hold: Hold | None = None
    erasures: tuple[Erasure, ...] = ()
    link: str = ""
    certificate: Certificate | None = None
    problem: str = ""
    asked: tuple[RightRequest, ...] = ()
    kinds: tuple[str, ...] = KINDS


class ExportPage(msgspec.Struct, frozen=True):
    """Everything about a person, to be read."""

    export: Export


def written(data: dict[str, str], name: str, most: int) -> str:
    """What was written into a field of a form, at most so many characters, without the zero byte that no record can hold."""
    return data.get(name, "").replace("\x00", " ").strip()[:most]


async def _handle(db: asyncpg.Connection, tenant: int, person: Person) -> bytes:
    """A handle of theirs, whose key seals what is noted of them. Raises NotFound."""
    handles = await people.handles_of(db, tenant, person.ids)
    if not handles:
        raise NotFound("this person has no handle any more")
    return handles[0].id


async def rights_of(request: AnyRequest, id: bytes, **shown: Any) -> Response[str]:  # Any: fields of RightsPage
    """The page of a person's rights; with a `problem` it is a 409."""
    status = 409 if shown.get("problem") else 200
    async with seated(request) as seat:
        found = await people.person(seat.db, seat.who.tenant, id)
        if found is None:
            raise NotFound("there is no such person; they may belong to another centre")
        ids = list(found.ids)
        consents = await read_where(seat.db, seat.who.tenant, Consent, "person = any($2::uuid[]) order by at desc", ids)
        holds = [hold for hold in await read_rows(seat.db, seat.who.tenant, Hold, ids) if hold.lifted_at is None]
        erasures = await read_where(seat.db, seat.who.tenant, Erasure, "person = any($2::uuid[]) order by at desc", ids)
        purposes = tuple(purposes_of(seat.centre))
        asked = tuple(await requests_of(seat.db, seat.who.tenant, ids))
    await on_record(office_of(request), current(request), OF_RIGHTS, id)
    page = RightsPage(found, tuple(consents), purposes, holds[0] if holds else None, tuple(erasures), asked=asked, **shown)
    return await render(request, "people_rights.html", page, status=status)


@get("/people/{person:str}/rights", opt=RIGHTS, include_in_schema=False)
async def rights_page(request: AnyRequest, person: FromPath[str]) -> Response[str]:
    """What they agreed to, and what can be done for them."""
    return await rights_of(request, asked_id(person, "person"))


@get("/people/{person:str}/export", opt=RIGHTS, include_in_schema=False)
async def export_page(request: AnyRequest, person: FromPath[str]) -> Response[Any]:
    """Everything about them: to be read, or with `as=json` for programs."""
    found = await exported(request, asked_id(person, "person"))
    if request.query_params.get("as") == "json":
        return json_of(found)
    return await render(request, "people_export.html", ExportPage(found))


async def exported(request: AnyRequest, id: bytes) -> Export:
    """Everything about a person; that it was read is on record. Raises NotFound."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await export(db, who.tenant, id, office.clock.now())
    if found is None:
        raise NotFound("there is no such person; they may belong to another centre")
    await on_record(office, who, EXPORT, id)
    return found


def json_of(found: Export) -> Response[bytes]:
    """An export as a file for programs."""
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="person-{found.person[:12]}.json"'}
    return Response(msgspec.json.encode(found), media_type=MediaType.JSON, headers=headers)


async def erased(request: AnyRequest, id: bytes) -> Certificate:
    """Erase a person. Raises Conflict under a legal hold, NotFound."""
    office, who = office_of(request), current(request)
    if office.erase is None:
        raise Unavailable("nobody can be erased by this process")
    return await office.erase(who.tenant, id, who.agent)


@post("/people/{person:str}/erase", opt=RIGHTS, include_in_schema=False)
async def erase(request: AnyRequest, person: FromPath[str], data: Form) -> Response[Any]:
    """Erase them, once it was said twice."""
    id = asked_id(person, "person")
    if data.get("sure") != "yes":
        return await rights_of(request, id, problem=retell(language_of(request), "Say that you are sure: this is for ever."))
    try:
        certificate = await erased(request, id)
    except Conflict as refused:
        return await rights_of(request, id, problem=retell(language_of(request), str(refused)))
    return await rights_of(request, id, certificate=certificate)


@post("/people/{person:str}/hold", opt=RIGHTS, include_in_schema=False)
async def hold(request: AnyRequest, person: FromPath[str], data: Form) -> Response[Any]:
    """Put a legal hold on them, or lift it."""
    id, reason, lifted = asked_id(person, "person"), written(data, "reason", 400), data.get("do") == "lift"
    if not reason and not lifted:
        return await rights_of(request, id, problem=retell(language_of(request), "Say why the law asks for it."))
    await told(request, id, lambda by: PersonHeld(id, by, lifted), reason)
    return go(f"/people/{id.hex()}/rights")


@post("/people/{person:str}/consent", opt=RIGHTS, include_in_schema=False)
async def consent(request: AnyRequest, person: FromPath[str], data: Form) -> Response[Any]:
    """Note what they agreed to, or took back, and how we know."""
    id, purpose, evidence = asked_id(person, "person"), written(data, "purpose", 80), written(data, "evidence", 400)
    if not purpose or not evidence:
        return await rights_of(request, id, problem=retell(language_of(request), "Say for what, and how we know."))
    given = data.get("given") != "no"
    await told(request, id, lambda by: ConsentNoted(id, purpose, written(data, "channel", 40), given, by), evidence)
    return go(f"/people/{id.hex()}/rights")


async def told(request: AnyRequest, id: bytes, fact: Any, text: str) -> None:  # Any: who did it -> a fact
    """Record a fact of a person with its words, and wait until it is to be seen."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await people.person(db, who.tenant, id)
        if found is None:
            raise NotFound("there is no such person; they may belong to another centre")
        handle = await _handle(db, who.tenant, found)
    made: Fact = fact(who.agent)
    if not await office.intake.tell_of(who.tenant, handle, made, Words(text) if text else None):
        raise BadInput("this person was erased; nothing can be noted of them")
    await settled(office, who.tenant)


@post("/people/{person:str}/link", opt=RIGHTS, include_in_schema=False)
async def link(request: AnyRequest, person: FromPath[str]) -> Response[Any]:
    """Make a link to their own page, to be given to them."""
    office, who, id = office_of(request), current(request), asked_id(person, "person")
    until: datetime = office.clock.now() + LASTS
    await office.intake.record(who.tenant, [ProfileLinkMade(id, who.agent, until)])
    return await rights_of(request, id, link=f"{office.public_url}/my/{profile_link(who.tenant, id, until, key=office.key)}")


HANDLERS = [rights_page, export_page, erase, hold, consent, link]
