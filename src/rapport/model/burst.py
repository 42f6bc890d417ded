"""Burst: many more than usual come at once; what is seen of it while it runs, and what was done about it."""

from datetime import datetime
from typing import Literal

import msgspec

from rapport.model.ids import Id, derived_id

BurstStep = Literal["widen", "call_in", "holding"]
BURST_STEPS: tuple[BurstStep, ...] = ("widen", "call_in", "holding")
BURST_RULE = "rule:burst"  # who acts where the plan for a burst does
MOST_TOLD = 500  # who wait when the holding reply goes out, the oldest first


class BurstTaken(msgspec.Struct, frozen=True):
    """A step of the plan for a burst that was taken. `by` "": by itself, as the centre says; `names`: plans, agents, reply."""

    step: str
    by: str
    at: datetime
    names: tuple[str, ...] = ()


class Burst(msgspec.Struct, frozen=True):
    """Many more than usual. `kind`: `real`, or `brigade` where most of it is held as nearly equal messages of a crowd.

    `came`, `above`, `to_come`: contacts since it began, above the usual, and above it that may still come; `lasts`: for how
    many seconds. `held` of those that came; `voices`: from how many names. `people`: who would have to come to do it in that
    time; `waits`: seconds that a newcomer waits, as things go.
    """

    id: Id
    since: datetime
    seen_at: datetime
    kind: str = "real"
    usual: float = 0.0
    came: int = 0
    above: int = 0
    to_come: int = 0
    lasts: float = 0.0
    held: int = 0
    voices: int = 0
    people: int = 1
    waits: float = 0.0
    ended_at: datetime | None = None
    taken: tuple[BurstTaken, ...] = ()

    def took(self, step: str) -> BurstTaken | None:
        """The step, where it was taken."""
        return next((one for one in self.taken if one.step == step), None)


def holding_action(burst: bytes, conversation: bytes) -> bytes:
    """The id of the action that lays the holding reply of a burst into a conversation's outbox."""
    return derived_id(burst, "holding", conversation)


def holding_draft(burst: bytes, conversation: bytes) -> bytes:
    """The id of the draft that follows from it, as replies name the drafts of an action."""
    return derived_id(holding_action(burst, conversation), "draft")
