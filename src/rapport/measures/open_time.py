"""Open time: how many open milliseconds lie between many pairs of moments. Pure; numpy in, numpy out.

Hours are a wall clock's in their zone and are turned into moments day by day: on a day on which the clocks change, what is open
across the change is as long as it really is.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from rapport.model.hours import DAYS

Times = NDArray[np.int64]
DAY = 86_400_000
EPOCH = date(1970, 1, 1)


class Hours(NamedTuple):
    """Open hours by weekday, by the clocks of a zone."""

    by_day: Mapping[str, tuple[str, ...]]
    zone: ZoneInfo

    @property
    def lens(self) -> object:
        """Two with the same one tell the same."""
        return (self.zone.key, *((day, *times) for day, times in sorted(self.by_day.items())))


class OpenTime:
    """Open spans from `start` to `end`, in milliseconds, in order and apart. No hours at all: always open.

    `lens`: two with the same one tell the same of what lies within both.
    """

    def __init__(self, hours: Mapping[str, tuple[str, ...]], zone: ZoneInfo, start: int, end: int) -> None:
        self.hours = Hours(hours, zone)
        self.lens = self.hours.lens
        spans = _spans(hours, zone, start, end) if any(hours.values()) else [(start - DAY, end + DAY)]
        self.begins = np.array([begin for begin, _ in spans], np.int64)
        self.lengths = np.array([stop - begin for begin, stop in spans], np.int64)
        self.before = np.concatenate(([0], np.cumsum(self.lengths)))[:-1].astype(np.int64)

    def between(self, since: Times, until: Times) -> Times:
        """Open milliseconds from each of `since` to each of `until`; (n,)."""
        return self._upto(until) - self._upto(since)

    def _upto(self, at: Times) -> Times:
        if not len(self.begins):
            return np.zeros(len(at), np.int64)
        span = np.maximum(np.searchsorted(self.begins, at, side="right") - 1, 0)
        open_so_far: Times = self.before[span] + np.clip(at - self.begins[span], 0, self.lengths[span])
        return open_so_far


def _spans(hours: Mapping[str, tuple[str, ...]], zone: ZoneInfo, start: int, end: int) -> list[tuple[int, int]]:
    first = EPOCH + timedelta(days=start // DAY - 2)
    found: list[tuple[int, int]] = []
    for nth in range((end - start) // DAY + 5):
        day = first + timedelta(days=nth)
        for text in sorted(hours.get(DAYS[day.weekday()], ())):
            begin, _, stop = text.partition("-")
            last = day if stop != "24:00" and stop > begin else day + timedelta(days=1)
            opens, closes = _moment(day, begin, zone), _moment(last, stop.replace("24:00", "00:00"), zone)
            if found and opens <= found[-1][1]:
                found[-1] = (found[-1][0], max(closes, found[-1][1]))
            elif opens < closes:
                found.append((opens, closes))
    return found


def _moment(day: date, at: str, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC).timestamp()) * 1000


def midnight(day: int, zone: ZoneInfo) -> int:
    """When a day begins, by its ordinal, in milliseconds."""
    return _moment(date.fromordinal(day), "00:00", zone)
