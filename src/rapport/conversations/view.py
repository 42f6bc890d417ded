"""The view of conversations: every fact that changes one, its threads, its notes and the reminder that wakes it."""

from datetime import datetime
from typing import Any, cast

from msgspec.structs import replace

from rapport.conversations import (
    blocking,
    conference,
    crossing,
    handing,
    joining,
    marking,
    mentioning,
    signalled,
    telling,
    working,
)
from rapport.conversations.lifecycle import moved
from rapport.conversations.threads import preview_of, put_thread
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation, State, weighed
from rapport.model.fact import (
    Changed,
    ConversationContinued,
    ConversationOpened,
    ConversationRead,
    ConversationResolved,
    ConversationSnoozed,
    ConversationWoken,
    MessageDeleted,
    MessageEdited,
    MessageReread,
)
from rapport.model.ids import derived_id
from rapport.model.message import ChannelKind, Direction, Message
from rapport.model.person import Person
from rapport.model.reply import Reminder
from rapport.model.sequel import Sequel, changed_nothing, sequel_id

MOST_WORDS = 64
MOST_MOODS = 12


def snooze_reminder(conversation: bytes) -> bytes:
    """The id of the reminder that wakes a conversation."""
    return derived_id(conversation, "reminder", "snooze")


def _opened(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationOpened, entry.fact)
    message = rows.change(Message, fact.message, conversation=fact.conversation)
    if message is None:
        return
    rows.put(
        Conversation(
            id=fact.conversation,
            person=fact.person,
            state=State.OPEN,
            opened_at=message.at,
            messages=1,
            **_as_said(message, fact, rows),
            intent=message.intent,
            emotion=message.emotion,
            urgency=message.urgency,
            wants_person=message.wants_person,
            words=message.words[:MOST_WORDS],
            subject=message.subject,
            waiting_since=_waits(message, entry) if message.actionable else None,
            due_at=fact.due_at,
            moods=(message.emotion,) if message.emotion else (),
        )
    )
    _thread(message, fact.conversation, rows)


def _as_said(
    message: Message, fact: ConversationOpened | ConversationContinued, rows: Rows
) -> dict[str, Any]:  # Any: row fields
    """What a conversation takes over from its latest message: where an answer goes, to whom, how it looks in the inbox."""
    person = rows.get(Person, fact.person)
    return {
        "handle": fact.handle,
        "kind": message.kind,
        "account": message.account,
        "channel": message.channel,
        "reach": message.reach,
        "thread": message.thread,
        "last_at": message.at,
        "name": (person.name if person else "") or message.author,
        "preview": preview_of(message.text),
        "language": message.language or (person.language if person else ""),
        "message": fact.message,
    }


def _waits(message: Message, entry: Written) -> datetime:
    return min(message.at, entry.at)


