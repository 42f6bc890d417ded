"""Reviewing: a reviewer gives answers; nobody reviews themselves, and nobody gives two of the same."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.measures.quality.answering import done, item_of, named, refused
from rapport.measures.quality.scoring import scored, wrong_answer
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, Words
from rapport.model.fact_review import CalibrationClosed, ReviewGiven, ReviewLeft
from rapport.model.ids import read_id
from rapport.model.playbook import Edition, Filled
from rapport.model.review import CALIBRATION, RANDOM, Scorecard
from rapport.model.reviewed import OPEN, Reviewable, card_id, review_id

MOST_EVIDENCE = 20  # messages of one answer
Action = Callable[[Written, ActionTaken, Rows], Iterable[New]]


class Given(msgspec.Struct, frozen=True):
    """What a reviewer answers, by question; `evidence`: ids of messages, in hexadecimal."""

    answers: dict[str, str]
    evidence: dict[str, tuple[str, ...]] = {}


def card_of(item: Reviewable, rows: Rows) -> Scorecard | None:
    """The scorecard as it was when the review was asked for."""
    kept = rows.get(Edition, card_id(item.scorecard, item.version))
    return read_card(kept.body) if kept is not None else None


def read_card(body: bytes) -> Scorecard | None:
    """The scorecard that its JSON says; None where it cannot be read any more."""
    try:
        return msgspec.json.decode(body, type=Scorecard)
    except msgspec.MsgspecError:
        return None


def _give(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    item = item_of(fact, rows)
    why = _why_not(item, fact, rows)
    if item is None or why:
        yield refused(entry, fact, rows, why)
        return
    card = card_of(item, rows)
    try:
        given = msgspec.json.decode(named(fact)[1], type=Given)
    except msgspec.MsgspecError:
        yield refused(entry, fact, rows, "A review gives an answer to each question of its scorecard.")
        return
    if card is None:
        yield refused(entry, fact, rows, "The scorecard of this review cannot be read any more; set the review aside.")
        return
    if any(len(ids) > MOST_EVIDENCE or None in map(read_id, ids) for ids in given.evidence.values()):
        yield refused(entry, fact, rows, f"An answer rests on messages, by their ids; at most {MOST_EVIDENCE}.")
        return
    wrong = wrong_answer(card, given.answers)
    if wrong:
        yield refused(entry, fact, rows, f"The question {wrong[0][:60]!r} cannot be answered with {wrong[1][:40]!r}.")
        return
    yield _given(entry, fact, item, card, given, rows)
    yield done(entry, fact, rows, review_id(item.id, fact.agent))


def _given(entry: Written, fact: ActionTaken, item: Reviewable, card: Scorecard, given: Given, rows: Rows) -> New:
    conversation = rows.get(Conversation, item.conversation)
    assert conversation is not None
    words = entry.content if isinstance(entry.content, Words) else Words()
    known = {question.id for question in card.questions}
    result = scored(card, given.answers)
    told = ReviewGiven(
        review_id(item.id, fact.agent), item.id, item.conversation, item.agent, fact.agent, given.answers, result.score,
        result.fatal, result.passed, {name: ids for name, ids in given.evidence.items() if name in known and ids},
        item.kind == RANDOM and not item.given, item.wanted > 0 and len(item.given) + 1 >= item.wanted,
    )  # fmt: skip
    notes: dict[str, Filled] = {name: text for name, text in words.values.items() if name in known and text}
    content = Words(text=words.text.strip(), values=notes)
    return follows(entry, told, subject=item.conversation, at=rows.now, content=content, owner=conversation.handle)


def _why_not(item: Reviewable | None, fact: ActionTaken, rows: Rows) -> str:
    """Why a review cannot be given; "" where it can."""
    if item is None or fact.conversation != item.conversation or rows.get(Conversation, item.conversation) is None:
        return "There is no such review to give."
    if item.agent == fact.agent:
        return "Nobody reviews their own work."
    if fact.agent in item.given:
        return f"{fact.agent} gave this review already."
    if item.state != OPEN or (item.wanted and len(item.given) >= item.wanted):
        return "This review is finished: somebody else gave it meanwhile."
    return ""


def _leave(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    item = item_of(fact, rows)
    if item is None or item.state != OPEN:
        yield refused(entry, fact, rows, "There is no such review to give.")
    elif item.agent == fact.agent:
        yield refused(entry, fact, rows, "Nobody sets aside a review of their own work.")
    elif item.kind == CALIBRATION:
        yield refused(entry, fact, rows, "A calibration is not set aside; whoever may decide closes it.")
    elif fact.agent in item.given:
        yield refused(entry, fact, rows, f"{fact.agent} gave this review already.")
    else:
        words = entry.content if isinstance(entry.content, Words) else Words()
        conversation = rows.get(Conversation, item.conversation)
        left = ReviewLeft(item.id, item.conversation, fact.agent)
        owner = conversation.handle if conversation is not None else None
        content = Words(reason=words.reason.strip()) if owner is not None and words.reason.strip() else None
        yield follows(entry, left, subject=item.conversation, at=rows.now, content=content, owner=owner if content else None)
        yield done(entry, fact, rows, item.id)


def _close(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    item = item_of(fact, rows)
    if item is None or item.kind != CALIBRATION or item.state != OPEN:
        yield refused(entry, fact, rows, "There is no such calibration under way.")
    else:
        yield follows(entry, CalibrationClosed(item.id, fact.agent), subject=item.conversation, at=rows.now)
        yield done(entry, fact, rows, item.id)


ACTIONS: Mapping[str, Action] = {"give_review": _give, "leave_review": _leave, "close_calibration": _close}
