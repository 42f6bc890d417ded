"""The stage that keeps one conversation per issue: it opens, goes on, sleeps, wakes, ends; notes and wrap-up by its agent."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import cast

from rapport.conversations import (
    actions,
    blocking,
    clearance,
    conference,
    crossing,
    handing,
    joining,
    marking,
    mentioning,
    suggesting,
    telling,
)
from rapport.conversations.actions import due_for
from rapport.conversations.belonging import How, belongs
from rapport.conversations.summarising import FindGiven, Summarise, extract, nothing_given
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Step, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionTaken,
    ConversationContinued,
    ConversationOpened,
    ConversationResolved,
    ConversationWoken,
    Fact,
    NoteWritten,
    PersonRecognised,
    SendRefused,
)
from rapport.model.ids import derived_id
from rapport.model.message import Message
from rapport.model.reply import Reminder

NO_ANSWER_NEEDED = "no-answer-needed"
ACTIONS = {
    **actions.ACTIONS,
    **marking.ACTIONS,
    **mentioning.ACTIONS,
    **joining.ACTIONS,
    **blocking.ACTIONS,
    **suggesting.ACTIONS,
}
Acts = Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]]


def stage(
    find_given: FindGiven = nothing_given,
    summarise: Summarise | None = None,
    stepped_over: telling.SteppedOver = telling.nothing_forbidden,
) -> Stage:
    """The conversations stage. `find_given`: what a text of the person tells; `summarise` None: by taking its sentences.

    `stepped_over`: whether whoever takes a conversation over steps over a rule of matching, and why they may not.
    """
    summing = summarise or partial(extract, find_given=find_given)
    handed = handing.actions(summing)
    acts = {**ACTIONS, **conference.ACTIONS, **clearance.ACTIONS, **handed, **crossing.actions(summing, handed["hand_over"])}
    acts |= telling.actions(summing, stepped_over)
    steps: dict[type[Fact], Step] = {
        PersonRecognised: _place,
        ActionTaken: partial(_act, acts),
        NoteWritten: mentioning.noted,
        SendRefused: crossing.not_taken,
        **handing.steps(summing),
    }
    return Stage("conversations", steps, due={"snooze": _wake})


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


def _act(acts: Acts, entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ActionTaken, entry.fact)
    action = acts.get(fact.do)
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
