"""What networks tell of messages that are there, numbers 22 to 28: edits, deletions, reactions, receipts; and their silences.

`of` is what the network calls the message; `message` is ours, None where we did not have it when the news came.
"""

from datetime import datetime

import msgspec

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id
from rapport.model.news import Delivery


class Changed(msgspec.Struct, frozen=True):
    """What a message says now, who changed it or reacted, or why it did not arrive."""

    text: str = ""
    html: str = ""
    handle: str = ""
    reason: str = ""


class MessageEdited(Fact, frozen=True):
    """The author changed a message; what it said before stays in the ledger."""

    number = 22
    content_type = Changed
    account: str
    channel: str
    of: str
    handle: Id
    edited_at: datetime
    message: Id | None = None


class MessageDeleted(Fact, frozen=True):
    """A message is not on its network any more; ours is kept, and marked."""

    number = 23
    content_type = Changed
    account: str
    channel: str
    of: str
    handle: Id
    deleted_at: datetime
    message: Id | None = None


class ReactionSeen(Fact, frozen=True):
    """Somebody reacted to a message with a sign, or took that back."""

    number = 24
    content_type = Changed
    account: str
    channel: str
    of: str
    handle: Id
    sign: str
    reacted_at: datetime
    taken_back: bool = False
    message: Id | None = None


class ReceiptSeen(Fact, frozen=True):
    """A network says how far a part that we sent has come."""

    number = 25
    content_type = Changed
    account: str
    channel: str
    of: str
    handle: Id
    delivery: Delivery
    reported_at: datetime


class OperationDone(Fact, frozen=True):
    """The network did to a message what somebody asked: it is hidden, gone, edited, reacted to.

    `one_sign`: it keeps one sign of ours on a message, so a reaction took the place of the one before.
    """

    number = 26
    outgoing: Id
    done_at: datetime
    one_sign: bool = False


class AccountSilent(Fact, frozen=True):
    """An account is silent for longer than its history makes plausible; `chance` in [0, 1] that a day holds such a silence."""

    number = 27
    account: str
    channel: str
    since: datetime
    chance: float


class AccountHeard(Fact, frozen=True):
    """An account that was silent is heard again; `since`: when the silence began."""

    number = 28
    account: str
    channel: str
    since: datetime
