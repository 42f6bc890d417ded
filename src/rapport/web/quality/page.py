"""The place of quality reviews: what waits for a reviewer, what plans draw, appeals, and sessions that go on."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict, NotFound
from rapport.ledger.tables import read_rows
from rapport.measures.quality import reading
from rapport.measures.quality.drawing import Session
from rapport.model.conversation import Conversation
from rapport.model.ids import read_id, show_id
from rapport.model.reviewed import Review, Sample, sample_id
from rapport.web.acting import act
from rapport.web.desk.actions import Form
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import names_of
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.measures.reports_page import following_of
from rapport.web.page import render
from rapport.web.quality.drawing import A_MOMENT, Checked, PlanShown, checked, drawing, plans_shown
from rapport.web.quality.shown import ItemShown, items_shown
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

SEE, DECIDE = needs("quality.review"), needs("quality.decide")


class QualityPage(msgspec.Struct, frozen=True):
    """The page. `plans`, `appeals` and `cards` are of whoever decides."""

    waiting: tuple[ItemShown, ...]
    given: tuple[Review, ...]
    sessions: tuple[ItemShown, ...]
    appeals: tuple[Review, ...]
    plans: tuple[PlanShown, ...]
    samples: tuple[Sample, ...]
    cards: tuple[tuple[str, dict[str, str]], ...]
    names: dict[str, str]
    said: str = ""
    problem: str = ""


class SamplePage(msgspec.Struct, frozen=True):
    """What was drawn of a period, and whether the record gives the same again."""

    sample: Sample
    last: datetime  # a moment of its last day
    items: tuple[ItemShown, ...]
    checked: Checked | None
    names: dict[str, str]


async def _page(seat: Seat, said: str = "", problem: str = "") -> QualityPage:
    db, tenant, centre = seat.db, seat.who.tenant, seat.centre
    decides = seat.who.may("quality.decide")
    samples = await reading.samples(db, tenant) if decides else []
    cards = tuple((card.id, card.title) for card in sorted(centre.scorecards.values(), key=lambda one: one.id))
    return QualityPage(
        waiting=await items_shown(db, tenant, await reading.waiting_for(db, tenant, seat.who.agent), centre),
        given=tuple(await reading.given_by(db, tenant, seat.who.agent)),
        sessions=await items_shown(db, tenant, await reading.under_way(db, tenant), centre) if decides else (),
        appeals=tuple(await reading.appealed(db, tenant)) if decides else (),
        plans=await plans_shown(seat, samples) if decides else (),
        samples=tuple(samples),
        cards=cards if decides else (),
        names=names_of(centre),
        said=said,
        problem=problem,
    )


@get("/quality", opt=SEE, include_in_schema=False)
async def quality(request: AnyRequest) -> Response[str]:
    """What waits for whoever looks."""
    said = str(request.query_params.get("said", ""))
    async with seated(request) as seat:
        page = await _page(seat, said if said.isalpha() else "")
    return await render(request, "quality.html", page)


async def _refused(request: AnyRequest, why: Conflict | BadInput) -> Response[str]:
    async with seated(request) as seat:
        page = await _page(seat, problem=retell(language_of(request), str(why)))
    return await render(request, "quality.html", page, status=409 if isinstance(why, Conflict) else 400)


@post("/quality/draw", opt=DECIDE, include_in_schema=False)
async def draw(request: AnyRequest, data: Form) -> Response[Any]:
    """Draw the sample of a period; who presses changes nothing of what is drawn."""
    try:
        async with following_of(office_of(request), current(request).tenant).lock, seated(request) as seat:
            found = await drawing(seat, data.get("plan", ""), data.get("starts", ""))
        id = show_id(sample_id(found.plan, found.starts, found.ends))
        argument = f"{id} {msgspec.json.encode(found).decode()}"
        await act(office_of(request), current(request), "draw_sample", argument=argument)
    except (Conflict, BadInput) as refused:
        return await _refused(request, refused)
    return go(f"/quality/samples/{id}")


@get("/quality/samples/{sample:str}", opt=DECIDE, include_in_schema=False)
async def one_sample(request: AnyRequest, sample: FromPath[str]) -> Response[str]:
    """What was drawn of a period, with its seed."""
    async with seated(request) as seat:
        found = await reading.sample(seat.db, seat.who.tenant, asked_id(sample, "sample"))
        if found is None:
            raise NotFound("there is no such sample; it may belong to another centre")
        page = SamplePage(
            found[0],
            found[0].ends - A_MOMENT,
            await items_shown(seat.db, seat.who.tenant, found[1], seat.centre),
            await checked(seat, *found),
            names_of(seat.centre),
        )
    return await render(request, "quality_sample.html", page)


@post("/quality/calibrate", opt=DECIDE, include_in_schema=False)
async def calibrate(request: AnyRequest, data: Form) -> Response[Any]:
    """Let all reviewers score the same conversation, of which the address or the number is given."""
    try:
        async with seated(request) as seat:
            one = await _meant(seat, data.get("conversation", ""))
            works = [work for work in await talk.interactions_of(seat.db, seat.who.tenant, one.id) if not work.bot]
        agent = max(works, key=lambda work: (work.started_at, work.id)).agent if works else one.agent
        session = msgspec.json.encode(Session(data.get("scorecard", ""), agent)).decode()
        await act(office_of(request), current(request), "calibrate", conversation=one.id, argument=session)
    except (Conflict, BadInput) as refused:
        return await _refused(request, refused)
    return go("/quality?said=session")


async def _meant(seat: Seat, text: str) -> Conversation:
    """The conversation that an address, or the number in it, names. Raises BadInput."""
    word = text.strip().partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    id = read_id(word) if word else None
    found = await read_rows(seat.db, seat.who.tenant, Conversation, [id]) if id else []
    if not found:
        raise BadInput(f"{text[:60]!r} is the address of no conversation; copy it from the desk")
    return found[0]


@post("/quality/items/{item:str}/close", opt=DECIDE, include_in_schema=False)
async def close(request: AnyRequest, item: FromPath[str]) -> Response[Any]:
    """End a calibration session: from now on everybody sees what everybody said."""
    id = asked_id(item, "review")
    try:
        await act(office_of(request), current(request), "close_calibration", argument=show_id(id))
    except Conflict as refused:
        return await _refused(request, refused)
    return go(f"/quality/items/{item}")


HANDLERS = [quality, draw, one_sample, calibrate, close]
