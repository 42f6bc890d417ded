"""What a network tells of a message that is already there: an edit, a deletion, a reaction, how far it has come."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Delivery(StrEnum):
    """How far a message that we sent has come, as its network reports it. The order is that of `further`."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


_RANK = {
    Delivery.QUEUED: 0,
    Delivery.ACCEPTED: 1,
    Delivery.SENT: 2,
    Delivery.FAILED: 3,
    Delivery.DELIVERED: 4,
    Delivery.READ: 5,
}


def further(one: Delivery, other: Delivery) -> Delivery:
    """The further of two reports, whatever their order: a lattice join. FAILED beats only what is not yet delivered."""
    return max(one, other, key=_RANK.__getitem__)


class Edit(msgspec.Struct, frozen=True, tag="edit"):
    """The author changed the message `of`; `text` is what it says now. `key` names this edit, the same on every delivery."""

    key: str
    of: str
    handle: str
    text: str
    at: datetime
    html: str = ""


class Deletion(msgspec.Struct, frozen=True, tag="deletion"):
    """The message `of` is not on its network any more."""

    key: str
    of: str
    at: datetime
    handle: str = ""


class Reaction(msgspec.Struct, frozen=True, tag="reaction"):
    """Somebody reacted to the message `of` with `sign` (an emoji, `like`, `share`), or took that back."""

    key: str
    of: str
    handle: str
    sign: str
    at: datetime
    taken_back: bool = False


class Report(msgspec.Struct, frozen=True, tag="report"):
    """How far the part that the network calls `of` has come. `reason`: why it failed, in the network's words."""

    key: str
    of: str
    delivery: Delivery
    at: datetime
    reason: str = ""


class CallStep(StrEnum):
    """What happens to a telephone call."""

    STARTED = "started"
    KEYED = "keyed"
    LEG_ENDED = "leg_ended"
    ENDED = "ended"


class Called(msgspec.Struct, frozen=True, tag="called"):
    """What happens to the call `of`. `argument`: what was dialled, the key that was pressed, or the line that ended."""

    key: str
    of: str
    handle: str
    step: CallStep
    at: datetime
    argument: str = ""
    reason: str = ""


class Happening(msgspec.Struct, frozen=True, tag="happening"):
    """What a device tells of the person of `handle`: a journey event, which (`source`, `key`) names once.

    `was`: how earlier versions called the same; what they took in is not taken again.
    """

    key: str
    handle: str
    kind: str
    source: str
    at: datetime
    data: dict[str, Any] = {}  # Any: a device's own plain JSON
    of: str = ""
    was: str = ""


News = Edit | Deletion | Reaction | Report | Called | Happening
