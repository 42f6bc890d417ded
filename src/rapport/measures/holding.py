"""Holding replies: what a machine tells whoever waits during a burst is no answer, and ends nobody's wait."""

from collections.abc import Callable
from typing import Any, Protocol

from rapport.model.burst import holding_draft
from rapport.model.fact import BurstAnswered, Fact, ReplyQueued

LONGEST = 3 * 24 * 3_600_000  # milliseconds after which nothing of a burst goes out any more


class Rows(Protocol):
    """What is folded into. `bursts`: those whose holding reply goes out, and since when."""

    bursts: dict[bytes, int]


def answered(folded: Rows, at: int, fact: BurstAnswered) -> None:
    """A step against a burst was taken."""
    if fact.step == "holding":
        folded.bursts = {burst: since for burst, since in folded.bursts.items() if at - since < LONGEST} | {fact.burst: at}


def is_holding(folded: Rows, at: int, fact: ReplyQueued) -> bool:
    """Whether a reply only tells how long it takes."""
    near = (burst for burst, since in folded.bursts.items() if at - since < LONGEST)
    return any(holding_draft(burst, fact.conversation) == fact.draft for burst in near)


FOLDS: dict[type[Fact], Callable[[Any, int, Any], None]] = {BurstAnswered: answered}  # Any: the rows, and its own kind of fact
