"""A hierarchy that adds up: channels by languages, the sums of each, and all; forecasts of every level made to agree.

Each level is forecast by itself, as each sees what the others do not; then the parts are moved as little as may be until they
add up: weighted least squares, each level weighed by how many parts it sums (Wickramasuriya, Athanasopoulos, Hyndman 2019,
their structural weights). No part falls below zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput

Floats = NDArray[np.float64]
ALL = ""
Leaf = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Levels by name, first the whole: `("chat", "")` is a channel in all languages; `sums` (levels, parts), ones and zeros."""

    levels: tuple[Leaf, ...]
    parts: tuple[Leaf, ...]
    sums: Floats


def hierarchy(parts: Sequence[Leaf]) -> Hierarchy:
    """The levels over these parts, and these. Raises BadInput where there is none, or one twice."""
    if not parts or len(set(parts)) != len(parts) or any(ALL in part for part in parts):
        raise BadInput(f"a hierarchy needs parts with two names each, none twice, got {list(parts)[:4]}")
    firsts, seconds = sorted({one for one, _ in parts}), sorted({two for _, two in parts})
    above = [(ALL, ALL), *((one, ALL) for one in firsts), *((ALL, two) for two in seconds)]
    levels = (*above, *parts)
    sums = np.array([[level[0] in (ALL, one) and level[1] in (ALL, two) for one, two in parts] for level in levels], np.float64)
    return Hierarchy(levels, tuple(parts), sums)


def reconciled(of: Hierarchy, forecasts: Floats) -> Floats:
    """Forecasts (levels, intervals) that add up: as near to what was forecast of each level as can be."""
    if len(forecasts) != len(of.levels):
        raise BadInput(f"{len(of.levels)} levels need as many forecasts, got {len(forecasts)}")
    weights = 1.0 / of.sums.sum(axis=1)
    left = of.sums.T @ (weights[:, None] * of.sums)
    parts = np.linalg.solve(left, of.sums.T @ (weights[:, None] * forecasts))
    return np.asarray(of.sums @ np.maximum(parts, 0.0), np.float64)


def forecast_all(of: Hierarchy, counts: Floats, one: Callable[[Floats], Floats]) -> Floats:
    """Every level forecast and made to add up: (levels, intervals). `counts`: (parts, days, intervals); `one`: of a level."""
    above = np.einsum("lp,pdi->ldi", of.sums, counts)
    return reconciled(of, np.stack([one(level) for level in above]))