def _continued(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationContinued, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    message = rows.get(Message, fact.message)
    if before is None or message is None:
        return
    if message.conversation == before.id:  # reopened by hand: nothing new was said
        _reopened_by_hand(entry, fact, before, rows)
        return
    rows.put(replace(message, conversation=before.id))
    said = _as_said(message, fact, rows)
    said["last_at"] = max(before.last_at, message.at)
    said["language"] = message.language or before.language
    said["name"] = before.name if before.handle != fact.handle else said["name"]
    now = replace(
        before,
        **said,
        messages=before.messages + 1,
        unread=True,
        subject=before.subject or message.subject,
        words=tuple(dict.fromkeys((*message.words, *before.words)))[:MOST_WORDS],
        emotion=message.emotion or before.emotion,
        moods=(*before.moods, message.emotion)[-MOST_MOODS:] if message.emotion else before.moods,
    )
    now = _owed(entry, fact, message, now) if message.actionable else now
    rows.put(now)
    if before.state is State.RESOLVED and now.state is not State.RESOLVED:
        signalled.found_again(now, entry.at, rows)
    _thread(message, before.id, rows)


def _owed(entry: Written, fact: ConversationContinued, message: Message, now: Conversation) -> Conversation:
    """The conversation when an answer is owed to `message`."""
    fresh = now.waiting_since is None
    return replace(
        now,
        state=State.OPEN if now.state in (State.SNOOZED, State.RESOLVED) else now.state,
        intent=message.intent or now.intent,
        urgency=weighed(message.urgency if fresh else max(message.urgency, now.urgency), now.priority),
        wants_person=now.wants_person or message.wants_person,
        waiting_since=_waits(message, entry) if fresh else now.waiting_since,
        due_at=fact.due_at or now.due_at,
        snoozed_until=None,
        **(_anew(now) if fact.reopened else {}),
    )


def _reopened_by_hand(entry: Written, fact: ConversationContinued, before: Conversation, rows: Rows) -> None:
    if fact.reopened:
        state = moved(before.state, State.OPEN)
        rows.put(replace(before, state=state, waiting_since=entry.at, due_at=fact.due_at, **_anew(before)))
        signalled.found_again(before, entry.at, rows)


def _anew(before: Conversation) -> dict[str, Any]:  # Any: row fields
    return {"reopened": before.reopened + 1, "resolved_at": None, "disposition": "", "declined_by": ()}


def _thread(message: Message, conversation: bytes, rows: Rows) -> None:
    """Remember where the message stands, so that what answers it finds the conversation."""
    keys = {message.thread or message.key}
    if message.kind is ChannelKind.SOCIAL:  # a network may name a post as its own root, or not know the root at all
        keys.add(message.key)
    for key in sorted(key for key in keys if key):
        put_thread(message.account, key, conversation, rows)


def _snoozed(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationSnoozed, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None:
        state = moved(before.state, State.SNOOZED)
        rows.put(
            replace(before, state=state, snoozed_until=fact.until, offer=None, waiting_since=None, due_at=None, unread=False)
        )
        rows.put(Reminder(snooze_reminder(before.id), fact.until, "snooze", before.id))


def _woken(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationWoken, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None:
        state = moved(before.state, State.OPEN)
        since = before.waiting_since or entry.at
        rows.put(replace(before, state=state, snoozed_until=None, waiting_since=since, unread=True, agreement=""))


def _resolved(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationResolved, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None:
        signalled.found_no_more(before, rows)
        rows.put(
            replace(
                before, state=moved(before.state, State.RESOLVED), resolved_at=entry.at, disposition=fact.disposition,
                offer=None, waiting_since=None, due_at=None, snoozed_until=None, unread=False, declined_by=(), transfer_to="",
                wants_person=False, agent="", bot=False, interaction=None, beside=(), call_at=None, agreement="",
                signals=signalled.settled(before.signals),
            )
        )  # fmt: skip


def _read(entry: Written, rows: Rows) -> None:
    rows.change(Conversation, cast(ConversationRead, entry.fact).conversation, unread=False)


def _changed(entry: Written, rows: Rows) -> None:
    """What a person edits or takes back is to be looked at again; the inbox shows what they say now."""
    fact = cast(MessageEdited | MessageDeleted, entry.fact)
    if isinstance(fact, MessageEdited) and _idle(entry, fact, rows):
        return
    message = rows.get(Message, fact.message)
    before = rows.get(Conversation, message.conversation) if message else None
    if message is None or before is None or message.direction is not Direction.IN:
        return
    preview = preview_of(message.text) if before.message == message.id else before.preview
    rows.put(replace(before, unread=before.unread or before.state is not State.RESOLVED, preview=preview))


def _idle(entry: Written, fact: MessageEdited, rows: Rows) -> bool:
    """Whether an edit says what was said before it."""
    said, sequel = entry.content, rows.get(Sequel, sequel_id(fact.account, fact.of))
    if not isinstance(said, Changed) or sequel is None:
        return False
    return changed_nothing(sequel, fact.edited_at, said.text, said.html)


def _reread(entry: Written, rows: Rows) -> None:
    """What the last message says since it was changed is what the conversation is about; it gets no less urgent by that."""
    message = rows.get(Message, cast(MessageReread, entry.fact).message)
    before = rows.get(Conversation, message.conversation) if message else None
    if message is None or before is None or before.message != message.id:
        return
    rows.put(
        replace(
            before,
            language=message.language or before.language,
            intent=message.intent or before.intent,
            urgency=max(message.urgency, before.urgency),
            emotion=message.emotion or before.emotion,
            wants_person=before.wants_person or message.wants_person,
            words=tuple(dict.fromkeys((*message.words, *before.words)))[:MOST_WORDS],
        )
    )


FOLDS: Folds = {
    MessageReread: _reread,
    MessageEdited: _changed,
    MessageDeleted: _changed,
    ConversationOpened: _opened,
    ConversationContinued: _continued,
    ConversationSnoozed: _snoozed,
    ConversationWoken: _woken,
    ConversationResolved: _resolved,
    ConversationRead: _read,
    **working.FOLDS,
    **marking.FOLDS,
    **mentioning.FOLDS,
    **joining.FOLDS,
    **blocking.FOLDS,
    **handing.FOLDS,
    **conference.FOLDS,
    **crossing.FOLDS,
    **telling.FOLDS,
    **signalled.FOLDS,
}
