"""Correction: what an agent said a message is, where its reading was wrong; and how readers that learnt from such compare."""

from datetime import datetime

import msgspec

from rapport.model.ids import Id, derived_id

NONE = "none"  # said of an intent: none of those that are known
URGENCIES = ("urgent", "calm")
SENTIMENTS = ("negative", "neutral", "positive")
SPAM = ("yes", "no")
FEELINGS = ("anger", "fear", "joy", "sadness", "neutral")


class Correction(msgspec.Struct, frozen=True):
    """The label of one message; `id` is the message's. "" where a thing was not corrected.

    `votes`: what each agent said of its intent, so that disagreements show. `step`: how far the intent was raised, in log-odds.
    `traces`: the message's features as int32, which are no text; empty when the message was erased. `learns`: it is one of the
    newest, which change the next reading at once; older ones teach the next model only.
    """

    id: Id
    conversation: Id
    handle: Id | None
    agent: str
    at: datetime
    intent: str = ""
    emotion: str = ""
    urgency: str = ""
    was_intent: str = ""
    was_emotion: str = ""
    step: float = 0.0
    version: str = ""
    votes: dict[str, str] = {}
    traces: bytes = b""
    learns: bool = True
    sentiment: str = ""
    spam: str = ""


class IntentFigures(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One intent of a comparison: held-back labels of it, and how many each reader gave it rightly."""

    intent: str
    labels: int
    before: int
    after: int


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """Two readers on the same held-back labels. Shares are fractions; `low` to `high`: 95 % of the gain in the share right.

    `taught_on`: labels that taught the new one; `held`: labels of `persons` whom it never saw. `serves`: the rule lets it in.
    """

    version: str
    present: str
    taught_on: int
    held: int
    persons: int
    right_before: float
    right_after: float
    wrong_before: float
    wrong_after: float
    low: float
    high: float
    serves: bool
    reason: str
    intents: tuple[IntentFigures, ...] = ()


class Comparison(msgspec.Struct, frozen=True):
    """A comparison of readers as it stands on record. `id` follows from the version and the time."""

    id: Id
    at: datetime
    by: str
    version: str
    serves: bool
    figures: Figures


def comparison_id(action: bytes) -> bytes:
    """The id of the comparison that an action put on record."""
    return derived_id(action, "comparison")
