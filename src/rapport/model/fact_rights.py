"""Facts of rights and likeness, numbers 186 to 191: what a person asks by right, what networks say of them, who may be whom."""

from datetime import datetime

from rapport.model.fact_kind import Fact, PersonData, Words
from rapport.model.ids import Id


class RightAsked(Fact, frozen=True):
    """A person asks for something by right: `kind` is one of `law.RIGHTS`; their words are the content.

    `law`: whose deadline it is; `by`: who noted it, `self` where they asked on their own page.
    """

    number = 186
    content_type = Words
    request: Id
    person: Id
    kind: str
    law: str
    due_at: datetime
    warn_at: datetime
    by: str


class RightAnswered(Fact, frozen=True):
    """What became of a request: `done`, `refused`, or `extended` until `due_at`; what they were told is the content."""

    number = 187
    content_type = Words
    request: Id
    person: Id
    state: str
    by: str
    due_at: datetime | None = None
    warn_at: datetime | None = None


class ProfileSeen(Fact, frozen=True):
    """What a network shows everybody of whoever wrote to us in public, until when it is believed; itself is the content."""

    number = 188
    content_type = PersonData
    handle: Id
    account: str
    channel: str
    until: datetime


class LikenessFound(Fact, frozen=True):
    """Two persons are nearly known by the same; somebody should look. As PersonsAlike has it, found beside the pipeline."""

    number = 189
    one: Id
    other: Id
    probability: float
    why: tuple[str, ...] = ()


class AttributesEnded(Fact, frozen=True):
    """What was believed of a person until a time is believed no more; nothing of it is kept."""

    number = 190
    person: Id
    names: tuple[str, ...]


class RightNear(Fact, frozen=True):
    """A request is about to be late, or is (`late`)."""

    number = 191
    request: Id
    person: Id
    late: bool = False
