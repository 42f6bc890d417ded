"""Person and Handle: whom we talk with, and by which names; JourneyEvent: what happened between them and any department."""

from datetime import datetime
from typing import Any

import msgspec

from rapport.model.attribute import Attribute
from rapport.model.ids import Id


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
