"""The time as expressions see it: `taskrouter.currentHour` by UTC, `clock.hour` by the clock of the centre."""

from datetime import UTC, datetime
from functools import lru_cache

from rapport.matching.shifts import zone_of

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Times = dict[str, dict[str, float | str]]


def times_of(now: datetime, zone: str) -> Times:
    """Every time value, by name. Numbers as TaskRouter writes them: 14:05 is 1405; a day is `Mon` to `Sun`."""
    return _times_of(now.replace(second=0, microsecond=0), zone)


@lru_cache(maxsize=64)
def _times_of(now: datetime, zone: str) -> Times:
    utc, wall = now.astimezone(UTC), now.astimezone(zone_of(zone))
    return {
        "taskrouter": {
            "currentTime": float(utc.hour * 100 + utc.minute),
            "currentHour": float(utc.hour),
            "currentMin": float(utc.minute),
            "dayOfWeek": DAYS[utc.weekday()],
        },
        "clock": {
            "time": float(wall.hour * 100 + wall.minute),
            "hour": float(wall.hour),
            "minute": float(wall.minute),
            "day": DAYS[wall.weekday()],
            "date": wall.date().isoformat(),
        },
    }


def looks_at_time(path: tuple[str, ...]) -> bool:
    """Whether a path of a need is one of time."""
    return path[0] in ("taskrouter", "clock")
