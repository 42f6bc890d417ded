"""Office: everything that the pages and the API are handed by `app`, and nothing that they construct themselves."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec

from rapport.clock import Clock
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach
from rapport.model.person import Certificate
from rapport.model.playbook import Rule
from rapport.replies.eligibility import Asking
from rapport.store.pool import Store
from rapport.web.attaching import Attaching
from rapport.web.bringing import Bringing
from rapport.web.telephony import Phones
from rapport.web.way_in import Intake as Intake


class Secrets(Protocol):
    """Secrets kept sealed, by tenant and name."""

    async def put(self, tenant: int, name: str, value: str) -> None:
        """Keep a secret under a name, in place of an earlier one."""
        ...

    async def of(self, tenant: int) -> Mapping[str, str]:
        """Every secret of a tenant, by name."""
        ...


class Wording(Protocol):
    """A sentence in both languages (`channels.channel.Wording`)."""

    @property
    def es(self) -> str:
        """In Spanish."""
        ...

    @property
    def en(self) -> str:
        """In English."""
        ...


class Asked(Protocol):
    """One thing that the set-up asks to connect an account (`channels.channel.Field`)."""

    @property
    def name(self) -> str:
        """Its key in the account's settings."""
        ...

    @property
    def label(self) -> Wording:
        """What stands beside it."""
        ...

    @property
    def default(self) -> str | None:
        """None: it must be given."""
        ...

    @property
    def secret(self) -> bool:
        """Kept sealed, never shown again."""
        ...

    @property
    def choices(self) -> tuple[str, ...]:
        """Empty: free text."""
        ...


class Network(Protocol):
    """A kind of channel, as the set-up shows it (`channels.channel.Network`)."""

    @property
    def evidence(self) -> str:
        """How we know that it works: server, contract."""
        ...

    @property
    def name(self) -> str:
        """As in an account's `channel`."""
        ...

    @property
    def title(self) -> Wording:
        """What people call it."""
        ...

    @property
    def fields(self) -> Sequence[Asked]:
        """What it asks."""
        ...


class Probed(Protocol):
    """What a test of an account found (`channels.channel.Probe`)."""

    @property
    def works(self) -> bool:
        """Whether the network took us in."""
        ...

    @property
    def health(self) -> Wording:
        """One sentence for people: what is right, or what to change."""
        ...

    @property
    def name(self) -> str:
        """Who we are on that network."""
        ...


class Fitted(Protocol):
    """Exactly what a network would be given (`channels.channel.Fitted`). No parts: it cannot go out at all."""

    @property
    def parts(self) -> tuple[str, ...]:
        """In order."""
        ...

    @property
    def limit(self) -> int:
        """Of one part, in the network's unit; 0: none that we know of."""
        ...

    @property
    def notes(self) -> Sequence[Wording]:
        """What people should know of them."""
        ...


class Ruling(Protocol):
    """Whether a network lets us write now (`channels.channel.Eligibility`)."""

    @property
    def allowed(self) -> bool:
        """Whether anything may be said."""
        ...

    @property
    def reason(self) -> Wording | None:
        """Why not, or what else people should know."""
        ...

    @property
    def until(self) -> datetime | None:
        """None: no end is known."""
        ...

    @property
    def template(self) -> bool:
        """What is left is a text that the network approved."""
        ...


class Call(msgspec.Struct, frozen=True):
    """A webhook as it came. `headers`: names in lower case; `url`: as the network was told to call it; `peer`: who called."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    url: str
    peer: str


class Answer(msgspec.Struct, frozen=True):
    """What a network that called is answered."""

    status: int
    body: bytes = b""
    type: str = "text/plain"


async def no_hooks(tenant: int, account: Account, call: Call) -> Answer:
    """Where nobody takes webhooks."""
    return Answer(404)


Hook = Callable[[int, Account, Call], Awaitable[Answer]]  # takes what a network calls us with; durable when it answers 2xx
Fit = Callable[[int, str, str, str, Reach, str], Fitted]  # tenant, account id, channel name, text, reach, to
Windows = Callable[[int, Asking], Ruling]  # tenant, and who would write to whom
Probing = Callable[[Account, dict[str, str]], Awaitable[Probed]]  # an account and its secrets by name, not yet kept
Changed = Callable[[int, float], Awaitable[None]]  # returns when the tenant's ledger may have grown, or after so many seconds
Studying = Callable[[int, str, str], Awaitable[bool]]  # tenant, a study's name and who asks; False: it is going on already
Posting = Callable[[int, str, str, str], Awaitable[str]]  # tenant, address, subject, text; the account that sent it, or ""
Trying = Callable[[int, Rule], Awaitable[Any]]  # tenant, rule; Any: conversations.rules.trying.Trial
Erasing = Callable[[int, bytes, str], Awaitable[Certificate]]  # tenant, person, by whom; raises Conflict under a legal hold
Things = Sequence[tuple[str, str, bytes]]  # pieces of a centre: kind, name, JSON body


@dataclass(frozen=True, slots=True)
class Office:
    """Handed in by `app`. `key` signs visitors' tokens and invitations; `language` is where a browser does not ask for another.

    `memory` keeps what a module holds for the life of this process, each under its own name.
    """

    store: Store
    intake: Intake
    changed: Changed
    clock: Clock
    secrets: Secrets
    fit: Fit
    probe: Probing
    networks: Mapping[str, Network]
    kind_of: Mapping[str, ChannelKind]
    example_centre: Callable[[], Things]
    key: bytes
    public_url: str = "http://127.0.0.1:8300"
    origin: str = ""  # where people outside reach us, as the worker has it; "": nowhere that we know of
    language: str = "es"
    version: str = ""
    demo: bool = False
    hook: Hook = no_hooks
    study: Studying | None = None  # None: nothing is reckoned in the background
    post: Posting | None = None  # None: no mail goes out but replies; raises SendError or BadInput
    phones: Phones | None = None  # None: nobody is called and nobody calls
    try_rule: Trying | None = None  # None: no rule can be tried here
    window: Windows | None = None  # None: nobody knows the networks' rules
    attaching: Attaching | None = None  # None: nothing can be attached
    erase: Erasing | None = None  # None: nobody can be erased here
    bringing: Bringing | None = None  # None: no file can be brought in here, and no group made
    memory: dict[str, Any] = field(default_factory=dict)  # Any: see above

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https."""
        return self.public_url.startswith("https://")
