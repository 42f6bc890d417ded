"""An offer by its link: one page for a phone, one tap to accept, without signing in. The link is for that offer alone."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access.offer_links import OVER, read_offer_link
from rapport.errors import BadInput, Conflict
from rapport.matching import reading as offers
from rapport.model.need import OfferState
from rapport.web.acting import PATIENCE
from rapport.web.centre_now import centre_now
from rapport.web.desk import reading as read
from rapport.web.desk.context import OfferShown
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.security import EVERYONE, FROM_OUR_PAGES, AnyRequest, Who, language_of, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
NO_REFERRER = {"referrer-policy": "no-referrer"}


class LinkedOffer(msgspec.Struct, frozen=True):
    """An offer by its link. `offer` None: it is over; `done`: what was just answered; `conversation`: that was accepted."""

    link: str
    name: str
    offer: OfferShown | None = None
    problem: str = ""
    done: str = ""
    conversation: bytes | None = None


async def _page(request: AnyRequest, link: str, *, problem: str = "", done: str = "", status: int = 200) -> Response[str]:
    office = office_of(request)
    tenant, agent, offer = read_offer_link(link, key=office.key, now=office.clock.now())
    centre = await centre_now(office, tenant)
    who = Who(tenant, agent, agent, "", language_of(request), frozenset(), "")
    async with office.store.within(tenant, readonly=True) as db:
        made = await offers.offer(db, tenant, offer)
        is_open = made is not None and made.state is OfferState.OPEN and made.agent == agent
        found = await read.read_offer(db, who, centre, office.clock.now(), whole=True, id=offer) if is_open else None
    known = centre.agents.get(agent)
    conversation = made.conversation if made is not None and done == "accept" else None
    page = LinkedOffer(link, (known.name if known else "") or agent, found, problem, done, conversation)
    return await render(request, "offer_link.html", page, status=status, headers=NO_REFERRER)


@get("/offers/link/{link:str}", opt=EVERYONE, include_in_schema=False)
async def offer_by_link(request: AnyRequest, link: FromPath[str]) -> Response[str]:
    """The offer; nothing is done by looking at it, as programs look at links too."""
    return await _page(request, link)


@post("/offers/link/{link:str}", opt=FROM_OUR_PAGES, include_in_schema=False)
async def answer_by_link(request: AnyRequest, link: FromPath[str], data: Form) -> Response[Any]:
    """Accept it, or decline."""
    office, do = office_of(request), data.get("do", "")
    if do not in ("accept", "decline"):
        raise BadInput(f"do must be accept or decline, got {do[:40]!r}")
    tenant, agent, offer = read_offer_link(link, key=office.key, now=office.clock.now())
    async with office.store.within(tenant, readonly=True) as db:
        made = await offers.offer(db, tenant, offer)
    if made is None or made.agent != agent:
        raise BadInput(OVER)
    try:
        action = await office.intake.act(tenant, agent, do, offer=offer, conversation=made.conversation, once=f"{link}/{do}")
        outcome = await office.intake.outcome(tenant, action, PATIENCE)
        if outcome is not None and not outcome.ok:
            raise Conflict(outcome.reason)
    except Conflict as refused:
        return await _page(request, link, problem=retell(language_of(request), str(refused)), status=409)
    return await _page(request, link, done=do)


HANDLERS = [offer_by_link, answer_by_link]
