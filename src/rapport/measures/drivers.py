"""Drivers: what explains a measure, adjusted for mix: a regression with partial pooling. Pure; it tells association, not cause.

y = m + u(intent) + u(language, part of the day) + u(kind of channel) + u(tier of customer) + u(group) + e.
The effects of each factor are drawn from
a normal distribution whose variance is estimated with them, so a level of few rows is pulled towards the others as far as its
rows leave room. Variances by expectation and maximisation over Henderson's mixed model equations: Searle, Casella and
McCulloch, "Variance Components" (1992), chapter 8. Intervals are those of the effects given the variances.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.model.share import Z

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
ROUNDS = 60
SETTLED = 1e-6  # relative change of all variances at which they are taken to be found
SMALLEST = 1e-9


class Share(NamedTuple):
    """What one level of a factor does to a group: `by` how much, through having so much more (`more`) of it than the whole."""

    factor: str
    level: int
    by: float
    more: float


class Driver(NamedTuple):
    """A group against the whole, in the measure's unit. `raw` = `mix` + `own` + what is left to chance.

    `own`: what remains when everybody had the same mix, between `low` and `high` with 95 %; `shares`: of the mix, the largest.
    """

    level: int
    rows: int
    raw: float
    mix: float
    own: float
    low: float
    high: float
    shares: tuple[Share, ...]

    @property
    def is_clear(self) -> bool:
        """Whether what remains is more than chance."""
        return self.low > 0 or self.high < 0


class Fit(NamedTuple):
    """Effects of all levels of all factors, one after the other; `starts` and `sizes`: where each factor stands."""

    effects: Floats
    spread: Floats  # covariance of the effects, (levels, levels)
    starts: dict[str, int]
    sizes: dict[str, int]


def fitted(values: Floats, factors: Mapping[str, Codes]) -> Fit:
    """The regression. `factors`: for each, the level of every row, from 0 on; (n,)."""
    sizes = {name: int(codes.max()) + 1 for name, codes in factors.items()}
    starts, at = {}, 0
    for name, size in sizes.items():
        starts[name], at = at, at + size
    squares, products = _equations(values, factors, starts, sizes, at)
    count, total = len(values), float(values @ values)
    spread = np.full(len(sizes), max(float(values.var()), SMALLEST) / 10)
    noise = max(float(values.var()), SMALLEST)
    for _ in range(ROUNDS):
        whole = squares.copy()
        for nth, name in enumerate(sizes):
            levels = slice(starts[name], starts[name] + sizes[name])
            whole[levels, levels] += np.eye(sizes[name]) * noise / spread[nth]
        inverse = np.linalg.inv(whole)
        effects = inverse @ products
        before = (*spread, noise)
        noise = max((total - float(effects @ products)) / max(count - 1, 1), SMALLEST)
        for nth, name in enumerate(sizes):
            levels = slice(starts[name], starts[name] + sizes[name])
            own = effects[levels]
            spread[nth] = max((float(own @ own) + noise * float(np.trace(inverse[levels, levels]))) / sizes[name], SMALLEST)
        if max(abs(now - then) / then for now, then in zip((*spread, noise), before, strict=True)) < SETTLED:
            break
    return Fit(effects[:at], (noise * inverse[:at, :at]).astype(np.float64), starts, sizes)


def _equations(
    values: Floats, factors: Mapping[str, Codes], starts: Mapping[str, int], sizes: Mapping[str, int], at: int
) -> tuple[Floats, Floats]:
    """The matrix of all products of levels, the constant last, and their products with the values."""
    squares, products = np.zeros((at + 1, at + 1)), np.zeros(at + 1)
    for one, codes in factors.items():
        rows = slice(starts[one], starts[one] + sizes[one])
        products[rows] = np.bincount(codes, weights=values, minlength=sizes[one])
        squares[rows, at] = squares[at, rows] = np.bincount(codes, minlength=sizes[one])
        for other, further in factors.items():
            columns = slice(starts[other], starts[other] + sizes[other])
            both = np.bincount(codes * sizes[other] + further, minlength=sizes[one] * sizes[other])
            squares[rows, columns] = both.reshape(sizes[one], sizes[other])
    squares[at, at], products[at] = len(values), float(values.sum())
    return squares, products


def drivers(values: Floats, groups: Codes, mix: Mapping[str, Codes]) -> list[Driver]:
    """Every group against the whole, those with the clearest effect of their own first. Levels need not follow one another."""
    if not len(values):
        return []
    dense = {name: np.unique(codes, return_inverse=True) for name, codes in {**mix, "group": groups}.items()}
    fit = fitted(values, {name: codes for name, (_, codes) in dense.items()})
    shares = {name: np.bincount(codes) / len(values) for name, (_, codes) in dense.items()}
    names, own = dense["group"]
    found = [
        _driver(fit, nth, int(level), values, own, {name: dense[name] for name in mix}, shares)
        for nth, level in enumerate(names.tolist())
    ]
    return sorted(found, key=lambda one: -abs(one.own) / max(one.high - one.low, SMALLEST))


def _driver(
    fit: Fit,
    nth: int,
    level: int,
    values: Floats,
    groups: Codes,
    mix: Mapping[str, tuple[Codes, Codes]],
    shares: Mapping[str, Floats],
) -> Driver:
    mine = groups == nth
    parts: list[Share] = []
    for name, (levels, codes) in mix.items():
        start, size = fit.starts[name], fit.sizes[name]
        more = np.bincount(codes[mine], minlength=size) / mine.sum() - shares[name]
        by = more * fit.effects[start : start + size]
        parts += [Share(name, int(levels[k]), float(by[k]), float(more[k])) for k in range(size)]
    start, size = fit.starts["group"], fit.sizes["group"]
    contrast = -shares["group"].copy()
    contrast[nth] += 1.0
    own = float(contrast @ fit.effects[start : start + size])
    half = Z * float(np.sqrt(max(float(contrast @ fit.spread[start : start + size, start : start + size] @ contrast), 0.0)))
    raw = float(values[mine].mean() - values.mean())
    largest = tuple(sorted(parts, key=lambda part: -abs(part.by))[:3])
    return Driver(level, int(mine.sum()), raw, sum(part.by for part in parts), own, own - half, own + half, largest)
