"""The stage that keeps one conversation per issue: it opens, goes on, sleeps, wakes, ends; notes and wrap-up by its agent."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from rapport.conversations.actions import ACTIONS, due_for
from rapport.conversations.belonging import How, belongs
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionTaken,
    ConversationContinued,
    ConversationOpened,
    ConversationResolved,
    ConversationWoken,
    PersonRecognised,
)
from rapport.model.ids import derived_id
from rapport.model.message import Message
from rapport.model.reply import Reminder

NO_ANSWER_NEEDED = "no-answer-needed"


def stage() -> Stage:
    """The conversations stage."""
    return Stage("conversations", {PersonRecognised: _place, ActionTaken: _act}, due={"snooze": _wake})


def _place(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(PersonRecognised, entry.fact)
    message = rows.get(Message, fact.message)
    if message is None or message.conversation is not None:
        return
    found = belongs(message, fact.person, rows)
    if found is None:
        yield from _open(entry, fact, message, rows)
        return
    at = min(message.at, rows.now)
    owed = message.actionable and (found.how is How.REOPENS or found.conversation.waiting_since is None)
    continued = ConversationContinued(
        found.conversation.id,
        found.conversation.person,
        fact.handle,
        fact.message,
        reopened=found.how is How.REOPENS,
        due_at=due_for(message, at, rows) if owed else None,
    )
    yield follows(entry, continued, subject=found.conversation.id, at=rows.now)


def _open(entry: Written, fact: PersonRecognised, message: Message, rows: Rows) -> Iterable[New]:
    id = derived_id(fact.message, "conversation")
    due_at = due_for(message, min(message.at, rows.now), rows) if message.actionable else None
    opened = ConversationOpened(id, fact.person, fact.handle, fact.message, due_at)
    yield follows(entry, opened, subject=id, at=rows.now)
    if not message.actionable:
        yield follows(entry, ConversationResolved(id, NO_ANSWER_NEEDED), subject=id, at=rows.now)


def _act(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ActionTaken, entry.fact)
    action = ACTIONS.get(fact.do)
    return action(entry, fact, rows) if action is not None else ()


def _wake(reminder: Reminder, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, reminder.subject)
    if conversation is None or conversation.state is not State.SNOOZED or not _is_over(conversation.snoozed_until, rows.now):
        return
    # A conversation can sleep again under the same reminder, so the time it was set for is part of the name.
    id = derived_id(reminder.id, ConversationWoken.number, int(reminder.at.timestamp() * 1000))
    yield New(id, rows.now, conversation.id, ConversationWoken(conversation.id))


def _is_over(until: datetime | None, now: datetime) -> bool:
    return until is None or until <= now
