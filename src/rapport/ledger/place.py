"""Place: how much of a ledger somebody has seen, as `105.100` writes it."""

from typing import NamedTuple, Self

import asyncpg

from rapport.ledger.round import CURSOR


class Place(NamedTuple):
    """Up to which entry: `head` of facts that a worker wrote, `digested` of those from outside, as its rows follow later."""

    head: int = 0
    digested: int = 0

    def __str__(self) -> str:
        return f"{self.head}.{self.digested}"

    def with_all(self, other: Self) -> "Place":
        """What either has seen."""
        return Place(max(self.head, other.head), max(self.digested, other.digested))

    def lacks(self, other: Self) -> bool:
        """Whether the other has seen something that is not in this."""
        return other.head > self.head or other.digested > self.digested

    def behind(self, other: Self) -> int:
        """How many entries the other is further, at most."""
        return max(other.head - self.head, other.digested - self.digested, 0)


def read_place(text: str) -> Place | None:
    """The place that a text names; None where it names none."""
    parts = text.split(".")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    return Place(int(parts[0]), int(parts[1]))


async def place_now(db: asyncpg.Connection, tenant: int) -> Place:
    """How much there is to see now: both numbers as of one moment."""
    row = await db.fetchrow(
        """select (select seq from head where tenant = $1) as head,
                  (select seq from cursor where tenant = $1 and name = $2) as digested""",
        tenant,
        CURSOR,
    )
    return Place(row["head"] or 0, row["digested"] or 0)
