"""The page of shifts: one's own next days, asking for a swap and answering one; for a planner, what waits for their word."""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, Conflict
from rapport.web.acting import act
from rapport.web.desk.page import seated
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of
from rapport.web.workforce.shifts_reading import asking_of, read_shifts

SEE, WRITE = needs("wallboard.read"), needs("desk.write")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/shifts", opt=SEE, include_in_schema=False)
async def shifts(request: AnyRequest) -> Response[str]:
    """The page; with `day` and `begin` of one of one's own shifts, the form by which a swap is asked for."""
    return await _page(request, {name: request.query_params.get(name, "") for name in ("day", "begin", "to")})


async def _page(request: AnyRequest, asked: dict[str, str], wrong: str = "") -> Response[str]:
    async with seated(request) as seat:
        asking = (
            asking_of(seat, asked.get("day", ""), asked.get("begin", ""), asked.get("to", "")) if asked.get("day") else None
        )
        page = await read_shifts(seat, asking, retell(language_of(request), wrong) if wrong else "")
    return await render(request, "shifts.html", page, status=409 if wrong else 200)


@get("/shifts/part/now", opt=SEE, include_in_schema=False)
async def shifts_again(request: AnyRequest) -> Response[str]:
    """The part that lives."""
    async with seated(request) as seat:
        page = await read_shifts(seat)
    return await fragment(request, "shifts_now.html", page)


@post("/shifts/ask", opt=WRITE, include_in_schema=False)
async def ask(request: AnyRequest, data: Form) -> Response[Any]:
    """Ask for a swap; what is not legal is said, and the form stands as it was."""
    back_day, _, back = data.get("back", "").partition(" ")
    try:
        wanted = {
            "day": data.get("day", "")[:20],
            "begin": _minute(data.get("begin", "")),
            "to": data.get("to", "")[:200],
            "back_day": back_day[:20],
            "back_begin": _minute(back) if back else 0,
        }
        argument = msgspec.json.encode(wanted).decode()
        await act(office_of(request), current(request), "ask_swap", argument=argument, once=data.get("once", ""))
    except (Conflict, BadInput) as wrong:
        return await _page(request, data, str(wrong))
    return go(f"/shifts?{urlencode({'said': 'asked'})}")


@post("/shifts/{shift_ask:str}", opt=WRITE, include_in_schema=False)
async def answer(request: AnyRequest, shift_ask: FromPath[str], data: Form) -> Response[Any]:
    """Agree, decline, take back."""
    return await _said(request, "answer_swap", shift_ask, data)


@post("/shifts/{shift_ask:str}/decide", opt=needs("schedule.decide"), include_in_schema=False)
async def decide(request: AnyRequest, shift_ask: FromPath[str], data: Form) -> Response[Any]:
    """A planner approves or refuses."""
    return await _said(request, "decide_swap", shift_ask, data)


async def _said(request: AnyRequest, verb: str, shift_ask: str, data: dict[str, str]) -> Response[Any]:
    do = data.get("do", "")[:40]
    said = {"ask": asked_id(shift_ask, "swap").hex(), "do": do, "why": data.get("why", "")[:400]}
    try:
        await act(office_of(request), current(request), verb, argument=msgspec.json.encode(said).decode())
    except (Conflict, BadInput) as wrong:
        return await _page(request, {}, str(wrong))
    return go(f"/shifts?{urlencode({'said': do})}")


def _minute(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise BadInput(f"a shift is named by minutes after midnight, got {text[:20]!r}")
    return int(text)


HANDLERS = [shifts, shifts_again, ask, answer, decide]
