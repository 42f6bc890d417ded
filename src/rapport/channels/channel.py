"""What every channel offers, and how it says what it cannot do.

A channel translates. It turns what a network says into messages, and an approved part of a reply into what the network
accepts; it decides nothing, keeps nothing and never touches the ledger. Whatever differs between networks is told by
`Capabilities`, never by the channel's name. A further ability is a further small Protocol, asked for by `isinstance`.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import httpx
import msgspec

from rapport.channels.sandbox import Sandbox
from rapport.clock import Clock
from rapport.errors import Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable


class Wording(msgspec.Struct, frozen=True):
    """A sentence for people, in both languages."""

    es: str
    en: str


class Unit(StrEnum):
    """What a network counts when it limits a text."""

    CHARS = "chars"
    GRAPHEMES = "graphemes"
    BYTES = "bytes"


class Idempotency(StrEnum):
    """What happens when the same part is given twice with the same key."""

    NATIVE = "native"  # the network takes our key and sends once
    NATURAL = "natural"  # the copies carry one name, so programs see one message
    NONE = "none"  # two messages: after an unknown outcome, `locate` first


class Op(StrEnum):
    """What somebody wants to do on a network."""

    REPLY = "reply"
    SEND_DIRECT = "send_direct"
    SEND_NEW = "send_new"


class Capabilities(msgspec.Struct, frozen=True):
    """What one account can do, as its network said. `text_limit` counts `unit`s; 0 means: no limit that we know of.

    `poll`: seconds between two readings; 0: the channel has nothing to read (its messages come by the web).
    """

    kind: ChannelKind
    reaches: frozenset[Reach]
    text_limit: int
    unit: Unit = Unit.CHARS
    idempotency: Idempotency = Idempotency.NONE
    can_locate: bool = False
    poll: float = 0.0


class Probe(msgspec.Struct, frozen=True):
    """How an account is: whether it works, one sentence for people, and what was found. `name`: who we are on that network."""

    works: bool
    health: Wording
    capabilities: Capabilities
    at: datetime
    name: str = ""


class Exchange(msgspec.Struct, frozen=True):
    """What is known of a conversation when something is to be said in it. `heard_at` None: the person never wrote."""

    handle: str
    reach: Reach
    heard_at: datetime | None = None
    automatic: bool = False  # a machine wrote last


class Eligibility(msgspec.Struct, frozen=True):
    """Whether the network lets us; `until` None: for ever."""

    allowed: bool
    reason: Wording | None = None
    until: datetime | None = None


class Fitted(msgspec.Struct, frozen=True):
    """Exactly what would go out: the parts, in order, and what people should know of them. No parts: it cannot go out."""

    parts: tuple[str, ...]
    limit: int
    unit: Unit
    notes: tuple[Wording, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """One part of an approved reply. `to` is the handle, with or without `network:`; `in_reply_to` is a key of that network."""

    text: str
    to: str
    reach: Reach
    in_reply_to: str = ""
    thread: str = ""
    subject: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """The network took the part and calls it `key`."""

    key: str
    at: datetime


class Page(msgspec.Struct, frozen=True):
    """What was read. `cursor` stands behind `events`; `more`: read again at once. `files`: bytes of media, by their SHA-256."""

    events: tuple[Incoming | Unreadable, ...]
    cursor: bytes | None
    more: bool = False
    files: dict[str, bytes] = {}


class Channel(Protocol):
    """One account on one network. `capabilities`: what is known of it by now; `probe` asks the network."""

    capabilities: Capabilities

    async def probe(self) -> Probe:
        """Ask the network how this account is and what it can do. Never raises: what is wrong is the health sentence."""
        ...

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        """What the network said, as messages. Pure and total: what cannot be read is Unreadable, it never raises."""
        ...

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Whether the network's rules let us say something in this exchange."""
        ...

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """The parts that a text becomes, each within the limit and with all that the network needs in it. Pure."""
        ...

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Give one part to the network; `once` names it.

        Raises:
            Refused: the network never will take it.
            Unavailable: it may take it later; nothing went out.
            OutcomeUnknown: it may have taken it.
        """
        ...


@runtime_checkable
class Pulls(Protocol):
    """A channel that is read."""

    async def pull(self, cursor: bytes | None) -> Page:
        """What came after `cursor`, oldest first; may repeat, must not skip. None: from where the account's settings say.

        Raises:
            Unavailable: the network cannot be reached now.
            Refused: the network does not know this account any more; somebody must connect it again.
        """
        ...


@runtime_checkable
class Listens(Protocol):
    """A channel whose network says when there is something to read."""

    def listen(self) -> AsyncIterator[None]:
        """A hint each time that something may have come; ends or raises Unavailable when the line is cut. Never the truth."""
        ...


@runtime_checkable
class Locates(Protocol):
    """A channel that can ask its network what became of a part."""

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The key of what `deliver(part, once)` made, tried at about `near`; None: the network does not have it.

        Raises:
            Unavailable: the network cannot be asked now.
        """
        ...


@runtime_checkable
class Closes(Protocol):
    """A channel that holds something open."""

    async def aclose(self) -> None:
        """Let go of it; may be called twice."""
        ...


class Field(msgspec.Struct, frozen=True):
    """One thing that a person must say to connect an account. `choices` empty: free text; `default` None: must be given."""

    name: str
    label: Wording
    default: str | None = None
    secret: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Means:
    """What the composition root hands to every channel: time, the way to a secret, an HTTP client, a sandbox."""

    clock: Clock
    secret: Callable[[str], str]
    http: httpx.AsyncClient
    sandbox: Sandbox


Factory = Callable[[Account, Means], Channel]


@dataclass(frozen=True, slots=True)
class Network:
    """A kind of channel, as the set-up shows it: its name, its title, what it asks, and what opens an account of it."""

    name: str
    title: Wording
    fields: tuple[Field, ...]
    open: Factory


def ailing(error: SendError) -> Wording:
    """The health sentence of an account that does not work, with what the network said in brackets."""
    if isinstance(error, Refused):
        es, en = (
            "La red no acepta esta cuenta; hay que conectarla de nuevo",
            "The network does not accept this account; connect it again",
        )
    else:
        es, en = "No se puede llegar a la red; se intentará otra vez", "The network cannot be reached; it is tried again"
    return Wording(f"{es} ({error}).", f"{en} ({error}).")


def address_of(handle: str, network: str) -> str:
    """The name that the network itself uses: `mastodon:@ana@example.social` is `@ana@example.social` there."""
    return handle.removeprefix(f"{network}:")
