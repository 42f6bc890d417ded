"""A crowd: many who wait for one kind of place, in a market of their own."""

from dataclasses import dataclass, field

from rapport.matching.board import Turn
from rapport.matching.engine.market import Market
from rapport.matching.seating import Ask


@dataclass(slots=True)
class Crowd:
    """Slots of the market are agents, by position. `waiting`: who has which number in it; `numbers`: the other way round."""

    market: Market
    since: float  # Unix seconds from which the age of needs is counted
    waiting: dict[int, tuple[Ask, Turn]] = field(default_factory=dict)
    numbers: dict[bytes, int] = field(default_factory=dict)
    turn: int = 0  # of the standing, as it was looked at last
    outdated: int = 0  # how many of the first who wait were listed before that

    def seat(self, number: int) -> tuple[Ask, float]:
        """Where on the board the need stands that has this number."""
        ask, (turn, _) = self.waiting[number]
        return ask, turn
