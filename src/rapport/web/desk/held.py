"""What is held back, on one page: crowds, held and unreadable messages, unknown sends, entries set aside; and the way on."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.conversations import inbox, reading as talk
from rapport.errors import Conflict, NotFound
from rapport.model.message import Message
from rapport.model.reply import Aside, Incident, Outgoing
from rapport.replies import reading as drafts
from rapport.web.acting import act
from rapport.web.desk.actions import asked_id, go, inside
from rapport.web.desk.page import Seat, seated
from rapport.web.languages import retell
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

RELEASE = needs("held.release")
MOST = 50
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class HeldPage(msgspec.Struct, frozen=True):
    """Everything that waits for a decision of a supervisor. `messages_all`: how many held messages there are."""

    incidents: tuple[Incident, ...] = ()
    messages: tuple[Message, ...] = ()
    messages_all: int = 0
    unknown: tuple[Outgoing, ...] = ()
    unreadable: tuple[Message, ...] = ()
    asides: tuple[Aside, ...] = ()
    problem: str = ""


async def _page(seat: Seat, problem: str = "") -> HeldPage:
    db, tenant = seat.db, seat.who.tenant
    return HeldPage(
        incidents=tuple(i for i in await inbox.held_incidents(db, tenant, MOST) if i.held),
        messages=tuple(await inbox.held_messages(db, tenant, limit=MOST)),
        messages_all=await talk.number_held(db, tenant),
        unknown=tuple(await drafts.unknown(db, tenant, limit=MOST)),
        unreadable=tuple(await inbox.unreadable_messages(db, tenant, limit=MOST)),
        asides=tuple(await inbox.entries_aside(db, tenant, MOST)),
        problem=problem,
    )


@get("/held", opt=RELEASE, include_in_schema=False)
async def held(request: AnyRequest) -> Response[str]:
    """What is held back."""
    async with seated(request) as seat:
        page = await _page(seat)
    return await render(request, "held.html", page)


@get("/held/part/list", opt=RELEASE, include_in_schema=False)
async def held_again(request: AnyRequest) -> Response[str]:
    """The lists again."""
    async with seated(request) as seat:
        page = await _page(seat)
    return await fragment(request, "held_list.html", page)


async def _do(request: AnyRequest, do: str, id: bytes, data: dict[str, str]) -> Response[Any]:
    office, who = office_of(request), current(request)
    try:
        await act(office, who, do, conversation=id)
        if do == "release":  # of an incident: what lies under it follows
            async with office.store.within(who.tenant, readonly=True) as db:
                under = await inbox.held_under(db, who.tenant, id)
            for message in under:
                await office.intake.act(who.tenant, who.agent, do, conversation=message)
    except Conflict as refused:
        async with seated(request) as seat:
            page = await _page(seat, retell(language_of(request), str(refused)))
        return await render(request, "held.html", page, status=409)
    return go(inside(data.get("next", ""), "/held"))


@post("/held/{held_id:str}/release", opt=RELEASE, include_in_schema=False)
async def release(request: AnyRequest, held_id: FromPath[str], data: Form) -> Response[Any]:
    """Let a held message, or a whole incident, through."""
    return await _do(request, "release", asked_id(held_id, "held message"), data)


@post("/held/{held_id:str}/retry", opt=RELEASE, include_in_schema=False)
async def retry(request: AnyRequest, held_id: FromPath[str], data: Form) -> Response[Any]:
    """Give an entry that was set aside to its stage again."""
    return await _do(request, "retry", asked_id(held_id, "entry"), data)


@get("/held/{held_id:str}/raw", opt=RELEASE, include_in_schema=False)
async def raw(request: AnyRequest, held_id: FromPath[str]) -> Response[bytes]:
    """The bytes of a message that could not be read, as a download that no browser opens."""
    read_raw = office_of(request).memory.get("raw_bytes")
    id, who = asked_id(held_id, "message"), current(request)
    body: bytes | None = await read_raw(who.tenant, id) if read_raw is not None else None
    if body is None:
        raise NotFound("the bytes are not here; they may have been erased")
    name = f"attachment; filename={held_id[:8]}.bin"
    return Response(
        body, media_type="application/octet-stream", headers={"content-disposition": name, "cache-control": "no-store"}
    )


HANDLERS = [held, held_again, release, retry, raw]
