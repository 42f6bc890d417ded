"""The engine: which need goes to which agent, exactly, by the total worth of all pairs.

Pure numbers: arrays in, positions out; no state, no ledger, no clock. Maximises sum of worth over pairs, each need at most once
and each agent at most as often as they have places, after as many needs as possible are served (matching.md section 3.1).
"""

import numpy as np
from numpy.typing import NDArray

from rapport.matching.engine.shortest import linear_sum_assignment

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ranks = list[list[tuple[int, float]]]

NOBODY = -1
LISTED = 8  # best agents of each kind of need that are looked at first
NEAR = 0.05  # a place that is worth so little less than the best one that is left is looked at too
EVEN = 1e-12  # a position later: of equals the first
NEARLY = 1e-7  # worths that differ by less are equal
MOST_EXCHANGES = 50
SERVED = 1e6  # what serving a need is worth beside any difference of worth, which is below 1,000


def ranked(values: Floats, most: int = LISTED) -> Ranks:
    """Of each row the columns of the largest finite values, and those, the best first; of equals the lower column."""
    count, most = len(values), min(most, values.shape[1])
    if not most:
        return [[] for _ in range(count)]
    rows = np.arange(count)[:, None]
    costs = EVEN * np.arange(values.shape[1]) - values
    columns = np.sort(np.argpartition(costs, most - 1, axis=1)[:, :most], axis=1)  # of the smallest: the other way it is slow
    columns = columns[rows, np.argsort(costs[rows, columns], axis=1, kind="stable")]
    pairs = zip(columns.tolist(), values[rows, columns].tolist(), strict=True)
    return [[(column, value) for column, value in zip(*pair, strict=True) if value > -np.inf] for pair in pairs]


def assign(
    values: Floats,
    capacity: Ints,
    load_price: float = 0.0,
    *,
    kinds: Ints | None = None,
    adds: Floats | None = None,
    firsts: Ranks | None = None,
) -> Ints:
    """The agent of each need, by position, or NOBODY.

    `values`: (kinds, agents), the worth of each pair, -inf where it is not allowed. `capacity`: (agents,), free places of each.
    The k-th place that is filled of one agent costs (k - 1) * `load_price`. `kinds`: (needs,), the row of each need; None: each
    has its own. `adds`: (needs,), what a need is worth whoever serves it. `firsts`: the values, `ranked`, where that is known.
    One need goes to the lower of equal positions.
    """
    kinds = np.arange(len(values)) if kinds is None else kinds
    if not len(kinds) or not len(capacity):
        return np.full(len(kinds), NOBODY, np.int64)
    chosen, places, is_best = _in_turn(values, capacity, load_price, kinds, firsts or ranked(values))
    if is_best:
        return chosen
    worth = np.zeros(len(kinds)) if adds is None else adds
    return _solve(values, np.minimum(capacity, len(kinds)), load_price, kinds, worth + SERVED, places)


def _in_turn(values: Floats, capacity: Ints, load_price: float, kinds: Ints, firsts: Ranks) -> tuple[Ints, Ints, bool]:
    """Give each need in turn the place that is best for it; those, the places to begin an exact search with: (agents,).

    And whether nothing can be better: each has what is best for it, first.
    """
    costs = np.where(capacity > 0, 0.0, np.inf)
    now, left, places = costs.tolist(), capacity.tolist(), np.zeros(len(capacity), np.int64)
    chosen, is_best = [], True
    for kind in kinds.tolist():
        agent, gain = NOBODY, -np.inf
        for column, value in firsts[kind]:
            if value <= gain:
                break
            if value - now[column] > gain:
                agent, gain = column, value - now[column]
        else:
            if len(firsts[kind]) >= LISTED:  # somebody who is not listed may be better
                gains = values[kind] - costs
                agent = int(gains.argmax()) if gains.max() > -np.inf else NOBODY
        chosen.append(agent)
        is_best = is_best and (not firsts[kind] or agent == firsts[kind][0][0]) and not (agent != NOBODY and places[agent])
        if agent != NOBODY:
            left[agent] -= 1
            places[agent] += 1
            now[agent] = costs[agent] = now[agent] + load_price if left[agent] else np.inf
    if not is_best:
        nexts = np.maximum((values - costs).max(axis=1), -SERVED)
        places[(values - (nexts - NEAR)[:, None]).max(axis=0) > costs] += 1
    return np.array(chosen, np.int64), places, is_best


def _solve(values: Floats, most: Ints, load_price: float, kinds: Ints, adds: Floats, places: Ints) -> Ints:
    """One exact assignment. `most`: (agents,), places that can be of use. `places`: of which so many are looked at first.

    A further place is of use only where all before it are filled and somebody would pay its price; so agents get more until
    that is nowhere so: then the answer is that of every place.
    """
    agents = np.arange(len(most))
    while True:
        owner = np.repeat(agents, places)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(places) - places, places)
        gain = (values.take(owner, axis=1) - load_price * nth)[kinds]
        gain += adds[:, None]
        np.maximum(gain, 0.0, out=gain)
        rows, taken = linear_sum_assignment(gain, maximize=True)
        real = gain[rows, taken] > 0.0
        rows, taken = rows[real], taken[real]
        open_ = np.flatnonzero((np.bincount(owner[taken], minlength=len(most)) >= places) & (places < most))
        if len(open_):
            keeps = np.full(len(values), np.inf)
            np.minimum.at(keeps, kinds, _keeps(gain, rows, taken) - adds)
            margin = (values - keeps[:, None]).max(axis=0)[open_]  # of whom each agent is worth most to
            open_ = open_[margin > load_price * places[open_] + NEARLY]
        if not len(open_):
            picked = np.full(len(kinds), NOBODY, np.int64)
            picked[rows] = owner[taken]
            return picked
        places[open_] = np.minimum(most[open_], np.maximum(1, 2 * places[open_]))


def _keeps(gain: Floats, rows: Ints, taken: Ints) -> Floats:
    """What each need gets for itself in an optimal assignment: (needs,), the smallest duals. A further place must offer more.

    The dual of a need is at least what an untaken place offers it, and what a taken one does beyond its price: the longest path
    over exchanges of places, found by relaxation.
    """
    untaken = np.ones(gain.shape[1], np.bool_)
    untaken[taken] = False
    offered = gain[:, untaken].max(axis=1, initial=0.0)
    mine = gain[rows, taken]
    exchange = gain[:, taken] - mine
    keeps = np.maximum(offered, 0.0)
    for _ in range(MOST_EXCHANGES):
        after = np.maximum(keeps, (exchange + keeps[rows]).max(axis=1)) if len(rows) else keeps
        if np.all(after - keeps < NEARLY):
            break
        keeps = after
    return np.asarray(keeps, np.float64)
