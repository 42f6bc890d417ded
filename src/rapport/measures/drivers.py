"""Drivers: what explains a measure, adjusted for mix: a regression with partial pooling. Pure; it tells association, not cause.

y = m + u(intent) + u(language, kind of channel and part of the day) + u(kind of channel) + u(tier of customer) + u(group) + e.
The effects of each factor are drawn from a normal distribution whose variance is estimated with them, so a level of few rows is
pulled towards the others as far as its rows leave room. Variances by expectation and maximisation over Henderson's mixed model
equations (Searle, Casella and McCulloch, "Variance Components", 1992, chapter 8), with the prior of Chung et al. (Psychometrika
78, 2013) that keeps them above 0, so that no interval of few groups is too narrow. Intervals are of the effects given them.
The factor of most levels is solved for last: no row has two of its levels, so its part of the equations is a diagonal.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.model.share import Z

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
ROUNDS = 60
SETTLED = 1e-4  # relative change of all variances at which they are taken to be found
SMALLEST = 1e-9
SHARES = 3  # of a group's mix, the largest
GROUP = "group"


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


class Tables(NamedTuple):
    """What the regression asks of the rows. `many`: the factor of most levels; `others`: the rest, one after the other.

    `counts` and `sums` of values by level of `many`, (many,); `beside`: rows by its level and that of each other, the constant
    last, (many, others + 1); `squares` and `products`: the same of the others among themselves and with the values.
    """

    many: str
    starts: dict[str, slice]
    counts: Floats
    sums: Floats
    beside: Floats
    squares: Floats
    products: Floats
    rows: int
    total: float  # sum of the squared values


class Fit(NamedTuple):
    """Effects of the levels of each factor, and the covariance of those of the group, (groups, groups)."""

    effects: dict[str, Floats]
    spread: Floats


def tables_of(values: Floats, factors: Mapping[str, Codes]) -> Tables:
    """Rows as counts and sums. `factors`: for each, the level of every row, from 0 on without gaps; (n,)."""
    sizes = {name: int(codes.max()) + 1 for name, codes in factors.items()}
    many = max(sizes, key=lambda name: sizes[name])
    starts, at = {}, 0
    for name in (name for name in sizes if name != many):
        starts[name], at = slice(at, at + sizes[name]), at + sizes[name]
    beside, squares, products = np.zeros((sizes[many], at + 1)), np.zeros((at + 1, at + 1)), np.zeros(at + 1)
    for one, rows in starts.items():
        beside[:, rows] = _together(factors[many], factors[one], sizes[many], sizes[one])
        products[rows] = np.bincount(factors[one], weights=values, minlength=sizes[one])
        for other, columns in starts.items():
            if other == one:
                squares[rows, rows] = np.diag(beside[:, rows].sum(axis=0))
            elif columns.start > rows.start:
                squares[rows, columns] = _together(factors[one], factors[other], sizes[one], sizes[other])
                squares[columns, rows] = squares[rows, columns].T
        squares[rows, at] = squares[at, rows] = np.diag(squares[rows, rows])
    counts = np.bincount(factors[many], minlength=sizes[many]).astype(np.float64)
    beside[:, at], squares[at, at], products[at] = counts, len(values), float(values.sum())
    sums = np.bincount(factors[many], weights=values, minlength=sizes[many]).astype(np.float64)
    return Tables(many, starts, counts, sums, beside, squares, products, len(values), float(values @ values))


def _together(one: Codes, other: Codes, size: int, further: int) -> Floats:
    """How many rows have each pair of levels; (size, further)."""
    return np.bincount(one * further + other, minlength=size * further).reshape(size, further).astype(np.float64)


def fitted(of: Tables) -> Fit:
    """The regression."""
    factors = [of.many, *of.starts]
    mean = of.products[-1] / of.rows
    noise = max(of.total / of.rows - mean * mean, SMALLEST)
    spread = dict.fromkeys(factors, noise / 10)
    for _ in range(ROUNDS):
        ridge = np.zeros(len(of.products))
        for name, place in of.starts.items():
            ridge[place] = noise / spread[name]
        own = of.counts + noise / spread[of.many]
        pulled = of.beside / own[:, None]
        inverse = np.linalg.inv(of.squares + np.diag(ridge) - of.beside.T @ pulled)
        rest = inverse @ (of.products - pulled.T @ of.sums)
        many = (of.sums - of.beside @ rest) / own
        before = (*spread.values(), noise)
        noise = max((of.total - float(rest @ of.products) - float(many @ of.sums)) / max(of.rows - 1, 1), SMALLEST)
        unsure = float((1.0 / own).sum() + ((pulled @ inverse) * pulled).sum())
        spread[of.many] = _spread(many, unsure * noise)
        for name, place in of.starts.items():
            spread[name] = _spread(rest[place], float(np.trace(inverse[place, place])) * noise)
        least = noise / of.rows  # what is less than this pulls all there is
        if max(abs(now - then) / (then + least) for now, then in zip((*spread.values(), noise), before, strict=True)) < SETTLED:
            break
    effects = {of.many: many} | {name: rest[place] for name, place in of.starts.items()}
    if of.many == GROUP:
        return Fit(effects, noise * (np.diag(1.0 / own) + pulled @ inverse @ pulled.T))
    return Fit(effects, noise * inverse[of.starts[GROUP], of.starts[GROUP]])


def _spread(effects: Floats, unsure: float) -> float:
    """The variance of a factor's effects. `unsure`: the sum of the variances with which each is known."""
    return max((float(effects @ effects) + unsure) / max(len(effects) - 1, 1), SMALLEST)


