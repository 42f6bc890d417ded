"""What a forecast is to be better than: last week again, and the mean of the last four same weekdays."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WEEKS = 4


def last_week(counts: Floats, dates: Sequence[date], ahead: int) -> Floats:
    """The last same weekday again; `dates` are those of `counts` and the days ahead: (ahead, intervals)."""
    return _mean_of(counts, dates, ahead, 1)


def mean_of_weeks(counts: Floats, dates: Sequence[date], ahead: int) -> Floats:
    """The mean of the last four same weekdays, as many planners do it: (ahead, intervals)."""
    return _mean_of(counts, dates, ahead, WEEKS)


def _mean_of(counts: Floats, dates: Sequence[date], ahead: int, weeks: int) -> Floats:
    known = len(counts)
    found = []
    for day in dates[known : known + ahead]:
        same = [n for n in range(known) if dates[n].weekday() == day.weekday()][-weeks:]
        found.append(counts[same or slice(-5, None)].mean(axis=0))
    return np.array(found)
