"""Why a shift stays open: what keeps each person of the group from it, counted."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from rapport.workforce.roster_rules import OFF, Roster, Rules

Ints = NDArray[np.int64]


def reasons(made: Roster, spans: Ints, rules: Rules, may: NDArray[np.bool_], day: int, kind: int) -> Counter[str]:
    """How many may not (away), work that day (works), would rest too little (rest), have all their shifts (full) or would work
    too many days in a row (in_a_row); `free` are those whom only the time that was given to look kept from it.
    """
    return Counter(_reason(made.works[agent], spans, rules, may[agent], day, kind) for agent in range(len(made.works)))


def _reason(works: Ints, spans: Ints, rules: Rules, may: NDArray[np.bool_], day: int, kind: int) -> str:
    if not may[day, kind]:
        return "away"
    if works[day] != OFF:
        return "works"
    begins, ends = spans[kind]
    before = spans[works[day - 1]][1] if day and works[day - 1] != OFF else None
    after = spans[works[day + 1]][0] if day + 1 < len(works) and works[day + 1] != OFF else None
    if before is not None and not rules.rests(day - 1, before, begins):
        return "rest"
    if after is not None and not rules.rests(day, ends, after):
        return "rest"
    if int((works != OFF).sum()) >= rules.shifts:
        return "full"
    at_work = [bool(one != OFF) for one in works]
    at_work[day] = True
    return "in_a_row" if _longest(at_work) > rules.in_a_row else "free"


def _longest(days: list[bool]) -> int:
    longest = run = 0
    for one in days:
        run = run + 1 if one else 0
        longest = max(longest, run)
    return longest
