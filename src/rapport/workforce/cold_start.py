"""Cold start: a channel or a language that began lately takes the shape of the whole, at the share that it has had since."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ENOUGH_DAYS = 10  # of its own, from which on it is forecast by itself


def began(counts: Floats) -> int:
    """The first day, of (days, intervals), on which anything came; the number of days where nothing ever did."""
    days = np.flatnonzero(counts.sum(axis=1))
    return int(days[0]) if len(days) else len(counts)


def is_new(counts: Floats) -> bool:
    """Whether it began so lately that its own days say little, though the whole has more."""
    return len(counts) - began(counts) < ENOUGH_DAYS < len(counts)


def cold_started(counts: Floats, whole: Floats, forecast: Floats) -> Floats:
    """The forecast of a day, (intervals,): that of the whole at the share that this has had of it since it began."""
    first = began(counts)
    of_all = float(whole[first:].sum())
    return np.asarray(forecast * (float(counts[first:].sum()) / of_all if of_all > 0 else 0.0), np.float64)
