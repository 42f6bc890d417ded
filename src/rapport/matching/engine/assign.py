"""The engine: which need goes to which agent, exactly, by the total worth of all pairs.

Pure numbers: arrays in, positions out; no state, no ledger, no clock. Maximises sum of worth over pairs, each need at most once
and each agent at most as often as they have places, after as many needs as possible are served (matching.md section 3.1).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOBODY = -1
LOOKED_AT = 2000  # agents up to which the answer is exact
CANDIDATES = 64  # agents looked at for each need where there are more (what that loses: matching.md section 5)
NEARLY = 1e-7  # worths that differ by less are equal
MOST_EXCHANGES = 50
SERVED = 1e6  # what serving a need is worth beside any difference of worth, which is below 1,000


def assign(values: Floats, capacity: Ints, load_price: float = 0.0) -> Ints:
    """The agent of each need, by position, or NOBODY.

    `values`: (needs, agents), the worth of each pair, -inf where it is not allowed. `capacity`: (agents,), free places of each.
    The k-th place that is filled of one agent costs (k - 1) * `load_price`. Above LOOKED_AT agents the answer is exact over the
    best CANDIDATES agents of each need, and then over what is left. One need goes to the lower of equal positions.
    """
    needs, agents = values.shape
    chosen = np.full(needs, NOBODY, np.int64)
    if not needs or not agents:
        return chosen
    if not (capacity > 0).all():
        values = np.where(capacity > 0, values, -np.inf)
    best = values.argmax(axis=1)
    served = values[np.arange(needs), best] > -np.inf
    firsts = best[served]
    if len(np.unique(firsts)) == len(firsts):  # nobody is everybody's best: each has theirs
        chosen[served] = firsts
        return chosen
    waiting = np.flatnonzero(served)
    while len(waiting):
        picked = _solve(values[waiting] if len(waiting) < needs else values, capacity, load_price)
        done = picked != NOBODY
        chosen[waiting[done]] = picked[done]
        waiting = waiting[~done]
        if not done.any() or agents <= LOOKED_AT:
            break
        capacity = capacity - np.bincount(picked[done], minlength=agents)
        values = np.where(capacity > 0, values, -np.inf)
        waiting = waiting[(values[waiting] > -np.inf).any(axis=1)]
    return chosen


def _solve(values: Floats, capacity: Ints, load_price: float) -> Ints:
    """One exact assignment of needs to the places of their best agents. All of `values` has a finite entry in each row.

    Begins with one place an agent, two of who is the best for several. A further one is of use only where all before it are
    filled and somebody would pay its price; so they get more until that is nowhere so: then the answer is that of every place.
    """
    needs = len(values)
    columns = _candidates(values)
    worth = np.maximum(values.take(columns, axis=1) + SERVED, 0.0)
    most = np.minimum(capacity[columns], needs)
    wanted = np.bincount(worth.argmax(axis=1), minlength=len(columns))
    places = np.minimum(most, np.where(wanted > 1, 2, 1))
    while True:
        owner = np.repeat(np.arange(len(columns)), places)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(places) - places, places)
        gain = worth
        if len(owner) > len(columns):
            gain = np.maximum(worth.take(owner, axis=1) - load_price * nth, 0.0)
        rows, taken = linear_sum_assignment(gain, maximize=True)
        real = gain[rows, taken] > 0.0
        rows, taken = rows[real], taken[real]
        used = np.bincount(owner[taken], minlength=len(columns))
        more = np.flatnonzero((used >= places) & (places < most))
        if len(more):
            keeps = _keeps(gain, rows, taken)
            more = more[(worth[:, more] - load_price * places[more] > keeps[:, None] + NEARLY).any(axis=0)]
        if not len(more):
            picked = np.full(needs, NOBODY, np.int64)
            picked[rows] = columns[owner[taken]]
            return picked
        places[more] = np.minimum(most[more], 2 * places[more])


def _keeps(gain: Floats, rows: Ints, taken: Ints) -> Floats:
    """What each need gets for itself in an optimal assignment: (needs,), the smallest duals. A further place must offer more.

    The dual of a need is at least what an untaken place offers it, and what a taken one does beyond its price: the longest path
    over exchanges of places, found by relaxation.
    """
    keeps = np.zeros(len(gain))
    untaken = np.ones(gain.shape[1], np.bool_)
    untaken[taken] = False
    offered = gain.max(axis=1, where=untaken, initial=0.0)
    mine = gain[rows, taken]
    exchange = gain[:, taken] - mine
    keeps = np.maximum(keeps, offered)
    for _ in range(MOST_EXCHANGES):
        after = np.maximum(keeps, (exchange + keeps[rows]).max(axis=1)) if len(rows) else keeps
        if np.all(after - keeps < NEARLY):
            break
        keeps = after
    return np.asarray(keeps, np.float64)


def _candidates(values: Floats) -> Ints:
    """The agents that are looked at, in order of position.

    Of n needs, each has in some best answer one of its n best places: so n agents a need are enough, and of many fewer do.
    """
    needs, agents = values.shape
    seen = values.max(axis=0) > -np.inf
    most = needs if agents <= LOOKED_AT else min(needs, CANDIDATES)
    alike = len(np.unique(values.argmax(axis=1))) < needs // 4  # who are many for few: then it is worth the search
    if most < agents // 2 and (alike or agents > LOOKED_AT):
        among = np.zeros(agents, np.bool_)
        among[np.argpartition(-values, most - 1, axis=1)[:, :most].ravel()] = True
        seen &= among
    return np.flatnonzero(seen).astype(np.int64)
