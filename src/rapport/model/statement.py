"""Statement: a reply of ours as later ones are compared with it; Handover: what the receiver of a conversation sees first."""

import hashlib
from datetime import datetime

import msgspec

from rapport.model.ids import Id
from rapport.model.message import Reach


class Claim(msgspec.Struct, frozen=True, array_like=True):
    """Something checkable that a text says: `kind` (date, amount, hour, yes-no), `about` which noun, its `value`, its words."""

    kind: str
    about: str
    value: str
    quote: str = ""
    start: int = -1
    end: int = -1


class Statement(msgspec.Struct, frozen=True):
    """What a reply of ours said, to whom, as which brand. `id` is the message's; `digest` is the same for the same words."""

    id: Id
    at: datetime
    person: Id | None
    brand: str
    reach: Reach
    intent: str = ""
    agent: str = ""
    digest: str = ""
    claims: tuple[Claim, ...] = ()


class Summary(msgspec.Struct, frozen=True):
    """What was said, tried and promised, each line as it was written, oldest first. `given`: what the person told, by kind."""

    said: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    note: str = ""


class Handover(msgspec.Struct, frozen=True):
    """The last hand-over of a conversation, whose id it has. `how`: agent, team, anyone, bot, centre or call."""

    id: Id
    at: datetime
    by: str
    to: str = ""
    how: str = "anyone"
    summary: Summary = Summary()


def digest_of(text: str) -> str:
    """The same for the same words, whatever their case and spaces; "" for none."""
    words = " ".join(text.casefold().split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:24] if words else ""
