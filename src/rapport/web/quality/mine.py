"""An agent's own reviews: what was said of their work, what they are told, and their appeal; and the answer to one."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from rapport.errors import Conflict, NotFound
from rapport.measures.quality import reading
from rapport.model.ids import show_id
from rapport.model.reviewed import Review, Reviewable
from rapport.web.acting import act
from rapport.web.desk.actions import Form
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import names_of
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.quality.review import LONGEST, ReviewPage, review_page
from rapport.web.quality.shown import ItemShown, items_shown
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

SELF, DECIDE = needs("self"), needs("quality.decide")


class MinePage(msgspec.Struct, frozen=True):
    """The list: each review with what it is of."""

    reviews: tuple[tuple[Review, ItemShown], ...]
    names: dict[str, str]
    said: str = ""


@get("/quality/mine", opt=SELF, include_in_schema=False)
async def mine(request: AnyRequest) -> Response[str]:
    """The reviews of one's own work."""
    said = str(request.query_params.get("said", ""))
    async with seated(request) as seat:
        db, tenant = seat.db, seat.who.tenant
        found = await reading.of_agent(db, tenant, seat.who.agent)
        items = await reading.items(db, tenant, [one.item for one in found])
        shown = {one.item.id: one for one in await items_shown(db, tenant, list(items.values()), seat.centre)}
        reviews = tuple((one, shown[one.item]) for one in found if one.item in shown)
        page = MinePage(reviews, names_of(seat.centre), said if said.isalpha() else "")
    return await render(request, "quality_mine.html", page)


async def _mine(seat: Seat, text: str) -> tuple[Review, ReviewPage]:
    """One review of one's own work. Raises NotFound."""
    found = await reading.review(seat.db, seat.who.tenant, asked_id(text, "review"))
    if found is None or found.agent != seat.who.agent:
        raise NotFound("there is no such review of yours")
    page = await review_page(seat, found.item, mine=True)
    if found.id not in {one.id for one in page.reviews}:
        raise NotFound("there is no such review of yours")
    now = seat.office.clock.now()
    return found, replace(page, may_appeal=found.appealed_at is None and not await _late(seat, page.item, now))


async def _late(seat: Seat, item: Reviewable, now: Any) -> bool:  # Any: a time
    card = (await reading.cards(seat.db, seat.who.tenant, {(item.scorecard, item.version)})).get((item.scorecard, item.version))
    return card is not None and item.ended_at is not None and now > item.ended_at + timedelta(days=card.appeal_days)


@get("/quality/mine/{review:str}", opt=SELF, include_in_schema=False)
async def one_of_mine(request: AnyRequest, review: FromPath[str]) -> Response[str]:
    """One of them; that it was read goes on record."""
    async with seated(request) as seat:
        found, page = await _mine(seat, review)
    if found.seen_at is None:
        await act(office_of(request), current(request), "see_review", argument=show_id(found.id))
    return await render(request, "quality_review.html", page)


@post("/quality/mine/{review:str}/appeal", opt=SELF, include_in_schema=False)
async def appeal(request: AnyRequest, review: FromPath[str], data: Form) -> Response[Any]:
    """Say why a review is wrong."""
    async with seated(request) as seat:
        found, page = await _mine(seat, review)
    try:
        await act(
            office_of(request), current(request), "appeal", conversation=found.conversation, argument=show_id(found.id),
            text=data.get("text", "")[:LONGEST],
        )  # fmt: skip
    except Conflict as refused:
        problem = retell(language_of(request), str(refused))
        return await render(request, "quality_review.html", replace(page, problem=problem), status=409)
    return go("/quality/mine?said=appealed")


@post("/quality/appeals/{review:str}", opt=DECIDE, include_in_schema=False)
async def answer(request: AnyRequest, review: FromPath[str], data: Form) -> Response[Any]:
    """Answer an appeal: the review is kept, or withdrawn and counts no more."""
    async with seated(request) as seat:
        found = await reading.review(seat.db, seat.who.tenant, asked_id(review, "review"))
    if found is None:
        raise NotFound("there is no such review; it may belong to another centre")
    try:
        await act(
            office_of(request), current(request), "answer_appeal", conversation=found.conversation,
            argument=f"{show_id(found.id)} {data.get('verdict', '')[:20]}", text=data.get("text", "")[:LONGEST],
        )  # fmt: skip
    except Conflict as refused:
        async with seated(request) as seat:
            page = await review_page(seat, found.item)
        problem = retell(language_of(request), str(refused))
        return await render(request, "quality_review.html", replace(page, problem=problem), status=409)
    return go("/quality?said=answered")


HANDLERS = [mine, one_of_mine, appeal, answer]
