"""Facts of people, numbers 135 to 149: who is whom, what they agreed to, who asked about them, and what was erased."""

from datetime import datetime

from rapport.model.fact_kind import Fact, PersonData, Words
from rapport.model.ids import Id


class PersonsMerged(Fact, frozen=True):
    """Two persons are one: what is said of `one` is said of `into` too. `undone`: they are two again.

    `by` "": by the evidence alone, whose names `why` holds. Nothing moves: each keeps what came by its own handles.
    """

    number = 135
    one: Id
    into: Id
    by: str = ""
    probability: float = 1.0
    why: tuple[str, ...] = ()
    undone: bool = False


class PersonsAlike(Fact, frozen=True):
    """Two persons may be one; somebody should look. `state`: `open`, or `apart` where somebody said that they are two."""

    number = 136
    one: Id
    other: Id
    probability: float
    why: tuple[str, ...] = ()
    state: str = "open"
    by: str = ""


class ContextRead(Fact, frozen=True):
    """Somebody, or a program, read what is known of a person, and said what for."""

    number = 137
    person: Id
    by: str
    purpose: str


class ConsentNoted(Fact, frozen=True):
    """A person agreed to a purpose, or took that back; how we know is the content. `channel` "": on any."""

    number = 138
    content_type = Words
    person: Id
    purpose: str
    channel: str
    given: bool
    by: str
    until: datetime | None = None


class PersonHeld(Fact, frozen=True):
    """The law asks that a person's record is kept: it cannot be erased until that is lifted. The content says why."""

    number = 139
    content_type = Words
    person: Id
    by: str
    lifted: bool = False


class PersonErased(Fact, frozen=True):
    """The keys of a person's handles were destroyed: what was sealed with them can be read by nobody any more."""

    number = 140
    person: Id
    persons: tuple[Id, ...]
    handles: tuple[Id, ...]
    by: str
    keys: int = 0
    cleared: int = 0  # rows of working tables


class AttributeCorrected(Fact, frozen=True):
    """A person said what is true of them, or that something is not to be believed. The content is what they say."""

    number = 141
    content_type = PersonData
    person: Id
    name: str
    withdrawn: bool = False


class AttributeNoted(Fact, frozen=True):
    """An agent said what is true of a person, or that something is not. The content is one attribute: its name and value."""

    number = 142
    content_type = PersonData
    person: Id
    by: str
    denied: bool = False


class EventEnded(Fact, frozen=True):
    """The days for which an event of its kind is kept are over; `held`: a legal hold keeps it all the same."""

    number = 143
    event: Id
    person: Id
    held: bool = False
