"""Conversation: one issue of one person over any channels; the unit of first-contact resolution."""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import msgspec

from rapport.model.ids import Id, derived_id
from rapport.model.message import ChannelKind, Reach
from rapport.model.signal import Signal


class State(StrEnum):
    """Where a conversation stands."""

    OPEN = "open"
    PENDING = "pending"  # a bot has it
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Conversation(msgspec.Struct, frozen=True, gc=False):
    """One issue. `agent` has it ("" when nobody has); `waiting_since` None: no answer is owed."""

    id: Id
    person: Id
    handle: Id
    state: State
    kind: ChannelKind
    account: str
    channel: str
    reach: Reach
    opened_at: datetime
    last_at: datetime
    thread: str = ""
    name: str = ""  # of the person, as the inbox shows it
    preview: str = ""
    subject: str = ""
    language: str = ""
    intent: str = ""
    emotion: str = ""
    urgency: float = 0.0
    wants_person: bool = False
    words: tuple[str, ...] = ()  # of the whole issue, newest first, at most 64
    messages: int = 0
    unread: bool = True
    agent: str = ""
    bot: bool = False
    team: str = ""
    message: Id | None = None  # the last one that came in
    offer: Id | None = None
    interaction: Id | None = None
    draft: Id | None = None  # one that waits for approval
    waiting_since: datetime | None = None
    due_at: datetime | None = None
    answered_at: datetime | None = None  # first answer
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    disposition: str = ""
    reopened: int = 0
    declined_by: tuple[str, ...] = ()
    transfer_to: str = ""  # an agent or a team asked for by a transfer
    beside: tuple[str, ...] = ()  # who writes in it with the agent who has it
    call_at: datetime | None = None  # when the person is to be called
    call_to: str = ""  # at which number
    agreement: str = ""  # by which it is with another centre now
    labels: tuple[str, ...] = ()
    priority: str = ""  # one of PRIORITIES; "": normal
    merged_into: Id | None = None  # the conversation in which this one goes on
    signals: tuple[Signal, ...] = ()  # what it shows, oldest first, at most 24
    moods: tuple[str, ...] = ()  # the feelings of their messages, oldest first, the last 12


PRIORITIES = ("low", "normal", "high", "urgent")


def is_private_chat(one: Conversation) -> bool:
    """Whether it is private and written, and no e-mail: what a bot may go first in."""
    return one.reach == Reach.PRIVATE and one.kind not in (ChannelKind.EMAIL, ChannelKind.VOICE)


def weighed(urgency: float, priority: str) -> float:
    """How urgent a conversation is when its messages say `urgency` and a person set a priority; both in [0, 1]."""
    if priority == "low":
        return min(urgency, 0.1)
    return max(urgency, {"high": 0.7, "urgent": 1.0}.get(priority, 0.0))


class Labelled(msgspec.Struct, frozen=True):
    """One label of one conversation. `id` is derived from both."""

    id: Id
    conversation: Id
    label: str
    at: datetime


def labelled_id(conversation: bytes, label: str) -> bytes:
    """The id of a conversation's label."""
    return derived_id(conversation, "label", label)


class Mention(msgspec.Struct, frozen=True):
    """A note that names an agent. `seen_at` None: they have not looked yet."""

    id: Id
    message: Id
    conversation: Id
    agent: str
    by: str
    at: datetime
    seen_at: datetime | None = None


def mention_id(message: bytes, agent: str) -> bytes:
    """The id of the mention of an agent in a note."""
    return derived_id(message, "mention", agent)


class Thread(msgspec.Struct, frozen=True):
    """A thread of a network, and the conversation that it belongs to. `id` is derived from account and thread key."""

    id: Id
    conversation: Id


@lru_cache(4096)
def thread_id(account: str, key: str) -> bytes:
    """The id of the thread that an account's network calls `key`."""
    return derived_id(bytes(16), account, key)
