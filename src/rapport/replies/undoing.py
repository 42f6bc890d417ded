"""Taking back what has not left: the parts of a reply that lie in the outbox until their time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from msgspec.structs import replace

from rapport.ledger.entry import New
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, ReplyTakenBack
from rapport.model.ids import derived_id
from rapport.model.message import Direction, Message, Standing
from rapport.model.reply import Draft, DraftState, Outgoing, OutgoingState
from rapport.model.statement import Statement
from rapport.replies.approval import SENIOR
from rapport.replies.leaving import done, fact_of, refused

MARGIN = timedelta(seconds=1)  # before it leaves: who comes later than that cannot be sure


def unsend(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Take a reply back that lies in the outbox; an answer is owed again."""
    draft = rows.get(Draft, fact.draft)
    conversation = rows.get(Conversation, draft.conversation) if draft else None
    if draft is None or conversation is None:
        yield refused(entry, fact, rows, "There is no such message on its way out.")
        return
    message = derived_id(draft.id, "message")
    parts = [part for part in rows.all(Outgoing) if part.message == message and not part.op]
    if why := _obstacle(draft, parts, fact, rows):
        yield refused(entry, fact, rows, why)
        return
    since, due = _owed(conversation, rows)
    taken = ReplyTakenBack(draft.id, conversation.id, message, fact.agent, tuple(sorted(part.id for part in parts)), since, due)
    yield fact_of(entry, taken, conversation, rows)
    yield done(entry, fact, rows, draft.id)


def _obstacle(draft: Draft, parts: list[Outgoing], fact: ActionTaken, rows: Rows) -> str:
    agent = rows.centre.agents.get(fact.agent)
    if fact.agent not in (draft.agent, draft.approver) and not (agent is not None and agent.role in SENIOR):
        return f"not-yours: only {draft.agent}, who wrote it, or who approved it can take this reply back."
    if not may_be_taken_back(parts, rows.now):
        return "It has left already; take the message down instead."
    return ""


def may_be_taken_back(parts: list[Outgoing], now: datetime) -> bool:
    """Whether no part of a reply has left, nor can leave before its taking back is written."""
    return bool(parts) and all(
        part.state is OutgoingState.QUEUED
        and part.tries == 0
        and part.not_before is not None
        and part.not_before - MARGIN >= now
        for part in parts
    )


def _owed(conversation: Conversation, rows: Rows) -> tuple[datetime | None, datetime | None]:
    """Since when an answer is owed again, and when it is due; nothing where what they wrote last needs none."""
    last = rows.get(Message, conversation.message)
    if last is None or last.direction is not Direction.IN or not last.actionable or conversation.waiting_since is not None:
        return conversation.waiting_since, conversation.due_at
    return last.at, last.at + rows.centre.target(last.kind.value)


def _taken_back(entry: Written, rows: Rows) -> None:
    fact = cast(ReplyTakenBack, entry.fact)
    for id in fact.outgoing:
        part = rows.get(Outgoing, id)
        if part is not None and part.state is OutgoingState.QUEUED:
            rows.put(replace(part, state=OutgoingState.RECALLED, not_before=None))
    rows.change(Message, fact.message, standing=Standing.WITHDRAWN)
    rows.change(Draft, fact.draft, state=DraftState.WITHDRAWN, decided_at=entry.at, reason="")
    rows.drop(Statement, fact.message)


FOLDS: Folds = {ReplyTakenBack: _taken_back}
