"""Person and Handle: whom we talk with, and by which names; JourneyEvent: what happened between them and any department."""

from datetime import datetime
from typing import Any

import msgspec

from rapport.model.attribute import Attribute
from rapport.model.ids import Id, derived_id


class Handle(msgspec.Struct, frozen=True):
    """A name of a person on a network, as in `mastodon:@ana@example.social`."""

    id: Id
    name: str
    person: Id | None = None
    display: str = ""
    stopped_at: datetime | None = None  # they asked not to be written to, and have not taken it back
    at: datetime | None = None  # last heard
    blocked: bool = False  # what it says is held


class Person(msgspec.Struct, frozen=True):
    """The customer. `conversation` is the one that was last active, resolved or not; None before the first."""

    id: Id
    name: str = ""
    language: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None
    messages: int = 0
    conversation: Id | None = None
    attributes: tuple[Attribute, ...] = ()
    agents: tuple[str, ...] = ()  # who has worked with them, latest first, at most 8
    withdrawn: tuple[str, ...] = ()  # attributes that they do not want to be believed
    family: tuple[Id, ...] = ()  # all persons on record that are this one, itself among them; empty: it is the only one

    @property
    def ids(self) -> tuple[bytes, ...]:
        """Every id under which something of theirs is on record."""
        return self.family or (self.id,)


class JourneyEvent(msgspec.Struct, frozen=True):
    """Something that happened between a person and any department. `data` holds plain JSON values."""

    id: Id
    at: datetime
    kind: str
    source: str = ""
    person: Id | None = None
    handle: Id | None = None
    data: dict[str, Any] = {}  # Any: a department's own plain JSON


class PersonEvents(msgspec.Struct, frozen=True):
    """The latest journey events of a person, newest first, at most 20: what matching and the desk look at."""

    id: Id
    events: tuple[JourneyEvent, ...] = ()


class Apart(msgspec.Struct, frozen=True):
    """What is known of a merged person by itself, so that no merge is for ever. `into` None: the others were merged into it.

    `known` and `events` hold what came by its own handles alone; `conversing_at`: when it last was in a conversation.
    """

    id: Id
    known: Person
    events: tuple[JourneyEvent, ...] = ()
    into: Id | None = None
    conversing_at: datetime | None = None

    @property
    def family(self) -> tuple[bytes, ...]:
        """Whom it leads to."""
        return (self.into,) if self.into is not None else ()


class KnownBy(msgspec.Struct, frozen=True):
    """Who is known by a telephone number or a mailbox, at most 16; `id` is `model.naming.key_id` of it."""

    id: Id
    persons: tuple[Id, ...] = ()


class Alike(msgspec.Struct, frozen=True):
    """Two persons who may be one. `state`: `open`, `merged` or `apart`, as was decided; `why`: what speaks for it."""

    id: Id
    one: Id
    other: Id
    probability: float
    why: tuple[str, ...]
    at: datetime
    state: str = "open"
    by: str = ""


class Consent(msgspec.Struct, frozen=True):
    """What a person agreed to, or took back: for one purpose, on one channel ("": any). `evidence`: how we know."""

    id: Id
    person: Id
    purpose: str
    channel: str
    given: bool
    at: datetime
    by: str
    evidence: str = ""
    until: datetime | None = None


class Glance(msgspec.Struct, frozen=True):
    """That somebody read what is known of a person, when, and what for."""

    id: Id
    person: Id
    by: str
    purpose: str
    at: datetime


class Hold(msgspec.Struct, frozen=True):
    """A legal hold on a person, by whose id it is found. `lifted_at` None: it holds."""

    id: Id
    reason: str
    by: str
    at: datetime
    lifted_at: datetime | None = None


class ProfileLink(msgspec.Struct, frozen=True):
    """That somebody made a link to a person's own page, and until when it works."""

    id: Id
    person: Id
    by: str
    at: datetime
    until: datetime


class Erasure(msgspec.Struct, frozen=True):
    """The certificate of an erasure: whom, by whom, when, how many handles and keys. Nothing personal."""

    id: Id
    person: Id
    at: datetime
    by: str
    handles: int
    keys: int
    cleared: int


class RightRequest(msgspec.Struct, frozen=True):
    """What a person asks by right, one of `law.RIGHTS`. `state`: open, done, refused, or ended where they were erased.

    `words`: theirs; `answer`: what they were told. `near`, `late`: it was said that its time ends, and that it has ended.
    """

    id: Id
    person: Id
    kind: str
    at: datetime
    due_at: datetime
    by: str
    law: str
    words: str = ""
    state: str = "open"
    near: bool = False
    late: bool = False
    extended: bool = False
    closed_at: datetime | None = None
    closed_by: str = ""
    answer: str = ""


class Certificate(msgspec.Struct, frozen=True):
    """What an erasure did: `entry` is the fact in the ledger that proves it; `seconds` from the asking to the end."""

    entry: Id
    person: Id
    at: datetime
    by: str
    handles: int
    keys: int
    cleared: int
    seconds: float


def consent_id(person: bytes, purpose: str, channel: str) -> bytes:
    """The id of what a person said of a purpose on a channel."""
    return derived_id(person, "consent", purpose, channel)


def alike_id(one: bytes, other: bytes) -> bytes:
    """The id of a pair of persons, whichever is named first."""
    return derived_id(bytes(16), "alike", min(one, other), max(one, other))
