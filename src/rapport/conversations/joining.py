"""Merge and split: messages move from one conversation to another, and back. Nothing is copied and nothing is lost.

A conversation that was merged stays where it is, resolved, and says in which one it goes on; its threads lead there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from msgspec.structs import replace

from rapport.conversations.actions import due_for, leave
from rapport.conversations.answering import done, refused
from rapport.conversations.signalled import signals_along, signals_back
from rapport.conversations.threads import onwards, preview_of
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionTaken,
    ConversationContinued,
    ConversationResolved,
    ConversationsMerged,
    ConversationSplit,
    ConversationWoken,
)
from rapport.model.ids import derived_id, read_id
from rapport.model.message import Direction, Message

MOST_MOVED = 1000  # messages of one merge or split
MERGED = "merged"  # the disposition of what goes on elsewhere


def _in(conversation: bytes, rows: Rows) -> list[Message]:
    found = [message for message in rows.all(Message) if message.conversation == conversation]
    return sorted(found, key=lambda message: (message.at, message.id))


def _merge(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    one = rows.get(Conversation, fact.conversation)
    into = onwards(rows.get(Conversation, read_id(fact.argument)), rows)
    messages = _in(one.id, rows) if one else []
    if one is None or into is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
    elif one.id == into.id or one.merged_into is not None:
        yield refused(entry, fact, rows, "It is part of this conversation already.")
    elif one.draft is not None:
        yield refused(entry, fact, rows, "A reply waits for approval here; decide it before you merge.")
    elif len(messages) > MOST_MOVED:
        yield refused(entry, fact, rows, "More than 1,000 messages cannot be moved at once.")
    else:
        yield from leave(entry, rows, one, MERGED)
        merged = ConversationsMerged(one.id, into.id, fact.agent, tuple(message.id for message in messages))
        yield follows(entry, merged, subject=one.id, at=rows.now)
        if one.state is not State.RESOLVED:
            yield follows(entry, ConversationResolved(one.id, MERGED, fact.agent), subject=one.id, at=rows.now)
        if one.waiting_since is not None:
            yield from _wanted(entry, one, into, rows)
        yield done(entry, fact, rows, into.id)


def _wanted(entry: Written, one: Conversation, into: Conversation, rows: Rows) -> Iterable[New]:
    """Whoever waits for an answer goes on waiting where it goes on, though nobody works on that now."""
    if into.state is State.SNOOZED:
        yield follows(entry, ConversationWoken(into.id), subject=into.id, at=rows.now)
    elif into.state is State.RESOLVED and one.message is not None:
        due_at = one.due_at or rows.now + rows.centre.target(one.kind)
        again = ConversationContinued(into.id, into.person, into.handle, one.message, reopened=True, due_at=due_at)
        yield follows(entry, again, subject=into.id, at=rows.now)


def _unmerge(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    one = rows.get(Conversation, fact.conversation)
    into = onwards(rows.get(Conversation, one.merged_into), rows) if one else None
    if one is None or into is None:
        yield refused(entry, fact, rows, "This conversation was not merged into another one.")
        return
    messages = tuple(message.id for message in _in(into.id, rows) if _came_through(message.moved_from, one.id, rows))
    apart = ConversationsMerged(one.id, into.id, fact.agent, messages, undone=True)
    yield follows(entry, apart, subject=one.id, at=rows.now)
    if one.disposition == MERGED and one.message is not None:
        again = ConversationContinued(
            one.id, one.person, one.handle, one.message, reopened=True, due_at=rows.now + rows.centre.target(one.kind)
        )
        yield follows(entry, again, subject=one.id, at=rows.now)
    yield done(entry, fact, rows, one.id)


def _came_through(began: bytes | None, one: bytes, rows: Rows) -> bool:
    """Whether what began in a conversation went on through another one: along a chain of merges each has what is its own."""
    for _ in range(8):
        if began == one:
            return True
        after = rows.get(Conversation, began)
        began = after.merged_into if after else None
    return False


def _split(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    one = rows.get(Conversation, fact.conversation)
    messages = _in(one.id, rows) if one else []
    at = next((n for n, message in enumerate(messages) if message.id == fact.message), None)
    if one is None or at is None:
        yield refused(entry, fact, rows, "There is no such message in this conversation.")
        return
    moved = messages[at : at + 1] if fact.argument == "one" else messages[at:]
    stay = messages[:at] + (messages[at + 1 :] if fact.argument == "one" else [])
    if one.merged_into is not None or not _said(moved) or not _said(stay):
        yield refused(entry, fact, rows, "Something that the customer said must stand on each side of a split.")
    elif len(moved) > MOST_MOVED:
        yield refused(entry, fact, rows, "More than 1,000 messages cannot be moved at once.")
    else:
        new = derived_id(fact.action, "conversation")
        split = ConversationSplit(new, one.id, fact.agent, tuple(message.id for message in moved))
        yield follows(entry, split, subject=new, at=rows.now)
        yield done(entry, fact, rows, new)


def _said(messages: Sequence[Message]) -> list[Message]:
    return [message for message in messages if message.direction is Direction.IN]


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {
    "merge": _merge,
    "unmerge": _unmerge,
    "split": _split,
}


def _move(messages: Iterable[bytes], to: bytes, came_from: bytes | None, rows: Rows) -> list[Message]:
    """Move messages; each keeps the conversation that it began in, until it is back there."""
    moved = []
    for id in messages:
        before = rows.get(Message, id)
        began = (before.moved_from if before else None) or came_from
        moved.append(rows.change(Message, id, conversation=to, moved_from=None if began == to else began))
    return [message for message in moved if message is not None]


def _merged(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationsMerged, entry.fact)
    one, into = rows.get(Conversation, fact.conversation), rows.get(Conversation, fact.into)
    if one is None or into is None:
        return
    if fact.undone:
        moved = _move(fact.messages, one.id, None, rows)
        rows.put(replace(one, merged_into=None, messages=len(moved)))
        rows.put(replace(into, messages=max(0, into.messages - len(moved))))
        signals_back(one.id, into.id, {message.id for message in moved}, entry.at, rows)
        return
    moved = _move(fact.messages, into.id, one.id, rows)
    rows.put(replace(one, merged_into=into.id, messages=0))
    later = one.last_at > into.last_at
    rows.put(
        replace(
            into,
            messages=into.messages + len(moved),
            last_at=max(one.last_at, into.last_at),
            preview=one.preview if later else into.preview,
            unread=into.unread or one.unread,
            urgency=max(one.urgency, into.urgency),
            words=tuple(dict.fromkeys((*into.words, *one.words)))[:64],
            waiting_since=_earlier(one.waiting_since, into.waiting_since) if into.state is State.OPEN else into.waiting_since,
            due_at=_earlier(one.due_at, into.due_at) if into.state is State.OPEN else into.due_at,
        )
    )
    signals_along(one.id, into.id, entry.at, rows)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _was_split(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationSplit, entry.fact)
    origin = rows.get(Conversation, fact.origin)
    if origin is None:
        return
    apart = [rows.change(Message, id, conversation=fact.conversation, moved_from=None) for id in fact.messages]
    moved = [message for message in apart if message is not None]
    said = _said(moved)
    if not said:
        return
    last, answered = said[-1], moved[-1].direction is Direction.OUT
    rows.put(replace(origin, messages=max(0, origin.messages - len(moved))))
    rows.put(
        Conversation(
            id=fact.conversation, person=origin.person, handle=last.handle or origin.handle, state=State.OPEN, kind=last.kind,
            account=last.account, channel=last.channel, reach=last.reach, opened_at=said[0].at, last_at=moved[-1].at,
            thread=last.thread, name=origin.name, preview=preview_of(moved[-1].text), subject=last.subject,
            language=last.language or origin.language, intent=last.intent, emotion=last.emotion, urgency=last.urgency,
            wants_person=last.wants_person, words=last.words[:64], messages=len(moved), message=last.id,
            waiting_since=None if answered else min(last.at, entry.at),
            due_at=None if answered else due_for(last, entry.at, rows),
        )
    )  # fmt: skip


FOLDS: Folds = {ConversationsMerged: _merged, ConversationSplit: _was_split}
