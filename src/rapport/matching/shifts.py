"""Shifts: when an agent works, as `mon-fri 09:00-18:00`, by the clock on the wall of their own zone.

Days are named by three letters in English or Spanish, or `daily`; a shift that ends before it begins ends on the next day.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.errors import BadInput
from rapport.matching.stems import plain

_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPANISH = ("lun", "mar", "mie", "jue", "vie", "sab", "dom")
_DAYS = {name: day for names in (_ENGLISH, _SPANISH) for day, name in enumerate(names)}
_DAILY = ("daily", "diario")
_SHIFT = re.compile(r"([a-z]+)(?:-([a-z]+))?\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
DAY = 24 * 60
CURE = "write days and times, as `mon-fri 09:00-18:00` or `sab 10:00-14:00`"


@dataclass(frozen=True, slots=True)
class Shift:
    """Days from 0, Monday, and minutes from midnight; `end` above a day is on the next one."""

    days: frozenset[int]
    start: int
    end: int

    def is_on(self, wall: datetime) -> bool:
        """Whether it is on at this time of the wall."""
        minute = wall.hour * 60 + wall.minute
        today = wall.weekday() in self.days and self.start <= minute < self.end
        return today or ((wall.weekday() - 1) % 7 in self.days and minute < self.end - DAY)


@lru_cache(maxsize=4096)
def read_shift(text: str) -> Shift:
    """The shift that a text says. Raises BadInput with the cure."""
    found = _SHIFT.fullmatch(plain(text.strip()))
    if not found:
        raise BadInput(f"shift is {text!r}; {CURE}")
    first, last = found[1], found[2] or found[1]
    start, end = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
    is_daily = first in _DAILY and not found[2]
    if not is_daily and not {first[:3], last[:3]} <= set(_DAYS):
        raise BadInput(f"shift is {text!r}, of a day that nobody knows; {CURE}")
    if max(int(found[4]), int(found[6])) > 59 or start >= DAY or end > DAY:
        raise BadInput(f"shift is {text!r}, at a time that no day has; {CURE}")
    begins = 0 if is_daily else _DAYS[first[:3]]
    count = 7 if is_daily else (_DAYS[last[:3]] - begins) % 7 + 1
    days = frozenset((begins + nth) % 7 for nth in range(count))
    return Shift(days, start, end if end > start else end + DAY)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none such."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def is_on(shifts: Iterable[Shift], zone: str, now: datetime) -> bool:
    """Whether any of the shifts is on `now`."""
    wall = now.astimezone(zone_of(zone))
    return any(shift.is_on(wall) for shift in shifts)


def next_start(shifts: Iterable[Shift], zone: str, now: datetime) -> datetime | None:
    """When the next shift begins after `now`, in the zone of `now`; None where there is none."""
    wall = now.astimezone(zone_of(zone))
    starts: list[datetime] = []
    for shift in shifts:
        for ahead in range(8):
            day = wall + timedelta(days=ahead)
            if day.weekday() in shift.days:
                start = day.replace(hour=shift.start // 60, minute=shift.start % 60, second=0, microsecond=0)
                starts.append(start.astimezone(now.tzinfo))
    return min((start for start in starts if start > now), default=None)
