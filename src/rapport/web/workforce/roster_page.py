"""The planner's roster: made for a week to come, looked at, and taken over; as a page and by API."""

import asyncio
from collections import Counter
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.errors import BadInput, Conflict
from rapport.matching.duty.rostering import Rostered
from rapport.web.acting import act
from rapport.web.desk.page import seated
from rapport.web.going import go
from rapport.web.idempotency import once
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of
from rapport.web.workforce.page import Read, one_at_a_time, read_workforce
from rapport.web.workforce.roster_asked import RosterAsked, asked_for
from rapport.web.workforce.roster_made import Made, made
from rapport.workforce.series import Series

DECIDE = needs("schedule.decide")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
_roster = msgspec.json.Decoder(Rostered)


class RosterPage(msgspec.Struct, frozen=True):
    """The page; `made` None until a roster is asked for. `argument`: what taking it over says, as JSON."""

    asked: RosterAsked
    made: Made | None = None
    argument: str = ""
    taken: bool = False
    problem: str = ""


class Taken(msgspec.Struct, frozen=True):
    """Whether it is done already; else it is on record and will be."""

    done: bool


@get("/workforce/roster", opt=DECIDE, include_in_schema=False)
async def roster(request: AnyRequest) -> Response[str]:
    """The page; with `make`, a roster. What cannot be made is said above the form."""
    return await _page(request)


@get(
    "/api/workforce/roster",
    opt=DECIDE
    | {
        "gives": Made,
        "says": "A roster of a week to come, and its distance from the best possible",
        "asks": {
            "first": "such as 2026-03-09",
            "hours": "of a shift",
            "pause": "minutes",
            "every": "minutes",
            "shifts": "each",
        },
    },
)
async def roster_said(request: AnyRequest) -> Response[bytes]:
    """What the page shows."""
    _, found = await _made(request, always=True)
    return Response(
        msgspec.json.encode(found, enc_hook=float), media_type=MediaType.JSON, headers={"cache-control": "no-store"}
    )


@post("/workforce/roster", opt=DECIDE, include_in_schema=False)
async def take(request: AnyRequest, data: Form) -> Response[Any]:
    """Take it over; where a rule would be broken, that is said and nothing is changed."""
    try:
        await act(
            office_of(request), current(request), "take_roster", argument=data.get("roster", ""), once=data.get("once", "")
        )
    except (Conflict, BadInput) as wrong:
        return await _page(request, retell(language_of(request), str(wrong)))
    return go("/workforce/roster?taken=1")


@post(
    "/api/workforce/roster",
    opt=DECIDE | {"takes": Rostered, "gives": Taken, "says": "Take a roster over: the shifts of these days"},
    status_code=200,
)
async def take_said(request: AnyRequest) -> Response[bytes]:
    """As the page does; 409 with the rule that would be broken."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    argument = msgspec.json.encode(_roster.decode(body)).decode()

    async def answer(key: str) -> tuple[int, Taken]:
        outcome = await act(office_of(request), current(request), "take_roster", argument=argument, once=key)
        return 200, Taken(outcome is not None)

    return await once(request, body, answer)


async def _page(request: AnyRequest, wrong: str = "") -> Response[str]:
    try:
        asked, found = await _made(request, always=False)
    except (BadInput, Conflict) as error:
        async with seated(request) as seat:
            asked = asked_for({}, seat.office.clock.now().date())
        page = RosterPage(asked, problem=retell(language_of(request), str(error)))
        return await render(request, "roster.html", page, status=400 if isinstance(error, BadInput) else 409)
    if found:
        told = language_of(request)
        left = tuple(msgspec.structs.replace(one, says=retell(told, one.says)) for one in found.left_open)
        found = msgspec.structs.replace(found, wrong=retell(told, found.wrong), left_open=left)
    argument = msgspec.json.encode(found.take).decode() if found else ""
    page = RosterPage(asked, found, argument, request.query_params.get("taken") == "1", wrong)
    return await render(request, "roster.html", page, status=409 if wrong else 200)


async def _made(request: AnyRequest, *, always: bool) -> tuple[RosterAsked, Made | None]:
    async with seated(request) as seat:
        read, centre = await read_workforce(seat), seat.centre
    asked = asked_for(request.query_params, read.at.date())
    if not always and not request.query_params.get("make"):
        return asked, None
    series = read.series
    if not isinstance(series, Series):
        raise BadInput("three days of history are needed before a roster can be made")
    office = office_of(request)
    asking: asyncio.Lock = office.memory.setdefault("roster asked for", asyncio.Lock())
    if asking.locked():
        raise Conflict("another roster is being made at this moment: ask again in half a minute")
    async with asking, one_at_a_time(office):
        found = await asyncio.to_thread(
            made,
            series,
            centre,
            read.drivers,
            asked,
            shares=_shares(read),
            work=read.handle_seconds / read.places,
            within=read.within,
            today=read.at.date(),
        )
    return asked, found


def _shares(read: Read) -> list[tuple[str, float]]:
    """The share of each language in all that came, the largest first."""
    counted = Counter[str]()
    for _, _, language, came in read.streams:
        counted[language] += came
    return [(name, came / counted.total()) for name, came in counted.most_common() if name]


HANDLERS = [roster, roster_said, take, take_said]
