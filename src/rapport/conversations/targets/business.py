"""Business time: when so many open seconds or working days have passed, and how many lie between two times. Pure.

Hours are a wall clock's in their zone, and are turned into moments day by day: a day on which clocks change has an hour more or
less, and what is open across the change is as long as it really is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rapport.model.hours import DAYS

DAY = timedelta(days=1)
LONGEST = 1_500  # days that are looked through: a target of 15 working days needs 30, one of a year 400
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Calendar:
    """When it is open: by weekday, in a zone, but for the days off. No hours at all: around the clock."""

    zone: ZoneInfo
    hours: Mapping[str, tuple[str, ...]]
    is_off: Callable[[date], bool] = lambda day: False

    def spans(self, day: date) -> list[Span]:
        """What is open of the spans that begin on a day, in UTC; one that ends before it begins goes on past midnight."""
        if self.is_off(day):
            return []
        if not any(self.hours.values()):
            return [(_moment(day, time(), self.zone), _moment(day + DAY, time(), self.zone))]
        found = []
        for text in self.hours.get(DAYS[day.weekday()], ()):
            begin, _, end = text.partition("-")
            last = day if end != "24:00" and end > begin else day + DAY
            start, stop = (
                _moment(day, time.fromisoformat(begin), self.zone),
                _moment(last, time.fromisoformat(end.replace("24:00", "00:00")), self.zone),
            )
            if start < stop:
                found.append((start, stop))
        return found

    def is_working(self, day: date) -> bool:
        """Whether it is a working day: open at all or, around the clock, from Monday to Friday and not off."""
        if not any(self.hours.values()):
            return day.weekday() < 5 and not self.is_off(day)
        return bool(self.spans(day))


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def open_spans(calendar: Calendar, at: datetime) -> Iterator[Span]:
    """What is open from a time on, in UTC, in order, never twice; for LONGEST days."""
    reached = at.astimezone(UTC)
    first = at.astimezone(calendar.zone).date() - DAY
    for nth in range(LONGEST):
        for start, end in sorted(calendar.spans(first + nth * DAY)):
            start = max(start, reached)
            if start < end:
                yield start, end
                reached = end


def after(calendar: Calendar, at: datetime, seconds: float) -> datetime | None:
    """When so many open seconds have passed since `at`; None where it is never open so long."""
    left = timedelta(seconds=seconds)
    for start, end in open_spans(calendar, at):
        if left <= end - start:
            return start + left
        left -= end - start
    return None


def between(calendar: Calendar, start: datetime, end: datetime) -> float:
    """How many open seconds lie between two times; 0 where the second is not later."""
    found = timedelta()
    for begins, ends in open_spans(calendar, start):
        if begins >= end:
            break
        found += min(ends, end) - begins
    return found.total_seconds()


def working_days_after(calendar: Calendar, at: datetime, days: int) -> datetime | None:
    """The end of the last of so many working days that follow the day of `at`, which itself does not count."""
    day, left = at.astimezone(calendar.zone).date(), days
    for _ in range(LONGEST):
        day += DAY
        left -= calendar.is_working(day)
        if left == 0:
            spans = calendar.spans(day)
            return max(end for _, end in spans)
    return None
