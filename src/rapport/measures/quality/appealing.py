"""Appealing: the agent reads a review, may say once why it is wrong, and somebody else than its reviewer answers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.measures.quality.answering import done, is_lost, named, refused, review_of
from rapport.measures.quality.reviewing import card_of
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, Words
from rapport.model.fact_review import AppealAnswered, ReviewAppealed, ReviewSeen
from rapport.model.review import CALIBRATION
from rapport.model.reviewed import DONE, KEPT, WITHDRAWN, Review, Reviewable

Action = Callable[[Written, ActionTaken, Rows], Iterable[New]]


def _is_theirs(review: Review | None, item: Reviewable | None, agent: str) -> bool:
    """Whether a review is shown to an agent: it is of their work, finished, and no calibration."""
    return review is not None and item is not None and review.agent == agent and item.state == DONE and item.kind != CALIBRATION


def _see(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    review, item = review_of(fact, rows)
    if review is None or not _is_theirs(review, item, fact.agent):
        yield refused(entry, fact, rows, "There is no such review of yours.")
        return
    if review.seen_at is None:
        yield follows(entry, ReviewSeen(review.id, fact.agent), subject=review.conversation, at=rows.now)
    yield done(entry, fact, rows, review.id)


def _appeal(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    review, item = review_of(fact, rows)
    words = entry.content if isinstance(entry.content, Words) else Words()
    conversation = rows.get(Conversation, review.conversation) if review is not None else None
    if review is None or item is None or conversation is None or not _is_theirs(review, item, fact.agent):
        yield refused(entry, fact, rows, "There is no such review of yours.")
    elif is_lost(entry, fact):
        yield refused(entry, fact, rows, "The person of this conversation was erased, so no appeal can be kept.")
    elif fact.conversation != conversation.id or not words.text.strip():
        yield refused(entry, fact, rows, "An appeal says why.")
    elif review.appealed_at is not None:
        yield refused(entry, fact, rows, "You have appealed against this review already.")
    elif _is_late(item, rows):
        yield refused(entry, fact, rows, "The time to appeal against this review is over.")
    else:
        appealed = ReviewAppealed(review.id, item.id, conversation.id, fact.agent)
        content = Words(text=words.text.strip())
        yield follows(entry, appealed, subject=conversation.id, at=rows.now, content=content, owner=conversation.handle)
        yield done(entry, fact, rows, review.id)


def _is_late(item: Reviewable, rows: Rows) -> bool:
    card = card_of(item, rows)
    return card is not None and item.ended_at is not None and rows.now > item.ended_at + timedelta(days=card.appeal_days)


def _answer(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    review, item = review_of(fact, rows)
    words, verdict = entry.content if isinstance(entry.content, Words) else Words(), named(fact)[1].strip()
    conversation = rows.get(Conversation, review.conversation) if review is not None else None
    if review is None or item is None or conversation is None or review.appealed_at is None:
        yield refused(entry, fact, rows, "There is no such appeal.")
    elif review.answered_at is not None:
        yield refused(entry, fact, rows, "This appeal was answered already.")
    elif fact.agent in (review.agent, review.reviewer):
        yield refused(entry, fact, rows, "Somebody else than the reviewer and the agent answers an appeal.")
    elif verdict not in (KEPT, WITHDRAWN):
        yield refused(entry, fact, rows, f"An appeal ends with kept or withdrawn, got {verdict[:40]!r}.")
    elif fact.conversation != conversation.id or not (words.text.strip() or is_lost(entry, fact)):
        yield refused(entry, fact, rows, "The answer to an appeal says why.")
    else:
        answered = AppealAnswered(review.id, item.id, conversation.id, fact.agent, verdict)
        content = Words(text=words.text.strip())
        yield follows(entry, answered, subject=conversation.id, at=rows.now, content=content, owner=conversation.handle)
        yield done(entry, fact, rows, review.id)


ACTIONS: Mapping[str, Action] = {"see_review": _see, "appeal": _appeal, "answer_appeal": _answer}
