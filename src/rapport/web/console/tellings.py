"""What was said to an agent alone: shown to them until they have seen it, and answered."""

from secrets import token_hex
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict
from rapport.web.acting import act
from rapport.web.console import reading as read, shown
from rapport.web.desk.page import Seat, chosen_one, seated
from rapport.web.desk.reading import names_of
from rapport.web.going import asked_id, go, inside
from rapport.web.languages import retell
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

WRITE = needs("desk.write")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/tellings/part", opt=WRITE, include_in_schema=False)
async def told_part(request: AnyRequest) -> Response[Any]:
    """What was said to whoever reads and was not seen yet."""
    async with seated(request) as seat:
        found = await read.unseen(seat)
        about = await talk.conversation(seat.db, seat.who.tenant, found[0].conversation) if found else None
        names = names_of(seat.centre)
    part = shown.ToldPart(found[0] if found else None, len(found) - 1, names, about.name if about else "")
    return await fragment(request, "told.html", part)


async def _page(
    request: AnyRequest, conversation: str, *, problem: str = "", form: dict[str, str] | None = None
) -> Response[str]:
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        page = await _read(seat, one.id, one.name, has_it=seat.who.agent in (one.agent, *one.beside))
    page = shown.TellingsPage(
        page.beside, page.name, page.may_answer, page.newest, page.has_it, problem, form or {}, token_hex(8)
    )
    return await render(request, "tellings.html", page, status=409 if problem else 200)


async def _read(seat: Seat, conversation: bytes, name: str, *, has_it: bool) -> shown.TellingsPage:
    said = await read.tellings_of(seat, conversation, mine=True)
    to_me = [one for one in said if one.agent == seat.who.agent]
    beside = shown.Beside(conversation, said, names_of(seat.centre), seat.who.agent)
    return shown.TellingsPage(beside, name, bool(to_me), to_me[-1].id if to_me else None, has_it)


@get("/tellings/{conversation:str}", opt=WRITE, include_in_schema=False)
async def tellings(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """What was said to and by whoever reads beside one conversation."""
    return await _page(request, conversation)


@get("/tellings/{conversation:str}/part", opt=WRITE, include_in_schema=False)
async def tellings_again(request: AnyRequest, conversation: FromPath[str]) -> Response[Any]:
    """The same again, without its form."""
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        page = await _read(seat, one.id, one.name, has_it=seat.who.agent in (one.agent, *one.beside))
    return await fragment(request, "tellings_said.html", page)


@post("/tellings/{conversation:str}", opt=WRITE, include_in_schema=False)
async def do_tellings(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Say that one has seen what was said, or answer it."""
    office, who, id = office_of(request), current(request), asked_id(conversation, "conversation")
    do = data.get("do", "")
    try:
        if do == "seen":
            await act(office, who, "seen_tellings", conversation=id, argument=data.get("tellings", "")[:2_000])
            return go(inside(data.get("next", ""), f"/desk/{conversation}"))
        if do != "answer":
            raise BadInput(f"do must be seen or answer, got {do[:40]!r}")
        await act(
            office, who, "whisper_back", conversation=id, argument=data.get("telling", ""), text=data.get("text", "").strip(),
            once=data.get("once", ""),
        )  # fmt: skip
    except (Conflict, BadInput) as wrong:
        return await _page(request, conversation, problem=retell(language_of(request), str(wrong)), form=data)
    return go(f"/tellings/{conversation}")


HANDLERS = [told_part, tellings, tellings_again, do_tellings]
