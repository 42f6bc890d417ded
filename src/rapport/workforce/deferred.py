"""Work that may wait until a deadline: the backlog, what falls due too late, and the capacity that keeps every deadline."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def backlog(arrivals: Floats, capacity: Floats, before: float = 0.0) -> Floats:
    """What waits at the end of each interval, in the unit of the arrivals; `before` waited at the beginning."""
    found = np.zeros(len(arrivals))
    waits = before
    for n, (came, can) in enumerate(zip(arrivals.tolist(), capacity.tolist(), strict=True)):
        waits = max(0.0, waits + came - can)
        found[n] = waits
    return found


def late(arrivals: Floats, capacity: Floats, deadline: int, before: float = 0.0) -> Floats:
    """How much of each interval's arrivals is not done `deadline` intervals later, first come first served."""
    waits = backlog(arrivals, capacity, before)
    done = np.cumsum(arrivals) + before - waits
    asked = np.cumsum(arrivals) + before
    by = np.minimum(np.arange(len(arrivals)) + deadline, len(arrivals) - 1)
    settled = np.arange(len(arrivals)) + deadline < len(arrivals)
    behind = np.maximum(asked - done[by], 0.0)
    return np.where(settled, np.minimum(behind, arrivals), 0.0)


def least_capacity(arrivals: Floats, deadline: int) -> float:
    """The least capacity, the same in every interval, that keeps every deadline: the steepest stretch of arrivals."""
    asked = np.concatenate(([0.0], np.cumsum(arrivals)))
    count = len(arrivals)
    steepest = 0.0
    for first in range(count):
        lasts = np.arange(first + 1, count + 1)
        steepest = max(steepest, float(((asked[lasts] - asked[first]) / (lasts - first + deadline)).max()))
    return steepest
