"""Site: a place of work as the centre says it: what an hour costs there, how well it resolves, what to know of its people."""

from math import isfinite
from typing import Literal

import msgspec


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`slower`: work there over the usual; `resolved`, `shrinkage`: shares of needs at first contact, and of paid time away.

    An agent belongs to it by the attribute `site`. `notes`: culture, holidays, the network, what a planner should know.
    """

    id: str
    cost_per_hour: float
    name: str = ""
    shore: Literal["in_country", "near_shore", "off_shore"] = "in_country"
    slower: float = 1.0
    resolved: float = 0.8
    shrinkage: float = 0.3
    languages: tuple[str, ...] = ()
    zone: str = ""
    notes: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError where a figure cannot be."""
        sound = {
            "cost_per_hour": 0.0 < self.cost_per_hour < 1e6,
            "slower": 0.05 <= self.slower <= 20.0,
            "resolved": 0.05 <= self.resolved <= 1.0,
            "shrinkage": 0.0 <= self.shrinkage < 0.95,
        }
        for name, is_sound in sound.items():
            value = getattr(self, name)
            if not is_sound or not isfinite(value):
                raise ValueError(
                    f"{name} of site {self.id!r} is {value:g}: cost_per_hour is above 0, slower 0.05 to 20, resolved 0.05 "
                    "to 1, shrinkage from 0 below 0.95"
                )
