"""/api/quality: scorecards, what waits to be reviewed, giving a review, and finished reviews, for programs."""

from datetime import datetime, timedelta

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.errors import BadInput, Conflict, NotFound
from rapport.measures.quality import reading
from rapport.measures.quality.reviewing import Given
from rapport.model.ids import show_id
from rapport.model.review import Scorecard
from rapport.model.reviewed import DONE, Review, Reviewable
from rapport.web.desk.page import seated
from rapport.web.going import asked_id
from rapport.web.quality.review import send_review
from rapport.web.security import AnyRequest, current, needs, office_of

REVIEW, DECIDE = needs("quality.review"), needs("quality.decide")
MOST_DAYS, DAYS = 366, 28


class ItemTold(msgspec.Struct, frozen=True):
    """A conversation to review, by which version of a scorecard. `kind`: random, risk, fill or calibration."""

    id: str
    conversation: str
    agent: str
    scorecard: str
    version: str
    kind: str
    why: tuple[str, ...]
    at: datetime


class ReviewTold(msgspec.Struct, frozen=True):
    """A finished review. `score` of 100, None where nothing applied; `counts`: False after an appeal that was upheld."""

    id: str
    item: str
    conversation: str
    agent: str
    reviewer: str
    at: datetime
    scorecard: str
    version: str
    kind: str
    answers: dict[str, str]
    score: float | None
    fatal: bool
    passed: bool
    counts: bool
    coaching: str
    notes: dict[str, str]


class GivenTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A review that is given: an answer (yes, no, na or a number) to each question, and what it rests on.

    `evidence`: ids of messages by question; `notes`: by question; `coaching`: what the agent is told.
    """

    answers: dict[str, str]
    evidence: dict[str, tuple[str, ...]] = {}
    notes: dict[str, str] = {}
    coaching: str = ""


def _json(value: object) -> Response[bytes]:
    return Response(msgspec.json.encode(value), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


def _item(one: Reviewable) -> ItemTold:
    return ItemTold(
        show_id(one.id), show_id(one.conversation), one.agent, one.scorecard, one.version, one.kind, one.why, one.at
    )  # fmt: skip


def _review(one: Review, item: Reviewable) -> ReviewTold:
    return ReviewTold(
        show_id(one.id), show_id(one.item), show_id(one.conversation), one.agent, one.reviewer, one.at, item.scorecard,
        item.version, item.kind, one.answers, one.score, one.fatal, one.passed, one.counts, one.coaching, one.notes,
    )  # fmt: skip


@get("/api/quality/scorecards", opt=REVIEW | {"gives": list[Scorecard], "says": "The centre's scorecards, as they are now"})
async def scorecards(request: AnyRequest) -> Response[bytes]:
    """Every scorecard."""
    async with seated(request) as seat:
        return _json(sorted(seat.centre.scorecards.values(), key=lambda one: one.id))


@get("/api/quality/waiting", opt=REVIEW | {"gives": list[ItemTold], "says": "What waits for whoever asks to review"})
async def waiting(request: AnyRequest) -> Response[bytes]:
    """What whoever asks may review, in the order in which it was drawn."""
    async with seated(request) as seat:
        found = await reading.waiting_for(seat.db, seat.who.tenant, seat.who.agent)
    return _json([_item(one) for one in found])


@get(
    "/api/quality/reviews",
    opt=DECIDE
    | {
        "gives": list[ReviewTold],
        "says": "Finished reviews, the latest first; of an agent, or all",
        "asks": {"agent": "whose work", "days": f"how many days back, 1 to {MOST_DAYS}; {DAYS} where it is left out"},
    },
)
async def reviews(request: AnyRequest) -> Response[bytes]:
    """Finished reviews."""
    asked = request.query_params
    agent, days = str(asked.get("agent", "")), str(asked.get("days", DAYS))
    if not (days.isascii() and days.isdigit() and len(days) < 5 and 1 <= int(days) <= MOST_DAYS):
        raise BadInput(f"days is a number from 1 to {MOST_DAYS}, got {days[:20]!r}")
    async with seated(request) as seat:
        since = seat.office.clock.now() - timedelta(days=int(days))
        found = await reading.given_since(seat.db, seat.who.tenant, since)
    return _json([_review(one, item) for one, item in found if not agent or one.agent == agent])


@post(
    "/api/quality/items/{item:str}/review",
    status_code=200,
    opt=REVIEW
    | {"takes": GivenTold, "gives": ItemTold, "says": "Give a review; refused where it is one's own work or finished"},
)
async def give(request: AnyRequest, item: FromPath[str]) -> Response[bytes]:
    """Give a review."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    told = msgspec.json.decode(body, type=GivenTold)
    id, who = asked_id(item, "review"), current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        found = await reading.item(db, who.tenant, id)
        readable = found is not None and await reading.is_readable(db, who.tenant, id)
    if found is None:
        raise NotFound("there is no such review; it may belong to another centre")
    if not readable and found.state != DONE:
        raise Conflict("the person of this conversation was erased: there is nothing to review any more; set it aside")
    await send_review(request, found, Given(told.answers, told.evidence), told.notes, told.coaching)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        return _json(_item(await reading.item(db, who.tenant, id) or found))


HANDLERS = [scorecards, waiting, reviews, give]
