"""Who is whom: two persons side by side, and to make them one or two again."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import Conflict, NotFound
from rapport.ledger.tables import read_rows
from rapport.model.person import Alike, Person, alike_id
from rapport.people import reading as people
from rapport.web.acting import act
from rapport.web.desk.context import HandleShown, Step
from rapport.web.desk.page import READ, seated
from rapport.web.desk.person_reading import handle_shown, step_of
from rapport.web.desk.reading import names_of
from rapport.web.desk.sensitive import shown_of
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.on_record import COMPARING, on_record
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

WRITE = needs("desk.write")
MOMENTS = 12
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class SideShown(msgspec.Struct, frozen=True):
    """One of two who may be one: who they are, and their journey as it is now."""

    person: Person
    handles: tuple[HandleShown, ...]
    journey: tuple[Step, ...]
    total: int


class PairPage(msgspec.Struct, frozen=True):
    """Two side by side, and their journey as it would be; `pair` None: nothing speaks for it but who asks."""

    one: SideShown
    other: SideShown
    together: tuple[Step, ...]
    names: dict[str, str]
    pair: Alike | None = None
    problem: str = ""


@get("/people/{one:str}/with/{other:str}", opt=READ, include_in_schema=False)
async def pair_page(request: AnyRequest, one: FromPath[str], other: FromPath[str]) -> Response[str]:
    """Two persons side by side, and what they would be together."""
    return await _pair(request, asked_id(one, "person"), asked_id(other, "person"))


async def _pair(request: AnyRequest, one: bytes, other: bytes, problem: str = "") -> Response[str]:
    async with seated(request) as seat:
        tenant = seat.who.tenant
        sides: list[SideShown] = []
        for id in (one, other):
            found = await people.person(seat.db, tenant, id)
            if found is None:
                raise NotFound("there is no such person; they may belong to another centre")
            moments = await people.milestones(seat.db, tenant, found.ids, limit=MOMENTS)
            handles = tuple(map(handle_shown, await people.handles_of(seat.db, tenant, found.ids)))
            total = await people.number_of_milestones(seat.db, tenant, found.ids)
            sides.append(SideShown(shown_of(found, seat.centre), handles, tuple(map(step_of, moments)), total))
        pair = await read_rows(seat.db, tenant, Alike, [alike_id(one, other)])
        whole = await people.milestones(seat.db, tenant, sides[0].person.ids + sides[1].person.ids, limit=MOMENTS)
    await on_record(office_of(request), current(request), COMPARING, one, other)
    page = PairPage(sides[0], sides[1], tuple(map(step_of, whole)), names_of(seat.centre), pair[0] if pair else None, problem)
    return await render(request, "people_pair.html", page, status=409 if problem else 200)


@post("/people/{one:str}/with/{other:str}", opt=WRITE, include_in_schema=False)
async def decide(request: AnyRequest, one: FromPath[str], other: FromPath[str], data: Form) -> Response[Any]:
    """Make two persons one, or say that they are two: `do` is `merge_person` or `keep_apart`."""
    ids = asked_id(one, "person"), asked_id(other, "person")
    do = "keep_apart" if data.get("do") == "keep_apart" else "merge_person"
    try:
        await act(office_of(request), current(request), do, argument=f"{ids[0].hex()} {ids[1].hex()}")
    except Conflict as refused:
        return await _pair(request, *ids, retell(language_of(request), str(refused)))
    return go("/people" if do == "keep_apart" else f"/people/{ids[1].hex()}?merged={ids[0].hex()}")


@post("/people/{person:str}/unmerge", opt=WRITE, include_in_schema=False)
async def unmerge(request: AnyRequest, person: FromPath[str]) -> Response[Any]:
    """Let a person stand by itself again."""
    id = asked_id(person, "person")
    try:
        await act(office_of(request), current(request), "unmerge_person", argument=id.hex())
    except Conflict:
        return go(f"/people/{id.hex()}")  # somebody was quicker: the page shows it
    return go(f"/people/{id.hex()}?parted=1")


@post("/people/{person:str}/with", opt=READ, include_in_schema=False)
async def choose(request: AnyRequest, person: FromPath[str], data: Form) -> Response[Any]:
    """Put another person beside this one, by a handle or the address of their page."""
    id, named = asked_id(person, "person"), data.get("other", "").strip()
    last = named.split("?")[0].split("#")[0].rstrip("/").rpartition("/")[2]
    async with seated(request) as seat:
        other = await people.person_named(seat.db, seat.who.tenant, last) or await people.person_named(
            seat.db, seat.who.tenant, named
        )
    if other is None:
        raise NotFound(f"nobody is known by {named[:80]!r} here")
    return go(f"/people/{other.hex()}/with/{id.hex()}")


HANDLERS = [pair_page, decide, unmerge, choose]
