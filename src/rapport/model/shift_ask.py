"""ShiftAsk: that somebody work at another time, and what became of it."""

from datetime import datetime

import msgspec

from rapport.model.ids import Id

OPEN_ASKS = ("asked", "agreed")


class ShiftAsk(msgspec.Struct, frozen=True):
    """`model.fact_workforce.ShiftAsked`, and what was answered.

    `state`: asked, agreed, declined, withdrawn, done, refused or over.
    """

    id: Id
    kind: str
    agent: str
    to: str
    day: str
    begin: int
    end: int
    until: datetime
    at: datetime
    back_day: str = ""
    back_begin: int = 0
    back_end: int = 0
    burst: Id | None = None
    state: str = "asked"
    by: str = ""
    why: str = ""
    answered_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether something can still become of it."""
        return self.state in OPEN_ASKS
