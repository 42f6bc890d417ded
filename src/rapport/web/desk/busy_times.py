"""When a calendar says that somebody is busy: events of an iCalendar file (RFC 5545), of today and the three weeks after it.

An event that repeats does so on its own clock (`repeating`, `calendar_zones`); days that are taken out (EXDATE), put in (RDATE)
or moved (RECURRENCE-ID) count as their owner sees them.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from rapport.errors import BadInput
from rapport.web.desk.calendar_zones import Zones, in_utc, zones_of
from rapport.web.desk.repeating import days_of, read_rule

AHEAD = timedelta(days=21)
MOST = 500  # times that are kept
LONGEST = timedelta(days=60)  # for which one event that repeats is looked back at
MOST_EVENTS = 10_000  # of one calendar; a refusal names the cure, as does each of these
MOST_DATES = 20_000  # that are put in or taken out, in all
MOST_WORK = 150_000  # days that are tried for all that repeats, each as often as its rule asks something of it
EARLIEST = 1900
_FOLD = re.compile(r"\r?\n[ \t]")
_SPAN = re.compile(r"P(?:([0-9]{1,5})W)?(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,7})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,7})S)?)?")
Lines = dict[str, list[tuple[str, str]]]  # of an event by name: parameters and value of each


class Busy(msgspec.Struct, frozen=True):
    """A time at which somebody is busy. What the event is about is not kept."""

    begin: datetime
    until: datetime


def times_text(text: str) -> tuple[Busy, ...]:
    """The times that a text keeps; none of an empty one."""
    return msgspec.json.decode(text, type=tuple[Busy, ...]) if text else ()


def read_busy(content: bytes, now: datetime) -> tuple[Busy, ...]:
    """The busy times of a calendar from now on. Raises BadInput where it is none, or asks for more than one can."""
    text = _FOLD.sub("", content.decode("utf-8", "replace"))
    if "BEGIN:VCALENDAR" not in text:
        raise BadInput("this is no calendar: export it as iCalendar (.ics) and choose that file")
    parts = text.split("BEGIN:VEVENT", MOST_EVENTS + 1)
    if len(parts) > MOST_EVENTS + 1:
        raise BadInput(f"a calendar may have {MOST_EVENTS} events; share one with fewer, or export a shorter time of it")
    reading = Reading(zones_of(text, now.year), now)
    events = [_lines(event.split("END:VEVENT")[0]) for event in parts[1:]]
    moved = {
        (_value(event, "UID"), at)
        for event in events
        if "RECURRENCE-ID" in event and (at := reading.time(*event["RECURRENCE-ID"][0])) is not None
    }
    found: set[Busy] = set()
    for event in events:
        found.update(reading.times(event, moved))
        if len(found) > 10 * MOST:
            found = set(_first(found))
    return _first(found)


def _first(found: set[Busy]) -> tuple[Busy, ...]:
    return tuple(sorted(found, key=lambda busy: (busy.begin, busy.until)))[:MOST]


def _lines(event: str) -> Lines:
    found: Lines = {}
    first, *alarms = event.split("BEGIN:VALARM")
    said = first + "".join(alarm.partition("END:VALARM")[2] for alarm in alarms)
    for line in said.splitlines():
        head, colon, value = line.partition(":")
        name, _, parameters = head.partition(";")
        if colon:
            found.setdefault(name.upper(), []).append((parameters, value.strip()))
    return found


def _value(event: Lines, name: str) -> str:
    return event[name][0][1] if name in event else ""


class Reading:
    """The reading of one calendar. `work`, `dates`: how much more is done for events that repeat."""

    def __init__(self, zones: Zones, now: datetime) -> None:
        self.zones = zones
        self.now = now
        self.work = MOST_WORK
        self.dates = MOST_DATES

    def times(self, event: Lines, moved: set[tuple[str, datetime]]) -> list[Busy]:
        """When an event is, from now on; `moved`: which of what repeats stand elsewhere in the calendar."""
        begin = self.time(*event["DTSTART"][0]) if "DTSTART" in event else None
        is_free = _value(event, "TRANSP").upper() == "TRANSPARENT" or _value(event, "STATUS").upper() == "CANCELLED"
        if begin is None or is_free or begin > self.now + AHEAD:
            return []
        length = self._length(event, begin)
        starts = self._starts(event, begin, min(length, LONGEST))
        if "RRULE" in event:
            starts = {at for at in starts if (_value(event, "UID"), at) not in moved}
        times = ((at, min(length, self.now + AHEAD + LONGEST - at)) for at in starts)
        return [Busy(at, at + long) for at, long in times if long and at + long > self.now and at < self.now + AHEAD]

    def time(self, parameters: str, value: str) -> datetime | None:
        """A time of the calendar, in UTC; None where it is none."""
        here = _here(value)
        return in_utc(here, self._zone(parameters, value)) if here else None

    def _zone(self, parameters: str, value: str) -> tzinfo:
        return UTC if value.endswith("Z") else self.zones.named(parameters)

    def _length(self, event: Lines, begin: datetime) -> timedelta:
        end = self.time(*event["DTEND"][0]) if "DTEND" in event else None
        length = max(end - begin, timedelta(0)) if end else _span(_value(event, "DURATION"))
        return length or timedelta(days=1 if len(_value(event, "DTSTART")) == 8 else 0)

    def _starts(self, event: Lines, begin: datetime, length: timedelta) -> set[datetime]:
        """When it begins, near now: once, or as its rule says, with what is put in and without what is taken out."""
        parameters, value = event["DTSTART"][0]
        out = {at for line in event.get("EXDATE", ()) for at in self._each(line, value)}
        more = {at for line in event.get("RDATE", ()) for at in self._each(line, value)}
        rule, here, zone = read_rule(_value(event, "RRULE")), _here(value), self._zone(parameters, value)
        if rule is None or here is None:
            return {begin, *more} - out
        last = min(self.now + AHEAD, self._until(event, zone))
        first = (self.now - length).date() - timedelta(days=1)
        days = days_of(rule, here.date(), first, last.date() + timedelta(days=1), self._tried)
        starts = {in_utc(datetime.combine(day, here.time()), zone) for day in days}
        return ({at for at in starts if at <= last} | more) - out

    def _tried(self, days: int) -> None:
        self.work -= days
        if self.work < 0:
            raise BadInput("this calendar repeats more than can be read; share one with fewer events that repeat")

    def _until(self, event: Lines, zone: tzinfo) -> datetime:
        """The last moment at which it may begin again."""
        said = event["RRULE"][0][1].upper().partition("UNTIL=")[2].partition(";")[0]
        here = _here(said)
        if here is None:
            return self.now + AHEAD
        if len(said) == 8:
            return in_utc(here + timedelta(days=1), zone) - timedelta(microseconds=1)
        return in_utc(here, UTC if said.endswith("Z") else zone)

    def _each(self, line: tuple[str, str], like: str) -> list[datetime]:
        """The times of a list; of days, the time of day is that of the event."""
        parameters, values = line
        self.dates -= 1 + values.count(",")
        if self.dates < 0:
            raise BadInput(f"a calendar may name {MOST_DATES} days that are put in or taken out; share one with fewer")
        clock = like[8:] if len(like) > 8 else ""
        each = (value + clock if len(value) == 8 and clock else value.partition("/")[0] for value in values.split(","))
        return [at for value in each if (at := self.time(parameters, value)) is not None]


def _here(value: str) -> datetime | None:
    """A time as it is written, on its own clock."""
    try:
        at = datetime.strptime(value.removesuffix("Z"), "%Y%m%d" if len(value) == 8 else "%Y%m%dT%H%M%S")
    except ValueError:
        return None
    return at if at.year >= EARLIEST else None


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0, 0)
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
