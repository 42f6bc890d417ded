"""Whether a burst is under way, by the counts of half-hours: since when, how many above the usual, and to come."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from rapport.workforce.bursts import Detector

STEP = timedelta(minutes=30)
LOOKED_AT = timedelta(days=35)


class BurstShown(msgspec.Struct, frozen=True):
    """A burst that is under way: conversations above the usual so far, those that may still come, and for how many seconds."""

    since: datetime
    above: int
    to_come: int
    lasts: float
    people: int  # who would have to come to do it within the time that it lasts


def burst_now(
    found: Sequence[tuple[datetime, int, int]], now: datetime, *, handle_seconds: float, places: float
) -> BurstShown | None:
    """The burst at `now`; every half-hour that has ended is looked at, those in which nothing came too."""
    counts = {began: count for began, count, _ in found}
    at = max(min(counts, default=now), now - LOOKED_AT).replace(hour=0, minute=0, second=0, microsecond=0)
    detector, since = Detector(30), at
    while at + STEP <= now:
        if detector.see(float(counts.get(at, 0))).begins:
            since = at
        at += STEP
    burst = detector.running
    if burst is None:
        return None
    lasts = max(burst.still_to_last, 1.0) * STEP.total_seconds()
    work = burst.still_to_come * handle_seconds / max(places, 1.0)
    people = max(1, round(work / lasts))
    return BurstShown(since, round(burst.above), round(burst.still_to_come), lasts, people)