def drivers(values: Floats, groups: Codes, mix: Mapping[str, Codes]) -> list[Driver]:
    """Every group against the whole, those with the clearest effect of their own first. Levels need not follow one another."""
    if not len(values):
        return []
    dense = {name: _dense(codes) for name, codes in {**mix, GROUP: groups}.items()}
    fit = fitted(tables_of(values, {name: codes for name, (_, codes) in dense.items()}))
    names, own = dense[GROUP]
    rows = np.bincount(own).astype(np.float64)
    raw = np.bincount(own, weights=values) / rows - values.mean()
    contrast = np.eye(len(names)) - rows / len(values)
    alone = contrast @ fit.effects[GROUP]
    half = Z * np.sqrt(np.maximum(((contrast @ fit.spread) * contrast).sum(axis=1), 0.0))
    by, more = _mix_of({name: dense[name] for name in mix}, own, rows, fit)
    named = [(name, level) for name in mix for level in dense[name][0].tolist()]
    largest = np.argsort(-np.abs(by), axis=1, kind="stable")[:, :SHARES]
    found = []
    for nth, level in enumerate(names.tolist()):
        shares = tuple(_share(named[place], by[nth, place], more[nth, place]) for place in largest[nth].tolist())
        mine, low, high = float(alone[nth]), float(alone[nth] - half[nth]), float(alone[nth] + half[nth])
        found.append(Driver(level, int(rows[nth]), float(raw[nth]), float(by[nth].sum()), mine, low, high, shares))
    return sorted(found, key=lambda one: -abs(one.own) / max(one.high - one.low, SMALLEST))


def _share(named: tuple[str, int], by: np.float64, more: np.float64) -> Share:
    return Share(named[0], named[1], float(by), float(more))


def _dense(codes: Codes) -> tuple[Codes, Codes]:
    """The levels that there are, in their order, and which of them each row has; levels are small whole numbers from 0 on."""
    there = np.bincount(codes) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def _mix_of(mix: Mapping[str, tuple[Codes, Codes]], groups: Codes, rows: Floats, fit: Fit) -> tuple[Floats, Floats]:
    """What each level of each factor does to each group, and how much more of it the group has; (groups, levels) each."""
    if not mix:
        return np.zeros((len(rows), 0)), np.zeros((len(rows), 0))
    size = len(groups)
    more = [
        _together(groups, codes, len(rows), len(levels)) / rows[:, None] - np.bincount(codes) / size
        for levels, codes in mix.values()
    ]
    return np.hstack([one * fit.effects[name] for name, one in zip(mix, more, strict=True)]), np.hstack(more)
