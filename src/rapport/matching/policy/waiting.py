"""The option value of waiting: what a need may hope for from the agents who are busy now, with its leaving in the balance.

A search equation: w solves hazard * w = rate * sum over busy agents of max(0, net - w). An agent becomes free at the rate
1 / handle time, and the need wins them with a chance that falls with the number of those who wait.
"""

from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from rapport.matching.policy.constants import Constants

Floats = NDArray[np.float64]


def wait_values(net: Floats, waiting: int, constants: Constants) -> Floats:
    """What waiting is worth to each need, at least 0: (needs,).

    `net`: (needs, agents, one at least), value less price of who is busy, up to 0 of others. `waiting`: how many wait.
    The maximum over k of the equation for the k best agents alone solves it, as the right k is where it is largest.
    """
    rate = constants.chance / sqrt(max(1, waiting)) / constants.handle_seconds
    best = np.sort(np.maximum(net, 0.0), axis=1)[:, ::-1]
    found = best.cumsum(axis=1) / _divisors(net.shape[1], rate, constants.hazard)
    return np.asarray(found.max(axis=1), np.float64)


@lru_cache(maxsize=256)
def _divisors(count: int, rate: float, hazard: float) -> Floats:
    """By what the sum of the k best is divided: (count,)."""
    found = np.arange(1, count + 1) + hazard / rate
    found.flags.writeable = False
    return np.asarray(found, np.float64)
