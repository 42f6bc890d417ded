"""Signal: something that a conversation shows, with the words that show it and the message that has them."""

from datetime import datetime

import msgspec

from rapport.model.ids import Id, derived_id

SIGNALS = (
    "safety",
    "vulnerable",
    "wants-person",
    "legal",
    "leaving",
    "promise",
    "question",
    "mood-worse",
    "mood-better",
    "thanks",
)
"""Every kind of signal, the one that must be seen first at the beginning."""
ASKED = "wants-person"
HINTED = "may-want-person"  # what a message shows of it that is enough where a bot answers; never of a conversation
FOR_PERSONS = frozenset({ASKED, "safety", "vulnerable", "legal"})  # with whom shows one of these no bot is left alone
OPEN, MET, LATE = "open", "met", "late"


class Shown(msgspec.Struct, frozen=True):
    """What one message shows: the kind of signal, and its words as they were written."""

    kind: str
    words: str


class Signal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A signal of a conversation. `state`: open, met (a person answered, a promise was kept) or late.

    `until`: the time by which a promise is to be kept; None: none was named.
    """

    kind: str
    words: str
    message: Id | None
    at: datetime
    state: str = OPEN
    until: datetime | None = None


class Signals(msgspec.Struct, frozen=True):
    """All signals of a conversation, oldest first."""

    signals: tuple[Signal, ...] = ()


class Signalled(msgspec.Struct, frozen=True):
    """A kind of signal that stands open in a conversation, which is found by it. `id` is derived from both."""

    id: Id
    conversation: Id
    kind: str
    at: datetime


def signalled_id(conversation: bytes, kind: str) -> bytes:
    """The id of a kind of signal in a conversation."""
    return derived_id(conversation, "signal", kind)
