"""The clocks of a calendar: by their name where the world knows it, else as the calendar itself explains them (VTIMEZONE).

Outlook writes names of its own, such as `Central Standard Time (Mexico)`, and says beside them when their clocks change.
"""

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta, tzinfo
from operator import itemgetter
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.web.desk.repeating import Rule, days_of, read_rule

MOST = 50  # clocks of one calendar
MOST_CHANGES = 12  # that one clock explains
MOST_DAYS = 7  # of the week, first to last, that the rule of a clock names
YEARS = 2  # in which changes by a rule are looked up, before the last one
_NAMED = re.compile(r"TZID=\"?([^;\":]+)", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})")


class Change(NamedTuple):
    """From when a clock is so far from UTC, for the first time, and by which rule again each year, until a day at most."""

    at: datetime
    offset: timedelta
    rule: Rule | None
    until: date

    def times(self, year: int) -> list[datetime]:
        """When it happens: the first time, and in the last years before the end of `year` in which its rule holds."""
        if self.rule is None:
            return [self.at]
        last = min(self.until, date(year, 12, 31))
        days = days_of(self.rule, self.at.date(), date(max(last.year - YEARS, 1), 1, 1), last)
        return [self.at, *(datetime.combine(day, self.at.time()) for day in days)]


class Explained(tzinfo):
    """A clock as a calendar explains it, for times up to the end of `year`; of long ago, roughly."""

    def __init__(self, changes: tuple[Change, ...], year: int) -> None:
        self.first = changes[0].offset
        self.changes = sorted((when, change.offset) for change in changes for when in change.times(year))

    def utcoffset(self, at: datetime | None) -> timedelta:
        """How far it is from UTC at a time of its own."""
        here = (at or datetime(2000, 1, 1)).replace(tzinfo=None)
        past = bisect_right(self.changes, here, key=itemgetter(0))
        return self.changes[past - 1][1] if past else self.first

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
    def of(cls, text: str, year: int) -> Self:
        """Of an unfolded calendar, for times up to the end of the year after `year`."""
        found: dict[str, Explained] = {}
        for part in text.split("BEGIN:VTIMEZONE")[1 : MOST + 1]:
            clock = part.split("END:VTIMEZONE")[0]
            name = re.search(r"^TZID[^:\n]*:(.+)$", clock, re.MULTILINE)
            changes = tuple(filter(None, map(_change, re.split(r"BEGIN:(?:STANDARD|DAYLIGHT)", clock)[1 : MOST_CHANGES + 1])))
            if name and changes:
                found[name[1].strip().lower()] = Explained(changes, year + 1)
        return cls(found)

    def named(self, parameters: str) -> tzinfo:
        """The clock that parameters of a time name: UTC where nobody knows it."""
        found = _NAMED.search(parameters)
        name = found[1].strip() if found else "UTC"
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as America
            return self.explained.get(name.lower(), UTC)


def zones_of(text: str, year: int) -> Zones:
    """The clocks of an unfolded calendar, which is read in `year`."""
    return Zones.of(text, year)


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
    repeats = said.get("RRULE", "").strip()
    rule = read_rule(repeats)
    plain = rule and rule.freq == "YEARLY" and not rule.count and not rule.places and len(rule.days) <= MOST_DAYS
    return Change(at, -span if offset[1] == "-" else span, rule if plain else None, max(at.date(), _until(repeats)))


def _until(repeats: str) -> date:
    """The last day of a rule of a clock; one more, for UNTIL is in UTC."""
    said = repeats.upper().partition("UNTIL=")[2][:8]
    try:
        return datetime.strptime(said, "%Y%m%d").date() + timedelta(days=1)
    except (ValueError, OverflowError):
        return date.max
