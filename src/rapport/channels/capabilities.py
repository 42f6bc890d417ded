"""What an account on a network can do, as data: found by `probe`, dated, and the only thing that others ask of a network."""

from datetime import timedelta
from enum import StrEnum

import msgspec

from rapport.model.message import ChannelKind, Reach
from rapport.model.news import Delivery


class Wording(msgspec.Struct, frozen=True):
    """A sentence for people, in both languages."""

    es: str
    en: str


class Unit(StrEnum):
    """What a network counts when it limits a text (`channels.units.measure`)."""

    CHARS = "chars"  # code points
    GRAPHEMES = "graphemes"
    BYTES = "bytes"  # of UTF-8
    UTF16 = "utf16"  # code units
    WEIGHTED = "weighted"  # as X counts: most letters one, the rest two, a link 23
    GSM = "gsm"  # septets of GSM-7, or UTF-16 units doubled where GSM-7 does not do


class Idempotency(StrEnum):
    """What happens when the same part is given twice with the same key."""

    NATIVE = "native"  # the network takes our key and sends once
    NATURAL = "natural"  # the copies carry one name, so programs see one message
    NONE = "none"  # two messages: after an unknown outcome, `locate` first


class Op(StrEnum):
    """What somebody wants to do on a network. From HIDE on: to a message that is there, by `Moderates`."""

    REPLY = "reply"
    SEND_DIRECT = "send_direct"
    SEND_NEW = "send_new"
    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE = "delete"  # a message of ours
    EDIT = "edit"  # a message of ours
    REACT = "react"
    UNREACT = "unreact"
    MARK_READ = "mark_read"
    CALL = "call"  # an order for a telephone call that goes on (`model.call.Order`)
    CROSS = "cross"  # hand a conversation to another centre


GESTURES = frozenset({Op.REACT, Op.UNREACT, Op.MARK_READ})


class MediaRules(msgspec.Struct, frozen=True):
    """What files a message may carry. `types`: media types, `image/*` for all of a kind; none at all: no files.

    `each`: less than `max_bytes`, by type. `caption`: the longest text beside files; 0: as any text. `with_text`: both go in
    one message; `alone`: files go without a text; `described`: what a picture shows is told to who does not see it.
    """

    types: tuple[str, ...] = ()
    max_bytes: int = 0
    max_count: int = 0
    each: dict[str, int] = {}
    caption: int = 0
    with_text: bool = True
    alone: bool = True
    described: bool = False
    reach: str = ""  # the only one in which messages carry files; "": both


class Capabilities(msgspec.Struct, frozen=True):
    """What one account can do, as its network said. `text_limit` counts `unit`s; 0 means: no limit that we know of.

    `poll`: seconds between two readings; 0: the channel has nothing to read (its messages come by the web).
    `window`: how long after a person wrote they may be answered; None: for ever. `reports`: which receipts the network gives.
    `reads_back`: what was missed while we were deaf can be read later; where not, people are told.
    `only`: what can be done to messages of one reach alone.
    `one_sign`: the reaches in which a message bears one reaction of ours at most: the next takes its place.
    """

    kind: ChannelKind
    reaches: frozenset[Reach]
    text_limit: int
    unit: Unit = Unit.CHARS
    idempotency: Idempotency = Idempotency.NONE
    can_locate: bool = False
    poll: float = 0.0
    ops: frozenset[Op] = frozenset({Op.REPLY})
    window: timedelta | None = None
    media: MediaRules = MediaRules()
    reports: frozenset[Delivery] = frozenset()
    edits_seen: bool = False
    deletes_seen: bool = False
    reads_back: bool = True
    only: dict[Op, Reach] = {}
    one_sign: frozenset[Reach] = frozenset()
