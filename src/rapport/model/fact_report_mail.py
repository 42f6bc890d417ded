"""Reports by mail, from outside, numbers 171 and 172: somebody wants one, or no more; they were told of it."""

from datetime import datetime

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class ReportMailSet(Fact, frozen=True):
    """Somebody is to be told of a report, from `next_at` on; `stopped`: no more."""

    number = 171
    mail: Id
    agent: str
    query: str = ""
    every: str = "week"
    weekday: int = 0
    hour: int = 8
    next_at: datetime | None = None
    stopped: bool = False


class ReportMailed(Fact, frozen=True):
    """Its time came, and the next is `next_at`. On record before the mail goes, so that it never goes twice."""

    number = 172
    mail: Id
    next_at: datetime
