"""Facts of a reply on its way: one outgoing part after the other, and the answer to whoever acted."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, Deciding, Fact, ReplyQueued, Words
from rapport.model.ids import derived_id
from rapport.model.message import Message, Reach
from rapport.replies.record import brand_of


def fact_of(
    entry: Written, fact: Fact, conversation: Conversation, rows: Rows, content: msgspec.Struct | None = None, nth: int = 0
) -> New:
    """A fact of a conversation; what it quotes is sealed with the key of the handle that the reply goes to."""
    owner = conversation.handle if content is not None else None
    return follows(entry, fact, subject=conversation.id, at=rows.now, content=content, owner=owner, nth=nth)


def queued(
    entry: Written,
    draft: bytes,
    reach: Reach,
    conversation: Conversation,
    deciding: Deciding,
    rows: Rows,
    at: datetime | None = None,
) -> Iterable[New]:
    """The parts of an approved draft, laid into the outbox. A part's id is what makes a network send it once.

    `at`: not before this time does it leave; None: at once.
    """
    answered = rows.get(Message, conversation.message)
    for part, text in enumerate(deciding.parts):
        fact = ReplyQueued(
            outgoing=derived_id(draft, "part", part),
            draft=draft,
            message=derived_id(draft, "message"),
            conversation=conversation.id,
            handle=conversation.handle,
            account=conversation.account,
            channel=conversation.channel,
            reach=reach,
            part=part,
            in_reply_to=answered.key if answered else "",
            thread=(answered.thread if answered else "") or conversation.thread,
            parts=len(deciding.parts),
            not_before=at,
            person=conversation.person,
            intent=conversation.intent,
            brand=brand_of(rows.centre, conversation.account),
        )
        numbers = deciding.carried[part] if part < len(deciding.carried) else ()
        words = Words(text=text, subject=deciding.subject, files=tuple(deciding.files[number] for number in numbers))
        yield fact_of(entry, fact, conversation, rows, words, nth=part)


def done(entry: Written, fact: ActionTaken, rows: Rows, result: bytes | None) -> New:
    """The action took effect."""
    return _answer(entry, fact, rows, ActionDone(fact.action, result))


def refused(entry: Written, fact: ActionTaken, rows: Rows, reason: str) -> New:
    """The action had no effect; `reason` begins with the id of the rule where one forbids it."""
    return _answer(entry, fact, rows, ActionRefused(fact.action, reason))


def _answer(entry: Written, fact: ActionTaken, rows: Rows, answer: Fact) -> New:
    subject = fact.conversation or fact.draft or fact.outgoing or fact.action
    return follows(entry, answer, subject=subject, at=rows.now)
