"""Need, Plan, Step and Offer: what waits to be matched, how it widens, what is put to one agent."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from rapport.model.ids import Id

MOST_OFFERS = 5  # of one need at once


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stage of a plan. `require` must hold of an agent; `prefer` adds weight where it holds; `seconds` 0: until served."""

    require: str = ""
    prefer: dict[str, float] = {}
    seconds: float = 0.0
    skip_if_nobody: bool = True


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a need's requirements widen while it waits. `when` is an expression over the conversation; "" fits all.

    The last step lasts until the need is served. `ends`: what holds where no agent of the centre, present or not, could ever
    meet it: `anyone` may be asked, or it will `wait` until the centre has one.
    """

    id: str
    steps: tuple[Step, ...]
    when: str = ""
    priority: int = 0  # of two plans that fit, the higher one
    offer_seconds: float = 30.0
    ends: Literal["anyone", "wait"] = "anyone"
    offers: int = 1  # to how many agents at once it is put; the first who accepts has it


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


MOST_OPTIONS = 5  # of a decision, kept with it


class Option(msgspec.Struct, frozen=True, array_like=True):
    """Somebody who could have been asked, and what the decision looked at: enough to make it again with another model.

    Asking them was worth `likely` + `besides`: the chance that they resolve it, and all else, as their time's price.
    `shift`: what language and the plan's preferences add to the log-odds. `terms`: what was seen of the pair, by feature.
    """

    agent: str
    likely: float
    besides: float
    shift: float
    terms: dict[str, float]


class Explanation(msgspec.Struct, frozen=True, gc=False):
    """Why this agent: content, as it speaks of the person."""

    plan: str = ""
    step: int = 0
    considered: int = 0  # agents looked at
    removed: dict[str, int] = {}  # how many each filter took out
    terms: tuple[Term, ...] = ()
    score: float = 0.0
    others: tuple[tuple[str, float], ...] = ()  # the next best, at most four
    version: str = ""
    mode: str = "best"  # how it was decided: `Profile.matching`
    likely: float = 0.0  # that this agent resolves it, where that was reckoned
    price: float = 0.0  # what the agent's time is worth to others
    hope: float = 0.0  # what waiting for somebody better was worth to the need
    surplus: float = 0.0  # of the pair over waiting, all terms together
    propensity: float = 1.0  # with which this agent was chosen
    drawn: bool = False  # among near-ties, by chance
    options: tuple[Option, ...] = ()  # see `matching.choosing.options`: the chosen first; only where patience decided


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Offer(msgspec.Struct, frozen=True, gc=False):
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
