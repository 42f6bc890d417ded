"""What a roster is, and what is legal in it: the words that every solver of it shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
OPEN_COST = 1_000.0  # of a shift that nobody takes
OFF = -1
SOLVERS = ("highs", "cp_sat")
EVEN_COST = 3.0  # of a late or a weekend shift beyond one's share
SECONDS = 20.0  # for a group, at most
INFEASIBLE, INFEASIBLE_COST = 2, float("inf")  # of milp: locked shifts break a rule
ROUNDED = 0.05  # of a cost: what solvers leave to rounding


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works what: (agents, days) the number of a template, OFF for a day off; shifts left open: (days, templates).

    `cost`: what all mind together, infinite where locked shifts break a rule; where there was no time to find anything, all is
    open. `bound`: below this no roster can be, what is left open at OPEN_COST each.
    """

    works: Ints
    left_open: Ints
    cost: float
    bound: float = 0.0

    @property
    def gap(self) -> float:
        """How far it may be above the best, in what is minded; 0: proven to be the best."""
        return max(0.0, self.cost + OPEN_COST * float(self.left_open.sum()) - self.bound - ROUNDED)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is legal: slots in a day (of the clock) and the rest between shifts, shifts a week, and days in a row at most.

    `nights`: slots from the midnight of each day to that of the next one that is rostered, where they are not all `day_slots`,
    as over closed days, and where the clocks change.
    """

    day_slots: int
    rest_slots: int
    shifts: int
    in_a_row: int = 6
    nights: tuple[int, ...] = ()

    def rests(self, day: int, ends: int, begins: int) -> bool:
        """Whether one who ends in a slot of a day has rested enough for a slot of the next day."""
        return begins + (self.nights[day] if self.nights else self.day_slots) - ends >= self.rest_slots
