"""When a promise is to be kept: the day, the hour or the span that its sentence names."""

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.replies.sentences import folded
from rapport.replies.values import values

END_OF_DAY = time(23, 59)
_SPAN = re.compile(
    r"(?<!\w)(?P<n>\d{1,3}|an?|one|two|three|un|una|dos|tres|half an|media)\s(?:(?:business|working)\s)?"
    r"(?P<unit>minut|hour|hora|day|dia|week|semana)(?:s|es|os)?(?:\shabiles)?(?!\w)"
)
_NUMBERS = {"a": 1.0, "an": 1.0, "one": 1.0, "un": 1.0, "una": 1.0, "two": 2.0, "dos": 2.0, "three": 3.0, "tres": 3.0}
_NUMBERS |= {"half an": 0.5, "media": 0.5}
_UNITS = {"minut": 1 / 60, "hour": 1.0, "hora": 1.0, "day": 24.0, "dia": 24.0, "week": 168.0, "semana": 168.0}


def due_of(sentence: str, said_at: datetime, zone: str) -> datetime | None:
    """When what a sentence promises is due, by the clock of `zone`; None where it names no time.

    A day alone ends at midnight, an hour alone is the next one, a span counts from when it was said.
    """
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):  # of an unknown zone: by the clock of the time itself
        said_at = said_at.astimezone(ZoneInfo(zone or "UTC"))
    plain = folded(sentence[:600])
    found = list(values(plain, said_at.date(), is_folded=True))
    day = next((one.value for one in found if one.kind == "date"), "")
    hour = next((one.value for one in found if one.kind == "hour"), "")
    span = _SPAN.search(plain)
    if day:
        return _at(_day(day, said_at.date()), hour, said_at)
    if span is not None:
        amount = _NUMBERS.get(span["n"]) or float(span["n"])
        return said_at + timedelta(hours=amount * _UNITS[span["unit"]])
    if hour:
        at = _at(said_at.date(), hour, said_at)
        return at if at is None or at > said_at else at + timedelta(days=1)
    return None


def _day(text: str, today: date) -> date | None:
    """The next day with that month and day (`03-28`); None where there is none such."""
    month, number = map(int, text.split("-"))
    for year in (today.year, today.year + 1):
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if day >= today:
            return day
    return None


def _at(day: date | None, hour: str, said_at: datetime) -> datetime | None:
    if day is None:
        return None
    if hour == "24:00" or not hour or (hour == "00:00" and day == said_at.date()):  # midnight is the end of its day
        return datetime.combine(day, END_OF_DAY, said_at.tzinfo)
    ahead, clock = divmod(int(hour[:2]), 24)
    return datetime.combine(day + timedelta(days=ahead), time(clock, int(hour[3:])), said_at.tzinfo)
