"""The rules that a reply is judged by, what they do by default, and what a text is judged with."""

from collections.abc import Mapping
from datetime import date

import msgspec

from rapport.model.message import Reach
from rapport.model.statement import Claim

WARN, ASK, REFUSE, OFF = "warn", "ask", "refuse", "off"
STRICTNESS = {WARN: 1, ASK: 2, REFUSE: 3}


class Rule(msgspec.Struct, frozen=True):
    """What a check does by default where everybody reads it, and where one person does; "" is nothing."""

    public: str
    private: str
    says: str


RULES: Mapping[str, Rule] = {
    "empty": Rule(REFUSE, REFUSE, "A reply needs words."),
    "window": Rule(REFUSE, REFUSE, "The network does not let us write now."),
    "unfit": Rule(REFUSE, REFUSE, "The network cannot carry this text."),
    "personal-data": Rule(REFUSE, "", "The text names personal data where everybody can read it."),
    "secret": Rule(REFUSE, ASK, "The text holds what looks like a password or a key."),
    "banned-words": Rule(REFUSE, REFUSE, "The text has words that this house does not write."),
    "wrong-brand": Rule(ASK, ASK, "The text names another brand of this house."),
    "link": Rule(ASK, "", "The text points to a place that is not on the brand's list."),
    "made-public": Rule(ASK, "", "The person wrote in private, and the reply would be public."),
    "promise": Rule(ASK, WARN, "The text promises what no playbook or policy allows."),
    "contradiction": Rule(ASK, ASK, "We said something else before."),
    "tone": Rule(ASK, WARN, "The tone may hurt."),
    "wrong-language": Rule(WARN, WARN, "The person writes another language."),
    "asked-already": Rule(WARN, WARN, "The answer to this question is on record."),
    "undescribed": Rule(WARN, "", "A picture says nothing to who does not see it: describe it."),
    "duplicate": Rule(WARN, WARN, "The same text was sent just before."),
}


class Hit(msgspec.Struct, frozen=True):
    """Where a rule finds something. `default` "": as the rule's own; `about`: what it is compared with."""

    rule: str
    start: int = -1
    end: int = -1
    says: str = ""
    default: str = ""
    about: str = ""


class Given(msgspec.Struct, frozen=True):
    """Something that the person told us: `kind` (order, email, phone, name, room, booking), and what."""

    kind: str
    value: str


class Told(msgspec.Struct, frozen=True):
    """What we said before: its claims, on which day, and whether to this person or in public."""

    on: date
    claims: tuple[Claim, ...]
    is_public: bool = False


class Writing(msgspec.Struct, frozen=True):
    """A text and what its checks depend on. `links` None: the brand has no list. `last`: how our last message began.

    `own`, `others`: what the brand and the other brands are called. `language`: of the text, `speaks`: of the person; "" where
    nobody knows. `allowed`: texts in which a promise may stand. `again`: to how many others the same was sent within a day.
    `files`: how many go with it; `undescribed`: how many of them are pictures without a description that would be shown.
    """

    text: str
    parts: tuple[str, ...]
    reach: Reach
    asked_in: Reach
    unfit: str = ""
    banned: tuple[str, ...] = ()
    links: tuple[str, ...] | None = None
    ours: str = ""  # where the house's own public pages begin; "": nobody outside can reach them
    last: str = ""
    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    language: str = ""
    speaks: str = ""
    allowed: tuple[str, ...] = ()
    refund_limit: float = 0.0
    told: tuple[Told, ...] = ()
    given: tuple[Given, ...] = ()
    again: int = 0
    today: date | None = None
    window: str = ""  # why the network does not let us
    files: int = 0
    undescribed: int = 0
