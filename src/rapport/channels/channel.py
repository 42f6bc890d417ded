"""What every channel offers, and how it says what it cannot do.

A channel translates. It turns what a network says into messages, and an approved part of a reply into what the network
accepts; it decides nothing, keeps nothing and never touches the ledger. Whatever differs between networks is told by
`Capabilities`, never by the channel's name. A further ability is a further small Protocol, asked for by `isinstance`.
"""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import httpx
import msgspec

from rapport.channels.budget import Budget
from rapport.channels.capabilities import (
    GESTURES as GESTURES,
    Capabilities as Capabilities,
    Idempotency as Idempotency,
    MediaRules as MediaRules,
    Op as Op,
    Unit as Unit,
    Wording as Wording,
)
from rapport.channels.kept import Kept
from rapport.channels.part import File as File, Part as Part
from rapport.channels.sandbox import Sandbox
from rapport.channels.trust import system_trust
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.clock import Clock
from rapport.errors import Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import News

Event = Incoming | Unreadable | News


class Probe(msgspec.Struct, frozen=True):
    """How an account is: whether it works, one sentence for people, and what was found. `name`: who we are on that network.

    `expires`: when the credentials end by themselves; None: they do not, or nobody says.
    """

    works: bool
    health: Wording
    capabilities: Capabilities
    at: datetime
    name: str = ""
    expires: datetime | None = None


class Exchange(msgspec.Struct, frozen=True):
    """What is known of a conversation when something is to be said in it. `heard_at` None: the person never wrote."""

    handle: str
    reach: Reach
    heard_at: datetime | None = None
    automatic: bool = False  # a machine wrote last
    key: str = ""  # of the message that is answered
    answered: int = 0  # how often we answered that message, with that reach
    stopped_at: datetime | None = None  # the person asked not to be written to, and has not taken it back (`model.stopping`)


class Eligibility(msgspec.Struct, frozen=True):
    """Whether the network lets us; `until` None: for ever. `template`: what is left is a text that the network approved."""

    allowed: bool
    reason: Wording | None = None
    until: datetime | None = None
    template: bool = False


class Price(msgspec.Struct, frozen=True):
    """What sending costs, as the network's price list said when it was last read. `currency`: three letters of ISO 4217."""

    amount: float
    currency: str


class Fitted(msgspec.Struct, frozen=True):
    """Exactly what would go out: the parts, in order, and what people should know of them. No parts: it cannot go out."""

    parts: tuple[str, ...]
    limit: int
    unit: Unit
    notes: tuple[Wording, ...] = ()
    cost: Price | None = None


class Receipt(msgspec.Struct, frozen=True):
    """The network took the part and calls it `key`."""

    key: str
    at: datetime


class Page(msgspec.Struct, frozen=True):
    """What was read. `cursor` stands behind `events`; `more`: read again at once. `files`: bytes of media, by their SHA-256."""

    events: tuple[Event, ...]
    cursor: bytes | None
    more: bool = False
    files: dict[str, bytes] = {}


class Channel(Protocol):
    """One account on one network. `capabilities`: what is known of it by now; `probe` asks the network."""

    capabilities: Capabilities

    async def probe(self) -> Probe:
        """Ask the network how this account is and what it can do. Never raises: what is wrong is the health sentence."""
        ...

    def parse(self, raw: bytes) -> Sequence[Event]:
        """What the network said. Pure and total: what cannot be read is Unreadable, what is of no use is left out."""
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
class Verifies(Protocol):
    """A channel whose network calls us (a webhook)."""

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether a request is the network's. Pure: the bytes as they came, the clock given. Never raises."""
        ...


@runtime_checkable
class Moderates(Protocol):
    """A channel that can do something to a message that is there: what, its capabilities' `ops` say."""

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Do it to the message that the network calls `key`; done twice is done once. `argument`: a new text, a sign.

        Raises:
            Refused: the network never will, or cannot.
            Unavailable: it may later; nothing was done.
            OutcomeUnknown: it may have been done.
        """
        ...


@runtime_checkable
class Gestures(Protocol):
    """A channel whose network must be told whose a message is, to take one of `GESTURES`: asked in place of `Moderates`."""

    async def gesture(self, op: Op, key: str, to: str, argument: str, once: str) -> None:
        """Do it to the message that the network calls `key`, of the handle `to`; else as `Moderates.moderate`."""
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


async def nobody_stopped(handle: str) -> bool:
    """Where nobody keeps who asked us to stop."""
    return False


@dataclass(frozen=True, slots=True)
class Means:
    """What the composition root hands to every channel: time, secrets, a client, a sandbox, its budget, whom to trust."""

    clock: Clock
    secret: Callable[[str], str]
    http: httpx.AsyncClient
    sandbox: Sandbox
    budget: Budget = field(default_factory=Budget)
    tls: ssl.SSLContext = field(default_factory=system_trust)
    stopped: Callable[[str], Awaitable[bool]] = nobody_stopped  # whether the person with that handle asked us to stop
    proxy: str = ""  # of the house, for what is no HTTP; `http` knows it already
    kept: Kept = Kept()  # what the network gave for the next time


class Evidence(StrEnum):
    """How we know that a channel works."""

    SERVER = "server"  # the contract's tests pass against a foreign server
    CONTRACT = "contract"  # shapes of requests and webhooks are tested against the network's description, no more


Factory = Callable[[Account, Means], Channel]


@dataclass(frozen=True, slots=True)
class Network:
    """A kind of channel, as the set-up shows it: its name, its title, what it asks, and what opens an account of it.

    `evidence`: how we know that it works. `hosts`: the settings or names it connects to, for the egress manifest; `by_proxy`:
    by the house's proxy where there is one; `sound`: desks exchange sound with these themselves.
    """

    name: str
    title: Wording
    fields: tuple[Field, ...]
    open: Factory
    evidence: Evidence = Evidence.SERVER
    hosts: tuple[str, ...] = ()
    by_proxy: bool = True
    sound: bool = False


def ailing(error: SendError) -> Wording:
    """The health sentence of an account that does not work, with what the network said in brackets."""
    es, en = "No se puede llegar a la red; se intentará otra vez", "The network cannot be reached; it is tried again"
    if isinstance(error, Refused):
        es = "La red no acepta esta cuenta; hay que conectarla de nuevo"
        en = "The network does not accept this account; connect it again"
    return Wording(f"{es} ({error}).", f"{en} ({error}).")


def address_of(handle: str, network: str) -> str:
    """The name that the network itself uses: `mastodon:@ana@example.social` is `@ana@example.social` there."""
    return handle.removeprefix(f"{network}:")
