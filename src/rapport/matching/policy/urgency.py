"""Urgency as a convex cost of a service target, in the currency of value: the generalised c-mu rule of van Mieghem (1995)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST = 5.0  # scales beyond the target at which the marginal cost stops growing


def urgency(waited: Floats, target: Floats, scale: Floats, weight: float = 0.1) -> Floats:
    """What it is worth to serve each need now for its target's sake: (needs,), 0 without a wait, `weight` at the target.

    The marginal cost grows as exp((waited - target) / scale). All in seconds; a `target` of inf has no cost.
    """
    beyond = np.minimum((waited - target) / scale, MOST)
    return np.asarray(weight * (np.exp(beyond) - np.exp(np.minimum(-target / scale, MOST))), np.float64)
