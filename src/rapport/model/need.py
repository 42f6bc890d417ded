"""Need, Plan, Step and Offer: what waits to be matched, how it widens, what is put to one agent."""

from datetime import datetime
from enum import StrEnum

import msgspec

from rapport.model.ids import Id


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stage of a plan. `require` must hold of an agent; `prefer` adds weight where it holds; `seconds` 0: until served."""

    require: str = ""
    prefer: dict[str, float] = {}
    seconds: float = 0.0
    skip_if_nobody: bool = True


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a need's requirements widen while it waits. `when` is an expression over the conversation; "" fits all."""

    id: str
    steps: tuple[Step, ...]
    when: str = ""
    priority: int = 0  # of two plans that fit, the higher one
    offer_seconds: float = 30.0


class Need(msgspec.Struct, frozen=True):
    """A conversation that waits to be matched. `id` is the conversation's."""

    id: Id
    plan: str
    since: datetime
    step: int = 0
    step_until: datetime | None = None
    slot: str = ""
    urgency: float = 0.0
    declined_by: tuple[str, ...] = ()


class Term(msgspec.Struct, frozen=True):
    """One reason of a match: `attribute` by which `value`, and what it added to the worth of the pair."""

    attribute: str
    value: str
    weight: float
    evidence: str = ""


class Explanation(msgspec.Struct, frozen=True):
    """Why this agent: content, as it speaks of the person."""

    plan: str = ""
    step: int = 0
    considered: int = 0  # agents looked at
    removed: dict[str, int] = {}  # how many each filter took out
    terms: tuple[Term, ...] = ()
    score: float = 0.0
    others: tuple[tuple[str, float], ...] = ()  # the next best, at most four
    version: str = ""


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Offer(msgspec.Struct, frozen=True):
    """A need put to one agent, with the reasons."""

    id: Id
    conversation: Id
    agent: str
    slot: str
    made_at: datetime
    expires_at: datetime
    state: OfferState = OfferState.OPEN
    ended_at: datetime | None = None
    why: Explanation = Explanation()
