"""When a calendar says that somebody is busy: events of an iCalendar file (RFC 5545), of today and the three weeks after it."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from rapport.errors import BadInput

AHEAD = timedelta(days=21)
MOST = 500  # times that are kept
MOST_REPEATS = 1000
_FOLD = re.compile(r"\r?\n[ \t]")
_SPAN = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
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
    found: list[Busy] = []
    for event in text.split("BEGIN:VEVENT")[1:]:
        found += _times(_fields(event.split("END:VEVENT")[0]), now)
    return tuple(sorted(set(found), key=lambda busy: (busy.begin, busy.until)))[:MOST]


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
    if begin is None or is_free:
        return []
    end = _time(*fields["DTEND"]) if "DTEND" in fields else begin + _span(fields.get("DURATION", ("", ""))[1])
    length = max((end or begin) - begin, timedelta(0))
    if not length and len(fields["DTSTART"][1]) == 8:
        length = timedelta(days=1)
    starts = _repeats(begin, fields.get("RRULE", ("", ""))[1], now)
    return [Busy(at, at + length) for at in starts if length and at + length > now and at < now + AHEAD]


def _time(parameters: str, value: str) -> datetime | None:
    zone = re.search(r"TZID=\"?([^;\":]+)", parameters)
    try:
        if len(value) == 8:
            return datetime.strptime(value, "%Y%m%d").replace(tzinfo=_zone(zone))
        at = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        return None
    return (at.replace(tzinfo=UTC if value.endswith("Z") else _zone(zone))).astimezone(UTC)


def _zone(named: re.Match[str] | None) -> ZoneInfo:
    try:
        return ZoneInfo(named[1] if named else "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0, 0)
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _repeats(begin: datetime, rule: str, now: datetime) -> list[datetime]:
    """When an event begins: once, or daily and weekly as its rule says; other rules count once."""
    said = dict(part.partition("=")[::2] for part in rule.split(";") if "=" in part)
    if said.get("FREQ") not in ("DAILY", "WEEKLY"):
        return [begin]
    until = min(_time("", said.get("UNTIL", "")) or now + AHEAD, now + AHEAD)
    every, days = (
        max(1, int(said.get("INTERVAL", "1")) if said.get("INTERVAL", "1").isdigit() else 1),
        said.get("BYDAY", "").split(","),
    )
    count = int(said["COUNT"]) if said.get("COUNT", "").isdigit() else MOST_REPEATS
    week = begin - timedelta(days=begin.weekday())
    found: list[datetime] = []
    at = begin
    while at <= until and len(found) < min(count, MOST_REPEATS * 10):
        if said["FREQ"] == "DAILY":
            fits = (at - begin).days % every == 0
        else:
            on = DAYS[at.weekday()] in days if days != [""] else at.weekday() == begin.weekday()
            fits = on and ((at - week).days // 7) % every == 0
        if fits:
            found.append(at)
        at += timedelta(days=1)
    return found
