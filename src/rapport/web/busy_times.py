"""When a calendar says that somebody is busy: events of an iCalendar file (RFC 5545), of today and the three weeks after it."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from rapport.errors import BadInput

AHEAD = timedelta(days=21)
MOST = 500  # times that are kept
LONGEST = timedelta(days=60)  # for which one event that repeats is looked back at
EARLIEST = 1900
_FOLD = re.compile(r"\r?\n[ \t]")
_SPAN = re.compile(r"P(?:([0-9]{1,5})W)?(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,7})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,7})S)?)?")
_FEW_DIGITS = re.compile(r"[0-9]{1,6}")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Busy(msgspec.Struct, frozen=True):
    """A time at which somebody is busy. What the event is about is not kept."""

    begin: datetime
    until: datetime


def times_text(text: str) -> tuple[Busy, ...]:
    """The times that a text keeps; none of an empty one."""
    return msgspec.json.decode(text, type=tuple[Busy, ...]) if text else ()


def read_busy(content: bytes, now: datetime) -> tuple[Busy, ...]:
    """The busy times of a calendar from now on. Raises BadInput where it is none."""
    text = _FOLD.sub("", content.decode("utf-8", "replace"))
    if "BEGIN:VCALENDAR" not in text:
        raise BadInput("this is no calendar: export it as iCalendar (.ics) and choose that file")
    found: set[Busy] = set()
    for event in text.split("BEGIN:VEVENT")[1:]:
        found.update(_times(_fields(event.split("END:VEVENT")[0]), now))
        if len(found) > 10 * MOST:
            found = set(_first(found))
    return _first(found)


def _first(found: set[Busy]) -> tuple[Busy, ...]:
    return tuple(sorted(found, key=lambda busy: (busy.begin, busy.until)))[:MOST]


def _fields(event: str) -> dict[str, tuple[str, str]]:
    """The lines of an event by name: parameters and value."""
    found: dict[str, tuple[str, str]] = {}
    for line in event.splitlines():
        head, colon, value = line.partition(":")
        name, _, parameters = head.partition(";")
        if colon:
            found.setdefault(name.upper(), (parameters, value.strip()))
    return found


def _times(fields: dict[str, tuple[str, str]], now: datetime) -> list[Busy]:
    begin = _time(*fields.get("DTSTART", ("", "")))
    said = {name: fields.get(name, ("", ""))[1].upper() for name in ("TRANSP", "STATUS")}
    is_free = said["TRANSP"] == "TRANSPARENT" or said["STATUS"] == "CANCELLED"
    if begin is None or is_free or begin > now + AHEAD:
        return []
    end = _time(*fields["DTEND"]) if "DTEND" in fields else None
    length = max(end - begin, timedelta(0)) if end else _span(fields.get("DURATION", ("", ""))[1])
    if not length and len(fields["DTSTART"][1]) == 8:
        length = timedelta(days=1)
    starts = _repeats(begin, min(length, LONGEST), fields.get("RRULE", ("", ""))[1], now)
    times = ((at, min(length, now + AHEAD + LONGEST - at)) for at in starts)
    return [Busy(at, at + for_) for at, for_ in times if for_ and at + for_ > now and at < now + AHEAD]


def _time(parameters: str, value: str) -> datetime | None:
    zone = re.search(r"TZID=\"?([^;\":]+)", parameters)
    try:
        if len(value) == 8:
            at = datetime.strptime(value, "%Y%m%d").replace(tzinfo=_zone(zone))
            return at if at.year >= EARLIEST else None
        at = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")
        at = at.replace(tzinfo=UTC if value.endswith("Z") else _zone(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year >= EARLIEST else None


def _zone(named: re.Match[str] | None) -> ZoneInfo:
    try:
        return ZoneInfo(named[1] if named else "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as America
        return ZoneInfo("UTC")


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0, 0)
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _count(text: str, otherwise: int) -> int:
    return int(text) if _FEW_DIGITS.fullmatch(text) else otherwise


def _repeats(begin: datetime, length: timedelta, rule: str, now: datetime) -> list[datetime]:
    """When an event begins: once, or daily and weekly as its rule says; other rules count once. Days near now are tried."""
    said = dict(part.partition("=")[::2] for part in rule.split(";") if "=" in part)
    if said.get("FREQ") not in ("DAILY", "WEEKLY"):
        return [begin]
    until = min(_time("", said.get("UNTIL", "")) or now + AHEAD, now + AHEAD)
    first, last = max(0, (now - length - begin).days), (until - begin).days
    every, most = max(1, _count(said.get("INTERVAL", ""), 1)), _count(said.get("COUNT", ""), last + 1)
    if said["FREQ"] == "DAILY":
        return [begin + timedelta(days=day) for day in range(first, last + 1) if day % every == 0 and day // every < most]
    begins = begin.weekday()
    on = sorted({DAYS.index(day) for day in said.get("BYDAY", "").split(",") if day in DAYS}) or [begins]
    before = sum(day < begins for day in on)  # of the first week, which are past
    found: list[datetime] = []
    for day in range(first, last + 1):
        week, weekday = divmod(begins + day, 7)
        if week % every == 0 and weekday in on and week // every * len(on) + on.index(weekday) - before < most:
            found.append(begin + timedelta(days=day))
    return found
