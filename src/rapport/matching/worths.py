"""Worths: what agents are worth to all needs that ask and wish the same; kept until somebody comes or goes."""

import numpy as np
from numpy.typing import NDArray

from rapport.matching.plan import plan_called, step_of
from rapport.matching.seating import Ask, Eligible
from rapport.matching.standing import Standing
from rapport.matching.value import add_wish
from rapport.matching.wants import Wants
from rapport.matching.wishes import WEIGHTS

MOST_KEPT = 4_000_000  # worths of pairs that are remembered

Floats = NDArray[np.float64]


def worth_of(ask: Ask, may: Eligible, wants: Wants, standing: Standing) -> Floats:
    """What each agent is worth, -inf who may not be asked: (agents,), not to be written to. `wants`: of any such need."""
    key = (ask, wants.wish)
    found = standing.found.get(key)
    if found is None:
        if len(standing.found) * len(may.mask) > MOST_KEPT:
            standing.found.clear()
        found = _of_ask(ask, may, wants, standing).copy()
        add_wish(found, wants.wish, standing.roster)
        standing.found[key] = found
    assert isinstance(found, np.ndarray)
    return found


def _of_ask(ask: Ask, may: Eligible, wants: Wants, standing: Standing) -> Floats:
    """What agents are worth whatever is wished: by language, as a bot, by what the plan prefers."""
    found = standing.found.get(("worth", ask))
    if isinstance(found, np.ndarray):
        return found
    roster = standing.roster
    worth = np.where(may.mask, 0.0, -np.inf)
    if ask.language:
        worth += WEIGHTS["languages"] * roster.speakers(ask.language)
    if ask.bots:
        worth += WEIGHTS["bot"] * roster.bots
    for preferred, weight in step_of(plan_called(roster.centre, ask.plan, ask.kind), ask.step).prefer.items():
        worth += weight * roster.holding(preferred, ask.values, wants.record_with(ask.values))
    standing.found["worth", ask] = worth
    return worth
