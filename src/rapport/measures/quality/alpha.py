"""Krippendorff's alpha: how far reviewers agree beyond chance, with values missing. Pure.

Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections C to E: values that stand alone in their
unit are left out; `o[c, k]` counts pairs of values within units, each unit's by one less than its values.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Metric = Literal["nominal", "ordinal", "interval"]
Floats = NDArray[np.float64]
Alphas = Callable[[Floats], Floats]  # of how often each unit is drawn, (draws, units): the alpha of each draw
DRAWS = 1_000
NOISE = 1e-9  # of what two large numbers leave of each other: less is rounding, and all values are one
SPREAD = (2.5, 97.5)  # percentiles: 95 %
FEWEST_FOR_INTERVAL = 5  # units: fewer say nothing of how an alpha spreads


class Agreement(NamedTuple):
    """Alpha, at most 1: 1 they always agree, 0 as by chance. None: nothing to compare, or nobody ever said anything else.

    `low`, `high`: 95 %, by drawing the units again; None of few. `units`: with two values or more; `values` in them.
    """

    alpha: float | None
    low: float | None
    high: float | None
    units: int
    values: int


def agreement(scores: Floats, metric: Metric, *, seed: int = 1, draws: int = DRAWS) -> Agreement:
    """Alpha with its interval. `scores`: (reviewers, units), NaN where a reviewer gave none."""
    kept = scores[:, (~np.isnan(scores)).sum(axis=0) >= 2]
    units, values = kept.shape[1], int((~np.isnan(kept)).sum())
    if not units:
        return Agreement(None, None, None, 0, 0)
    alphas = _by_distance(kept) if metric == "interval" else _by_levels(kept, metric)
    whole = float(alphas(np.ones((1, units)))[0])
    if np.isnan(whole):
        return Agreement(None, None, None, units, values)
    low = high = None
    if units >= FEWEST_FOR_INTERVAL and draws:
        times = np.random.default_rng(seed).multinomial(units, np.full(units, 1 / units), size=draws).astype(np.float64)
        found = alphas(times)
        found = found[~np.isnan(found)]
        low, high = (float(one) for one in np.percentile(found, SPREAD)) if len(found) else (None, None)
    return Agreement(whole, low, high, units, values)


def alpha(scores: Floats, metric: Metric) -> float | None:
    """Alpha alone; `scores` as in `agreement`."""
    return agreement(scores, metric, draws=0).alpha


def _by_distance(kept: Floats) -> Alphas:
    """Alpha by the squares of differences, which are sums over units: no pair of values is ever written down."""
    moved = kept - kept[~np.isnan(kept)][0]  # exactly nothing where all values are one
    size, total, squares = (~np.isnan(moved)).sum(axis=0), np.nansum(moved, axis=0), np.nansum(moved**2, axis=0)
    within = 2 * (size * squares - total**2) / (size - 1)

    def alphas(times: Floats) -> Floats:
        values = times @ size
        most = values * (times @ squares)
        expected = most - (times @ total) ** 2
        return _alpha(times @ within, 2 * np.where(expected > NOISE * most, expected, 0.0), values)

    return alphas


def _by_levels(kept: Floats, metric: Metric) -> Alphas:
    """Alpha by how often each value stands beside each other one: `pairs` (units, levels * levels), each over size - 1."""
    levels = np.unique(kept[~np.isnan(kept)])
    counts = (kept[None, :, :] == levels[:, None, None]).sum(axis=1).T.astype(np.float64)  # (units, levels)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(levels))
    pairs = (pairs / (counts.sum(axis=1) - 1)[:, None, None]).reshape(len(counts), -1)

    def alphas(times: Floats) -> Floats:
        observed = (times @ pairs).reshape(-1, len(levels), len(levels))
        often = observed.sum(axis=2)  # (draws, levels)
        apart = 1.0 - np.eye(len(levels))[None] if metric == "nominal" else _ranked(often)
        expected = (often[:, :, None] * often[:, None, :] * apart).sum(axis=(1, 2))
        return _alpha((observed * apart).sum(axis=(1, 2)), expected, often.sum(axis=1))

    return alphas


def _ranked(often: Floats) -> Floats:
    """The squared difference of any two values by rank: what lies between them, half of either end left out."""
    upto = np.cumsum(often, axis=1) - often / 2
    return np.square(upto[:, :, None] - upto[:, None, :])


def _alpha(observed: Floats, expected: Floats, values: Floats) -> Floats:
    """One less what was observed over what chance would make of the same values. NaN: there is nothing to expect."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, 1 - observed * (values - 1) / expected, np.nan)
