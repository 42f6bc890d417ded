"""Which conversation a message belongs to: one conversation is one issue of one person, over any channels."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from rapport.conversations.threads import onwards
from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation, State, Thread, thread_id
from rapport.model.message import ChannelKind, Message
from rapport.model.person import Person

LONG_SILENCE = timedelta(hours=24)  # after which another clear intent is another issue
MAY_REOPEN = timedelta(hours=72)
THREAD_MAY_REOPEN = timedelta(days=30)
# Networks where a thread is one exchange. In a chat, by SMS or on the telephone a "thread" is only who is talking.
THREAD_IS_ISSUE = frozenset({ChannelKind.SOCIAL, ChannelKind.EMAIL})


class How(StrEnum):
    """How a message meets a conversation."""

    CONTINUES = "continues"
    REOPENS = "reopens"
    FOLLOWS = "follows"  # thanks after the end: kept with it, changes nothing


class Belongs(msgspec.Struct, frozen=True):
    """The conversation that a message belongs to, and how."""

    conversation: Conversation
    how: How


def belongs(message: Message, person: bytes, rows: Rows) -> Belongs | None:
    """The conversation that goes on with this message; None: it opens a new one."""
    threaded = _of_thread(message, person, rows)
    if threaded is not None and message.kind in THREAD_IS_ISSUE:
        how = _in_thread(message, threaded)
        if how is not None:
            return Belongs(threaded, how)
    known = rows.get(Person, person)
    last = onwards(rows.get(Conversation, known.conversation), rows) if known else None
    for candidate in (last, threaded):
        if candidate is not None and (candidate.person == person or (known is not None and candidate.person in known.family)):
            how = _of_person(message, candidate)
            if how is not None:
                return Belongs(candidate, how)
    return None


def goes_on(message: Message, person: bytes, rows: Rows) -> Conversation | None:
    """The conversation that goes on with this message; None: it opens a new one."""
    found = belongs(message, person, rows)
    return found.conversation if found is not None else None


def _of_thread(message: Message, person: bytes, rows: Rows) -> Conversation | None:
    """The conversation of what it answers, else of its thread: the same person's, by e-mail anyone's who was written to."""
    for key in (message.in_reply_to, message.thread):
        thread = rows.get(Thread, thread_id(message.account, key)) if key else None
        found = onwards(rows.get(Conversation, thread.conversation), rows) if thread else None
        if found is not None and (found.person == person or message.kind is ChannelKind.EMAIL):
            return found
    return None


def _in_thread(message: Message, conversation: Conversation) -> How | None:
    if conversation.state is not State.RESOLVED:
        return How.CONTINUES
    if not message.actionable:
        return How.FOLLOWS
    return How.REOPENS if _since_end(message, conversation) <= THREAD_MAY_REOPEN else None


def _of_person(message: Message, conversation: Conversation) -> How | None:
    if conversation.state is not State.RESOLVED:
        silent = message.at - conversation.last_at > LONG_SILENCE
        return None if silent and message.actionable and _is_other_issue(message, conversation) else How.CONTINUES
    if _since_end(message, conversation) > MAY_REOPEN:
        return None
    if not message.actionable:
        return How.FOLLOWS
    same_channel = message.channel == conversation.channel
    return How.REOPENS if same_channel and not _is_other_issue(message, conversation) else None


def _is_other_issue(message: Message, conversation: Conversation) -> bool:
    """Whether both intents are clear and differ."""
    return bool(message.intent and conversation.intent and message.intent != conversation.intent)


def _since_end(message: Message, conversation: Conversation) -> timedelta:
    ended: datetime = conversation.resolved_at or conversation.last_at
    return message.at - ended
