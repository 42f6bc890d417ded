"""Drawing: what a plan drew of a period goes on record once; a plan that was set afterwards draws nothing of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.measures.quality.answering import done, named, refused
from rapport.model.centre import Thing
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken
from rapport.model.fact_review import ReviewAsked, SampleDrawn
from rapport.model.ids import derived_id, read_id
from rapport.model.review import CALIBRATION, SamplingPlan
from rapport.model.reviewed import Sample, item_id, sample_id, version_of

MOST_PICKED = 5_000
Action = Callable[[Written, ActionTaken, Rows], Iterable[New]]


class Pick(msgspec.Struct, frozen=True, array_like=True):
    """A drawn conversation. `wanted`: by how many reviewers."""

    conversation: str
    agent: str
    kind: str
    wanted: int
    why: tuple[str, ...] = ()


class Draw(msgspec.Struct, frozen=True):
    """What was drawn, as the page tells it. `version`: of the plan; `seq`, `seed`, `digest`: see `model.reviewed.Sample`."""

    plan: str
    version: str
    starts: datetime
    ends: datetime
    seq: int
    seed: str
    digest: str
    candidates: int
    asked: int
    picks: tuple[Pick, ...]


class Session(msgspec.Struct, frozen=True):
    """A calibration session: by which scorecard, about whose work."""

    scorecard: str
    agent: str


def _draw(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    id, said = named(fact)
    try:
        draw = msgspec.json.decode(said, type=Draw)
    except msgspec.MsgspecError:
        yield refused(entry, fact, rows, "This is no draw of a sample.")
        return
    plan, thing = rows.centre.samplings.get(draw.plan), rows.get(Thing, f"sampling/{draw.plan}")
    if plan is None or thing is None:
        yield refused(entry, fact, rows, f"The centre has no sampling plan {draw.plan[:60]!r}.")
        return
    why = _why_not(id, draw, plan, thing, rows)
    if why:
        yield refused(entry, fact, rows, why)
        return
    card = version_of(rows.get(Thing, f"scorecard/{plan.scorecard}").body)  # type: ignore[union-attr]  # it is there, see above
    sample = sample_id(draw.plan, draw.starts, draw.ends)
    drawn = SampleDrawn(
        sample, draw.plan, draw.version, plan.scorecard, card, draw.starts, draw.ends, fact.agent, draw.seq, draw.seed,
        draw.digest, draw.candidates, draw.asked, len(draw.picks),
    )  # fmt: skip
    yield follows(entry, drawn, subject=sample, at=rows.now)
    for pick in draw.picks:
        conversation = read_id(pick.conversation) or b""
        item = item_id(sample, conversation, pick.agent)
        asked = ReviewAsked(
            item, conversation, pick.agent, plan.scorecard, card, pick.kind, pick.wanted, sample, pick.why
        )  # fmt: skip
        yield follows(entry, asked, subject=conversation, at=rows.now, nth=int.from_bytes(item[-4:], "big"))
    yield done(entry, fact, rows, sample)


def _why_not(id: bytes | None, draw: Draw, plan: SamplingPlan, thing: Thing, rows: Rows) -> str:
    """Why a sample cannot be drawn; "" where it can."""
    each = Counter(pick.agent for pick in draw.picks)
    if id != sample_id(draw.plan, draw.starts, draw.ends) or any(read_id(pick.conversation) is None for pick in draw.picks):
        return "This is no draw of a sample."
    if rows.get(Sample, id) is not None:
        return "This sample was drawn already; it stays as it is."
    if version_of(thing.body) != draw.version:
        return "The plan changed meanwhile; draw again."
    if plan.paused:
        return f"The sampling plan {plan.id!r} is paused."
    if rows.get(Thing, f"scorecard/{plan.scorecard}") is None:
        return f"The centre has no scorecard {plan.scorecard!r}."
    if draw.ends > rows.now:
        return "This period is not over yet."
    if thing.at > draw.ends:
        return "The plan was set after this period, so it draws from the next one on: nobody chooses a plan by what it draws."
    if len(draw.picks) > MOST_PICKED or max(each.values(), default=0) > plan.per_agent:
        return "A sample has so many of each agent as the plan says, and no more."
    return ""


def _calibrate(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    try:
        session = msgspec.json.decode(fact.argument, type=Session)
    except msgspec.MsgspecError:
        yield refused(entry, fact, rows, "A calibration names a scorecard and an agent.")
        return
    conversation, card = rows.get(Conversation, fact.conversation), rows.get(Thing, f"scorecard/{session.scorecard}")
    if conversation is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
    elif card is None:
        yield refused(entry, fact, rows, f"The centre has no scorecard {session.scorecard[:60]!r}.")
    elif not session.agent:
        yield refused(entry, fact, rows, "Nobody has worked on this conversation yet.")
    else:
        item = derived_id(fact.action, CALIBRATION)
        asked = ReviewAsked(
            item, conversation.id, session.agent, session.scorecard, version_of(card.body), CALIBRATION, 0
        )  # fmt: skip
        yield follows(entry, asked, subject=conversation.id, at=rows.now)
        yield done(entry, fact, rows, item)


ACTIONS: Mapping[str, Action] = {"draw_sample": _draw, "calibrate": _calibrate}
