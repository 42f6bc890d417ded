"""The offer on the road: one page for a phone, and the answer to it."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, Conflict
from rapport.matching import reading as offers
from rapport.web.acting import act
from rapport.web.desk import reading as read
from rapport.web.desk.actions import asked_id, go, inside
from rapport.web.desk.context import OfferPage
from rapport.web.desk.page import READ, Seat, desk_page, seated
from rapport.web.languages import retell
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


async def _page(seat: Seat, problem: str = "") -> OfferPage:
    now = await offers.presences(seat.db, seat.who.tenant)
    offer = await read.read_offer(seat.db, seat.who, seat.centre, seat.office.clock.now(), whole=True)
    return OfferPage(read.me_now(seat.centre, seat.who, now), offer, problem)


@get("/offer", opt=READ, include_in_schema=False)
async def offer_page(request: AnyRequest) -> Response[str]:
    """The offer that is open for whoever asks."""
    async with seated(request) as seat:
        page = await _page(seat)
    return await render(request, "offer.html", page)


@get("/offer/part", opt=READ, include_in_schema=False)
async def offer_part(request: AnyRequest) -> Response[str]:
    """The offer again."""
    async with seated(request) as seat:
        page = await _page(seat)
    return await fragment(request, "offer_body.html", page)


@post("/offers/{offer:str}", opt=needs("desk.write"), include_in_schema=False)
async def answer(request: AnyRequest, offer: FromPath[str], data: Form) -> Response[Any]:
    """Accept or decline. Who accepted goes on to the conversation; who came too late reads why."""
    office, who = office_of(request), current(request)
    do, _, why = data.get("do", "").partition("-")
    if do not in ("accept", "decline"):
        raise BadInput(f"do must be accept or decline, got {do[:40]!r}")
    id = asked_id(offer, "offer")
    then = inside(data.get("next", ""), "/desk")
    async with office.store.within(who.tenant, readonly=True) as db:
        made = await offers.offer(db, who.tenant, id)
    try:
        await act(office, who, do, offer=id, conversation=made.conversation if made else None, argument=why)
    except Conflict as refused:
        problem = retell(language_of(request), str(refused))
        if not then.startswith("/offer"):
            return await desk_page(request, problem=problem, status=409)
        async with seated(request) as seat:
            page = await _page(seat, problem)
        return await render(request, "offer.html", page, status=409)
    if do == "accept" and made is not None:
        return go(f"/desk/{made.conversation.hex()}#conversation")
    return go(then)


HANDLERS = [offer_page, offer_part, answer]
