"""The clocks of a calendar: by their name where the world knows it, else as the calendar itself explains them (VTIMEZONE).

Outlook writes names of its own, such as `Central Standard Time (Mexico)`, and says beside them when their clocks change.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.web.repeating import Rule, days_of, read_rule

MOST = 50  # clocks of one calendar
MOST_CHANGES = 12  # that one clock explains
_NAMED = re.compile(r"TZID=\"?([^;\":]+)", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})")


class Change(NamedTuple):
    """From when a clock is so far from UTC, for the first time, and by which rule again each year."""

    at: datetime
    offset: timedelta
    rule: Rule | None

    def lately(self, here: datetime) -> datetime | None:
        """When it happened last before a time; None where it has not yet."""
        if here < self.at:
            return None
        if self.rule is None:
            return self.at
        days = (*_of_year(self, here.year - 1), *_of_year(self, here.year))
        return max((at for day in days if (at := datetime.combine(day, self.at.time())) <= here), default=self.at)


@lru_cache(maxsize=1000)
def _of_year(change: Change, year: int) -> tuple[date, ...]:
    """The days of a year on which it happens."""
    if change.rule is None or year < change.at.year:
        return ()
    return tuple(days_of(change.rule, change.at.date(), date(year, 1, 1), date(year, 12, 31)))


class Explained(tzinfo):
    """A clock as a calendar explains it."""

    def __init__(self, changes: tuple[Change, ...]) -> None:
        self.changes = changes

    def utcoffset(self, at: datetime | None) -> timedelta:
        """How far it is from UTC at a time of its own."""
        here = (at or datetime(2000, 1, 1)).replace(tzinfo=None)
        since = [(when, change.offset) for change in self.changes if (when := change.lately(here)) is not None]
        return max(since)[1] if since else self.changes[0].offset

    def dst(self, at: datetime | None) -> timedelta:
        """Nothing of its own: the offset says it all."""
        return timedelta(0)

    def tzname(self, at: datetime | None) -> str:
        """No name that anybody knows."""
        return "as explained"


class Zones:
    """The clocks that a calendar explains, by their names in lower case."""

    def __init__(self, explained: dict[str, Explained]) -> None:
        self.explained = explained

    @classmethod
    def of(cls, text: str) -> Self:
        """Of an unfolded calendar."""
        found: dict[str, Explained] = {}
        for part in text.split("BEGIN:VTIMEZONE")[1 : MOST + 1]:
            clock = part.split("END:VTIMEZONE")[0]
            name = re.search(r"^TZID[^:\n]*:(.+)$", clock, re.MULTILINE)
            changes = tuple(filter(None, map(_change, re.split(r"BEGIN:(?:STANDARD|DAYLIGHT)", clock)[1 : MOST_CHANGES + 1])))
            if name and changes:
                found[name[1].strip().lower()] = Explained(changes)
        return cls(found)

    def named(self, parameters: str) -> tzinfo:
        """The clock that parameters of a time name: UTC where nobody knows it."""
        found = _NAMED.search(parameters)
        name = found[1].strip() if found else "UTC"
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as America
            return self.explained.get(name.lower(), UTC)


def zones_of(text: str) -> Zones:
    """The clocks of an unfolded calendar."""
    return Zones.of(text)


def in_utc(here: datetime, zone: tzinfo) -> datetime:
    """A time of a clock in UTC; at the ends of the calendar of the world, as it stands."""
    try:
        return here.replace(tzinfo=zone).astimezone(UTC)
    except (OverflowError, ValueError):
        return here.replace(tzinfo=UTC)


def _change(part: str) -> Change | None:
    said = dict(line.partition(":")[::2] for line in part.splitlines())
    offset = _OFFSET.fullmatch(said.get("TZOFFSETTO", "").strip()[:5])
    try:
        at = datetime.strptime(said.get("DTSTART", "").strip(), "%Y%m%dT%H%M%S")
    except ValueError:
        return None
    if offset is None or at.year < 1600:
        return None
    span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    rule = read_rule(said.get("RRULE", "").strip())
    return Change(at, -span if offset[1] == "-" else span, rule if rule and rule.freq == "YEARLY" else None)
