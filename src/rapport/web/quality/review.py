"""One review: the conversation at the left, the scorecard at the right; who gave theirs sees others' once all have."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict, NotFound
from rapport.measures.quality import reading
from rapport.measures.quality.comparing import Scores, spread
from rapport.measures.quality.reviewing import Given
from rapport.model.conversation import Conversation
from rapport.model.ids import show_id
from rapport.model.review import CALIBRATION
from rapport.model.reviewed import DONE, OPEN, Review, Reviewable, review_id
from rapport.web.acting import act
from rapport.web.desk.actions import Form
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import names_of
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.quality.shown import LineShown, SectionShown, Typed, lines_of, sections_of
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

REVIEW = needs("quality.review")
LONGEST = 4_000  # characters of a note


class ReviewPage(msgspec.Struct, frozen=True):
    """The page. `may_give`: a form stands there; `reviews`: those that whoever looks may see; `mine`: they are the agent.

    `erased`: nothing of it can be read any more. `scores`: of a session that is over.
    """

    item: Reviewable
    title: dict[str, str]
    conversation: Conversation | None
    lines: tuple[LineShown, ...]
    earlier: int
    sections: tuple[SectionShown, ...]
    reviews: tuple[Review, ...]
    names: dict[str, str]
    may_give: bool
    may_close: bool
    erased: bool
    scores: Scores | None = None
    mine: bool = False
    coaching: str = ""
    problem: str = ""
    may_appeal: bool = False
    may_answer: frozenset[bytes] = frozenset()


async def review_page(
    seat: Seat, id: bytes, *, typed: dict[str, Typed] | None = None, coaching: str = "", mine: bool = False
) -> ReviewPage:
    """The page of a conversation to review, as whoever looks may see it. Raises NotFound."""
    db, tenant, who = seat.db, seat.who.tenant, seat.who
    item = await reading.item(db, tenant, id)
    if item is None or (mine and item.agent != who.agent):
        raise NotFound("there is no such review; it may belong to another centre")
    card = (await reading.cards(db, tenant, {(item.scorecard, item.version)})).get((item.scorecard, item.version))
    one = await talk.conversation(db, tenant, item.conversation)
    readable = one is not None and await reading.is_readable(db, tenant, id)
    lines, earlier = await lines_of(db, tenant, one, seat.centre) if one is not None and readable else ((), 0)
    reviews = tuple(r for r in await reading.reviews_of(db, tenant, id) if _may_see(seat, item, r, mine=mine))
    names = names_of(seat.centre)
    may_give = not mine and readable and _may_give(item, who.agent) and card is not None
    scores = spread(card, reviews)[1] if card and item.kind == CALIBRATION and item.state == DONE else None
    return ReviewPage(
        item, card.title if card else {"en": item.scorecard, "es": item.scorecard}, one, lines, earlier,
        sections_of(card, typed or {}, reviews, lines, names) if card else (), reviews, names, may_give,
        who.may("quality.decide") and item.kind == CALIBRATION and item.state == OPEN, not readable, scores, mine, coaching,
        may_answer=frozenset(
            r.id for r in reviews
            if r.appealed_at and not r.answered_at and who.may("quality.decide") and who.agent not in (r.agent, r.reviewer)
        ),
    )  # fmt: skip


def _may_give(item: Reviewable, agent: str) -> bool:
    room = not item.wanted or len(item.given) < item.wanted
    return item.state == OPEN and room and agent != item.agent and agent not in item.given


def _may_see(seat: Seat, item: Reviewable, review: Review, *, mine: bool) -> bool:
    """One's own at once; others' when everybody has given theirs: the agent, whoever took part, and whoever decides."""
    who = seat.who
    if mine:
        return item.state == DONE and item.kind != CALIBRATION
    if who.agent == item.agent and not who.may("quality.decide"):
        return False
    if review.reviewer == who.agent:
        return True
    return item.state == DONE and (who.agent in item.given or who.may("quality.decide"))


@get("/quality/items/{item:str}", opt=REVIEW, include_in_schema=False)
async def one_item(request: AnyRequest, item: FromPath[str]) -> Response[str]:
    """The review's page."""
    async with seated(request) as seat:
        page = await review_page(seat, asked_id(item, "review"))
    return await render(request, "quality_review.html", page)


@post("/quality/items/{item:str}", opt=REVIEW, include_in_schema=False)
async def give(request: AnyRequest, item: FromPath[str], data: Form) -> Response[Any]:
    """Give a review, or set it aside. What is refused comes back with everything that was typed."""
    office, who, id = office_of(request), current(request), asked_id(item, "review")
    async with seated(request) as seat:
        found = await reading.item(seat.db, who.tenant, id)
        readable = found is not None and await reading.is_readable(seat.db, who.tenant, id)
    if found is None:
        raise NotFound("there is no such review; it may belong to another centre")
    try:
        if data.get("do") == "leave":
            await act(
                office, who, "leave_review", conversation=found.conversation, argument=show_id(id),
                reason=data.get("reason", "")[:LONGEST],
            )  # fmt: skip
            return go("/quality?said=left")
        if not readable:
            raise Conflict("the person of this conversation was erased: there is nothing to review any more; set it aside")
        await send_review(request, found, given_in(data), notes_in(data), data.get("coaching", ""))
    except (Conflict, BadInput) as refused:
        async with seated(request) as seat:
            page = await review_page(seat, id, typed=typed_in(data), coaching=data.get("coaching", ""))
        problem = retell(language_of(request), str(refused))
        return await render(request, "quality_review.html", replace(page, problem=problem), status=409)
    return go("/quality?said=given")


async def send_review(request: AnyRequest, item: Reviewable, given: Given, notes: dict[str, str], coaching: str) -> bytes:
    """Give a review in the name of whoever asks; its id. Raises Conflict, BadInput."""
    for name, text in {"coaching": coaching, **notes}.items():
        if len(text) > LONGEST:
            raise BadInput(f"the note of {name[:60]!r} has {len(text)} characters; write at most {LONGEST}")
    await act(
        office_of(request), current(request), "give_review", conversation=item.conversation,
        argument=f"{show_id(item.id)} {msgspec.json.encode(given).decode()}", text=coaching, values=dict(notes),
    )  # fmt: skip
    return review_id(item.id, current(request).agent)


def typed_in(data: dict[str, str]) -> dict[str, Typed]:
    """What stands in the form, by question."""
    names = {key.partition(".")[2] for key in data if key.startswith(("a.", "n.", "e."))}
    return {name: Typed(data.get(f"a.{name}", ""), data.get(f"n.{name}", ""), data.get(f"e.{name}", "")) for name in names}


def notes_in(data: dict[str, str]) -> dict[str, str]:
    """The notes by question."""
    return {name: one.note.strip() for name, one in typed_in(data).items() if one.note.strip()}


def given_in(data: dict[str, str]) -> Given:
    """The answers, and the lines that they rest on. Raises BadInput where a number names no line."""
    lines = [id for id in data.get("lines", "").split(",") if id]
    answers, evidence = {}, {}
    for name, typed in typed_in(data).items():
        if typed.answer:
            answers[name] = typed.answer
        numbers = typed.evidence.replace(",", " ").replace("#", " ").split()
        wrong = next((one for one in numbers if not one.isdecimal() or not 1 <= int(one[:6]) <= len(lines)), None)
        if wrong is not None:
            raise BadInput(f"{wrong[:20]!r} is the number of no line; there are 1 to {len(lines)}")
        if numbers:
            evidence[name] = tuple(dict.fromkeys(lines[int(one) - 1] for one in numbers))
    return Given(answers, evidence)


HANDLERS = [one_item, give]
