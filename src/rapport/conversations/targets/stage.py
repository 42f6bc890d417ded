"""The stage of service targets: clocks begin, stand, go on and end with what is said; they tell before they are missed."""

from collections.abc import Iterable
from typing import cast

from rapport.conversations.targets.choosing import Due, due, left, resumed
from rapport.conversations.targets.view import ANSWERS, TARGET
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ConversationContinued,
    ConversationOpened,
    ConversationResolved,
    ConversationSnoozed,
    ConversationWoken,
    ReminderFell,
    ReplyQueued,
)
from rapport.model.fact_work import TargetNear, TargetSet
from rapport.model.ids import derived_id
from rapport.model.person import Person
from rapport.model.reply import Draft, Reminder
from rapport.model.target import CLOCKS, Clock, Clocked, Service


def stage() -> Stage:
    """The stage of service targets."""
    return Stage(
        "targets",
        {
            ConversationOpened: _opened,
            ConversationContinued: _continued,
            ReplyQueued: _replied,
            ConversationSnoozed: _stands,
            ConversationWoken: _goes_on,
            ConversationResolved: _ended,
        },
        due={TARGET: _falls},
    )


def _conversation(entry: Written, rows: Rows) -> Conversation | None:
    return rows.get(Conversation, getattr(entry.fact, "conversation", None)) if rows.centre.targets else None


def _clocks(conversation: bytes, rows: Rows) -> dict[str, Clock]:
    service = rows.get(Service, conversation)
    return dict(service.clocks) if service else {}


def _opened(entry: Written, rows: Rows) -> Iterable[New]:
    conversation = _conversation(entry, rows)
    if conversation is not None and conversation.waiting_since is not None:
        yield from _begins(entry, conversation, ("first", "resolution"), rows)


def _begins(entry: Written, conversation: Conversation, clocks: Iterable[Clocked], rows: Rows) -> Iterable[New]:
    person = rows.get(Person, conversation.person)
    at = conversation.waiting_since or rows.now
    for clock in clocks:
        found = due(rows.centre, conversation, person, clock, at)
        if found is not None:
            yield _set(entry, conversation.id, clock, found, rows)


def _set(entry: Written, conversation: bytes, clock: str, found: Due, rows: Rows) -> New:
    fact = TargetSet(conversation, clock, found.target, found.due_at, found.warn_at)
    return follows(entry, fact, subject=conversation, at=rows.now, nth=CLOCKS.index(cast("Clocked", clock)))


def _continued(entry: Written, rows: Rows) -> Iterable[New]:
    conversation = _conversation(entry, rows)
    if conversation is None or conversation.waiting_since is None:
        return
    clocks = _clocks(conversation.id, rows)
    reopened = cast(ConversationContinued, entry.fact).reopened
    if not any(kind in clocks for kind in ANSWERS):
        yield from _begins(entry, conversation, ("next" if conversation.answered_at else "first",), rows)
    if reopened and "resolution" not in clocks:
        yield from _begins(entry, conversation, ("resolution",), rows)
    yield from _resumed(entry, conversation, clocks, rows)


def _resumed(entry: Written, conversation: Conversation, clocks: dict[str, Clock], rows: Rows) -> Iterable[New]:
    for kind, clock in clocks.items():
        target = rows.centre.targets.get(clock.target)
        if clock.due_at is None and target is not None:
            found = resumed(target, rows.centre, conversation, rows.now, clock.left)
            if found is not None:
                yield _set(entry, conversation.id, kind, found, rows)


def _replied(entry: Written, rows: Rows) -> Iterable[New]:
    """A person's answer ends the clock of the answer, and lets that of the resolution stand; a machine's does neither."""
    fact = cast(ReplyQueued, entry.fact)
    conversation = _conversation(entry, rows)
    draft = rows.get(Draft, fact.draft)
    author = rows.centre.agents.get(draft.agent) if draft else None
    if conversation is None or fact.part or (draft is not None and (author is None or author.bot)):
        return
    clocks = _clocks(conversation.id, rows)
    for kind in ANSWERS:
        if kind in clocks:
            yield _over(entry, conversation.id, kind, clocks[kind], rows)
    if "resolution" in clocks:
        yield from _paused(entry, conversation, {"resolution": clocks["resolution"]}, rows)


def _over(entry: Written, conversation: bytes, kind: str, clock: Clock, rows: Rows) -> New:
    fact = TargetSet(conversation, kind, clock.target, ended=True)
    return follows(entry, fact, subject=conversation, at=rows.now, nth=CLOCKS.index(cast("Clocked", kind)))


def _paused(entry: Written, conversation: Conversation, clocks: dict[str, Clock], rows: Rows) -> Iterable[New]:
    for kind, clock in clocks.items():
        target = rows.centre.targets.get(clock.target)
        if target is None or not target.pause or clock.due_at is None:
            continue
        seconds = left(target, rows.centre, conversation, rows.now, clock.due_at)
        fact = TargetSet(conversation.id, kind, clock.target, left=seconds)
        nth = CLOCKS.index(cast("Clocked", kind))
        yield follows(entry, fact, subject=conversation.id, at=rows.now, nth=nth)


def _stands(entry: Written, rows: Rows) -> Iterable[New]:
    conversation = _conversation(entry, rows)
    if conversation is not None:
        yield from _paused(entry, conversation, _clocks(conversation.id, rows), rows)


def _goes_on(entry: Written, rows: Rows) -> Iterable[New]:
    conversation = _conversation(entry, rows)
    if conversation is not None:
        yield from _resumed(entry, conversation, _clocks(conversation.id, rows), rows)


def _ended(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ConversationResolved, entry.fact)
    for kind, clock in _clocks(fact.conversation, rows).items():
        yield _over(entry, fact.conversation, kind, clock, rows)


def _falls(reminder: Reminder, rows: Rows) -> Iterable[New]:
    """What nears, or was missed, by now. A clock can be set again, so the time it was due is part of the name."""
    conversation = rows.get(Conversation, reminder.subject)
    if conversation is None or conversation.state is State.RESOLVED:
        return
    id = derived_id(reminder.id, int(reminder.at.timestamp() * 1000))
    fell = New(id, rows.now, reminder.subject, ReminderFell(reminder.id, reminder.what))
    for kind, clock in _clocks(reminder.subject, rows).items():
        missed = clock.due_at is not None and clock.due_at <= rows.now and not clock.missed
        near = clock.warn_at is not None and clock.warn_at <= rows.now and not clock.near
        if clock.due_at is not None and (missed or near):
            fact = TargetNear(reminder.subject, kind, clock.target, clock.due_at, missed)
            yield follows(fell, fact, subject=reminder.subject, at=rows.now, nth=CLOCKS.index(cast("Clocked", kind)))
