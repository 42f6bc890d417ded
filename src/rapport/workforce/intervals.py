"""How sure a forecast is: bands as wide as its own late errors (split conformal prediction), and its update in the day.

Errors are taken on the square root scale, where they are alike at every hour.
"""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from rapport.workforce.forecast import TO_SPREAD, counted, rooted

Floats = NDArray[np.float64]
LATE = 60  # origins whose errors count
EARLY = 25  # days of history before an origin's error counts, where there are as many
QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)
POISSON = 0.25  # the variance of a root that only chance moves
# Of what is not chance, this share lasts over the day, with this length; tuned on the first 60 days of one series.
LASTS, LENGTH = 0.73, timedelta(hours=8)
FAR = 3.0  # standard deviations of an error that is drawn in before it moves the rest of the day


def bands(expected: Floats, errors: Floats, quantiles: tuple[float, ...] = QUANTILES) -> Floats:
    """Quantiles of the counts, (quantiles, ...) over the shape of `expected`; `errors` on the root scale, of any shape.

    Without errors to learn from, the bands are those of chance alone around a level known to a fifth.
    """
    if errors.size:
        away = np.quantile(errors, quantiles)
        return np.stack([counted(rooted(expected) + by) for by in away])
    spread = np.sqrt(POISSON + (0.1 * rooted(expected)) ** 2)
    normal = np.array([-1.959964, -1.281552, 0.0, 1.281552, 1.959964])
    return np.stack([counted(rooted(expected) + by * spread) for by in np.interp(quantiles, QUANTILES, normal)])


def spread_of(errors: Floats) -> float:
    """The variance of errors on the root scale, without those that stand far out; 0.5 without any."""
    if not errors.size:
        return 2 * POISSON
    return float((TO_SPREAD * np.median(np.abs(errors))) ** 2)


def updated(expected: Floats, observed: Floats, variance: float, step: timedelta) -> Floats:
    """The forecast of the rest of the day after its first intervals were `observed`: (intervals - observed,).

    What was off lasts for some hours and fades: a conditional Gaussian on the root scale.
    """
    known, across = len(observed), len(expected)
    if known == 0:
        return expected
    real = max(variance - POISSON, 1e-6)
    apart = np.abs(np.arange(across)[:, None] - np.arange(across)[None, :]) * (step / LENGTH)
    common = LASTS * real * np.exp(-apart)
    own = common[:known, :known] + (POISSON + (1 - LASTS) * real) * np.eye(known)
    limit = FAR * np.sqrt(max(variance, POISSON))
    off = np.clip(rooted(observed) - rooted(expected[:known]), -limit, limit)
    moved = common[known:, :known] @ np.linalg.solve(own, off)
    return counted(rooted(expected[known:]) + moved)
