"""What an agent's time is worth to the needs that come: prices learnt from arrivals, with no forecast.

A stochastic approximation of the duals of the assignment of all needs to all agents: each need that comes asks for agents in
proportion to what it would gain of them at today's prices, and pushes up their price; time takes it down again.
"""

import numpy as np
from numpy.typing import NDArray

from rapport.matching.policy.constants import Constants

Floats = NDArray[np.float64]
STEEPEST = 500.0  # an exponent that does not overflow


def learnt(prices: Floats, values: Floats, handling: Floats, constants: Constants) -> Floats:
    """The prices after one need came, per `handle_seconds` of an agent: (agents,), at least 0.

    `values`: (agents,), what each is worth to the need, -inf who may not be asked, whether free or busy.
    `handling`: (agents,), the expected handle time in units of `handle_seconds`.
    """
    wanted = np.exp(np.minimum((values - prices * handling) / constants.softness, STEEPEST))
    share = constants.price_step / (1.0 + float(wanted.sum()))
    return np.asarray(prices + share * wanted * handling, np.float64)


def drifted(prices: Floats, seconds: float, constants: Constants) -> Floats:
    """The prices after so many seconds in which nobody came: (agents,), at least 0."""
    fall = constants.price_step * constants.occupancy * seconds / constants.handle_seconds
    return np.asarray(np.maximum(prices - fall, 0.0), np.float64)
