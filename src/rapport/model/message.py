"""Message: one utterance, in or out, public or private, on one channel."""

from datetime import datetime
from enum import StrEnum

import msgspec

from rapport.model.ids import Id
from rapport.model.signal import Shown as Because


class Reach(StrEnum):
    """Who can read a message."""

    PUBLIC = "public"
    PRIVATE = "private"


class ChannelKind(StrEnum):
    """What sort of network a channel is; it picks the slot that a conversation takes."""

    SOCIAL = "social"
    CHAT = "chat"
    EMAIL = "email"
    SMS = "sms"
    VOICE = "voice"


class Direction(StrEnum):
    """Which way a message went; a note never leaves the house."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Standing(StrEnum):
    """Where a message stands: what came in, and how far what goes out has got."""

    RECEIVED = "received"
    HELD = "held"
    UNREADABLE = "unreadable"
    WAITING = "waiting"  # out: written, not yet approved
    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"  # out: taken back before it left


class Media(msgspec.Struct, frozen=True):
    """A file that came with a message. `blob` names our own copy (hexadecimal SHA-256); empty when none could be kept."""

    name: str
    type: str
    size: int = 0
    blob: str = ""
    url: str = ""  # where the network keeps it; never shown as a link
    reason: str = ""  # why there is no copy
    alt: str = ""  # what a picture shows, for who does not see it


class Said(msgspec.Struct, frozen=True):
    """What somebody wrote, and under which name: content, never in a fact's body."""

    text: str
    handle: str
    name: str = ""
    subject: str = ""
    html: str = ""
    media: tuple[Media, ...] = ()


class Shown(msgspec.Struct, frozen=True):
    """What a network shows everybody of an author. `followers`, `verified` None: it does not say; `since`: an ISO day."""

    bio: str = ""
    followers: float | None = None
    verified: bool | None = None
    since: str = ""


class Incoming(msgspec.Struct, frozen=True):
    """A message as a channel translates it. `key` is the same on every delivery; `handle` is written `network:name`.

    `thread` names what belongs together on that network (an e-mail's first Message-ID, a post's root); "" where it has none.
    """

    key: str
    handle: str
    text: str
    reach: Reach
    at: datetime
    name: str = ""
    subject: str = ""
    html: str = ""
    thread: str = ""
    in_reply_to: str = ""
    media: tuple[Media, ...] = ()
    automatic: bool = False  # a machine wrote it: an absence note, a bounce, a list
    author: Shown | None = None  # where the network shows it with the message, and they have not asked to be left out


class Unreadable(msgspec.Struct, frozen=True):
    """What a channel could not translate: the bytes as they came, and why. Kept and shown, never dropped."""

    key: str
    raw: bytes
    reason: str
    at: datetime
    handle: str = ""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message as its view keeps it. `key` names it on its network and is the same on every delivery."""

    id: Id
    at: datetime
    direction: Direction
    standing: Standing
    reach: Reach
    account: str = ""
    channel: str = ""
    key: str = ""
    thread: str = ""
    in_reply_to: str = ""
    handle: Id | None = None
    person: Id | None = None
    conversation: Id | None = None
    agent: str = ""
    author: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    language: str = ""
    intent: str = ""
    urgency: float = 0.0
    reason: str = ""
    media: tuple[Media, ...] = ()
    incident: Id | None = None  # of the crowd that it was held with
    automatic: bool = False  # a machine wrote it
    answers: tuple[Reach, ...] = ()  # how our replies to it went out, one for each
    kind: ChannelKind = ChannelKind.SOCIAL
    words: tuple[str, ...] = ()  # normalised, that carry meaning
    emotion: str = ""
    wants_person: bool = False
    actionable: bool = True  # False: thanks, noise, an auto-reply
    moved_from: Id | None = None  # the conversation that it began in, before a merge
    sure: float = 0.0  # of the intent, in [0, 1]
    evidence: tuple[str, ...] = ()  # the words that decided the reading
    read_by: str = ""  # the version that read it
    corrected_by: str = ""  # the agent who corrected the reading last
    personal: tuple[str, ...] = ()  # kinds of personal data that stand in it
    sentiment: str = ""  # negative, neutral, positive
    spam: float = 0.0  # how surely, in [0, 1]
    because: tuple[Because, ...] = ()  # the words that spoke for the sentiment, for spam, for noise
