"""ReportMail: a report that somebody is told of by mail, every day or once a week, at an hour of the centre's clock."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from rapport.model.ids import Id

Every = Literal["day", "week"]


class ReportMail(msgspec.Struct, frozen=True):
    """`agent`: who is told; `query`: the address of the report; `weekday`: 0 is Monday, of a weekly one; `sent_at`: last."""

    id: Id
    agent: str
    query: str
    every: str
    weekday: int
    hour: int
    next_at: datetime
    sent_at: datetime | None = None


def next_time(every: str, weekday: int, hour: int, zone: ZoneInfo, after: datetime) -> datetime:
    """The next such hour by the clock on the wall after a moment; an hour that clocks leave out is the one after it."""
    day = after.astimezone(zone).date()
    while True:
        at = datetime.combine(day, time(hour), zone)
        if at > after and (every == "day" or day.weekday() == weekday):
            return at
        day += timedelta(days=1)
