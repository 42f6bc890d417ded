"""Opening hours as a centre writes them: by weekday, spans such as 09:00-18:00, in its own zone; none at all is always open."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = Mapping[str, tuple[str, ...]]
MOST_SPANS = 10  # of a day
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)
WEEK = timedelta(days=7)
AHEAD = 8  # days: whoever opens at all does so within a week


class Opening(NamedTuple):
    """Whether it is open, and until when that holds; None: for as long as the hours stand."""

    is_open: bool
    until: datetime | None


def check_hours(hours: Hours) -> None:
    """Raise ValueError where a day is none or a span cannot be read."""
    for day, spans in hours.items():
        if day not in DAYS:
            raise ValueError(f"hours know the days {', '.join(DAYS)}, got {day!r}")
        if len(spans) > MOST_SPANS:
            raise ValueError(f"a day has at most {MOST_SPANS} spans of hours, {day} has {len(spans)}")
        for span in spans:
            if not _SPAN.fullmatch(span):
                raise ValueError(f"hours are spans such as 09:00-18:00, got {span!r} on {day}")


def opening(hours: Hours, at: datetime, zone: ZoneInfo) -> Opening:
    """Whether `hours` are open at a time, and until when."""
    if not any(hours.values()):
        return Opening(True, None)
    today = at.astimezone(zone).date()
    spans = sorted(span for day in range(-1, AHEAD) for span in _spans(hours, today + timedelta(days=day), zone))
    closes = None
    for start, end in spans:
        if start > (closes or at):
            break
        if end > at:
            closes = max(end, closes or end)
    if closes is not None:
        return Opening(True, closes if closes - at < WEEK else None)
    return Opening(False, next(start for start, _ in spans if start > at))


def _spans(hours: Hours, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The spans that begin on a day; one that ends before it begins goes on past midnight."""
    for span in hours.get(DAYS[day.weekday()], ()):
        begin, _, end = span.partition("-")
        start = datetime.combine(day, time.fromisoformat(begin), zone)
        last = day if end != "24:00" and end > begin else day + timedelta(days=1)
        yield start, datetime.combine(last, time.fromisoformat(end.replace("24:00", "00:00")), zone)
