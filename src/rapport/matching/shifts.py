"""Shifts: when an agent works, as `mon-fri 09:00-18:00`, by the clock on the wall of their own zone.

Days are named by three letters in English or Spanish, or `daily`; a shift that ends before it begins ends on the next day.
One day may be said by its date, as `2026-03-03 10:00-14:00` or `2026-03-03 off`: on that day nothing else holds.
`2026-03-03 free` is a day off too, which a roster or a swap gave: another roster may give it work again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.errors import BadInput
from rapport.matching.stems import plain

_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPANISH = ("lun", "mar", "mie", "jue", "vie", "sab", "dom")
_DAYS = {name: day for names in (_ENGLISH, _SPANISH) for day, name in enumerate(names)}
_DAILY = ("daily", "diario")
_SHIFT = re.compile(r"([a-z]+)(?:-([a-z]+))?\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})\s+(?:(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})|off|libre|free|descanso)")
_FREE = ("free", "descanso")
DAY = 24 * 60
CURE = "write days and times, as `mon-fri 09:00-18:00` or `sab 10:00-14:00`, or one day as `2026-03-03 off`"


@dataclass(frozen=True, slots=True)
class Shift:
    """Days from 0, Monday, and minutes from midnight; `end` above a day is on the next one.

    `day`: the one day that it speaks of; a day off ends when it begins. `leave`: such a day, on which nobody is rostered.
    """

    days: frozenset[int]
    start: int
    end: int
    day: date | None = None
    leave: bool = False


@lru_cache(maxsize=4096)
def read_shift(text: str) -> Shift:
    """The shift that a text says. Raises BadInput with the cure."""
    said = plain(text.strip())
    if dated := _DATED.fullmatch(said):
        return _of_a_day(text, dated)
    found = _SHIFT.fullmatch(said)
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


def _of_a_day(text: str, found: re.Match[str]) -> Shift:
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        raise BadInput(f"shift is {text!r}, of a day that no calendar has; {CURE}") from None
    if found[2] is None:
        return Shift(frozenset(), 0, 0, day, leave=not found[0].endswith(_FREE))
    start, end = int(found[2]) * 60 + int(found[3]), int(found[4]) * 60 + int(found[5])
    if max(int(found[3]), int(found[5])) > 59 or start >= DAY or end > DAY:
        raise BadInput(f"shift is {text!r}, at a time that no day has; {CURE}")
    return Shift(frozenset(), start, end if end > start else end + DAY, day)


def turns_on(shifts: Iterable[Shift], day: date) -> list[tuple[int, int]]:
    """When they work on a day, in minutes from its midnight: what is said of the day itself, else of its weekday."""
    dated, weekly = [], []
    for shift in shifts:
        if shift.day == day:
            dated.append(shift)
        elif day.weekday() in shift.days:
            weekly.append(shift)
    return sorted((shift.start, shift.end) for shift in dated or weekly if shift.end > shift.start)


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none such."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def is_on(shifts: Iterable[Shift], zone: str, now: datetime) -> bool:
    """Whether any of the shifts is on `now`."""
    wall, shifts = now.astimezone(zone_of(zone)), list(shifts)
    minute, today = wall.hour * 60 + wall.minute, wall.date()
    if any(start <= minute < end for start, end in turns_on(shifts, today)):
        return True
    return any(minute < end - DAY for _, end in turns_on(shifts, today - timedelta(days=1)))


def next_start(shifts: Iterable[Shift], zone: str, now: datetime) -> datetime | None:
    """When the next shift begins after `now`, in the zone of `now`; None where there is none."""
    wall, shifts = now.astimezone(zone_of(zone)), list(shifts)
    dated = sorted(shift.day for shift in shifts if shift.day is not None and shift.day > wall.date())
    for day in [*(wall.date() + timedelta(days=ahead) for ahead in range(8)), *dated]:
        begins = wall.replace(year=day.year, month=day.month, day=day.day, second=0, microsecond=0)
        starts = [begins.replace(hour=start // 60, minute=start % 60) for start, _ in turns_on(shifts, day)]
        later = [at for start in starts if (at := start.astimezone(now.tzinfo)) > now]
        if later:
            return min(later)
    return None
