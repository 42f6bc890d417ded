"""From an arrival to its decision: who may, what each is worth, the best 64, the market; one need or thousands."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.matching.engine.graph import MOST_LISTED
from rapport.matching.engine.market import BUDGET, Market

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Scores = NDArray[np.floating]
Score = Callable[[Ints, Ints], Scores]  # positions of needs in their group and slots -> (needs, slots), what each pair is worth

LEAST_FREE = 16  # of the slots that a need lists, so many are free ones where there are so many
AT_ONCE = 128  # needs scored in one product


@dataclass(frozen=True, slots=True)
class Group:
    """Needs that the same slots may serve. `score` may be asked for some of `who`; for all of them it gets `who` itself.

    The array that it returns is the engine's: it may be written to.
    """

    count: int
    who: Ints  # ascending
    score: Score


def arrive(market: Market, group: Group, holds: Floats, *, budget: int = BUDGET) -> Ints:
    """Score a group of needs, list the best slots of each, and place them: (count,) their numbers in the market.

    `holds`: (count,), what it is worth that each waits. A worth that is not a finite number means that the pair is not allowed.
    Whom each has now is `market.slot_of`; those who were there may have made room. Raises Overloaded when the market is full;
    then the blocks of AT_ONCE before are in it.
    """
    numbers = np.empty(group.count, np.int64)
    market.have(int(group.who[-1]) + 1 if len(group.who) else 0)
    for begin in range(0, group.count, AT_ONCE):
        rows = np.arange(begin, min(begin + AT_ONCE, group.count))
        row, slots, values = best_pairs(group, rows, holds[rows], market.graph.spare)
        numbers[rows] = market.insert_all(row, slots, values, holds[rows], budget=budget)
    return numbers


def best_pairs(group: Group, rows: Ints, holds: Floats, spare: Ints) -> tuple[Ints, Ints, Floats]:
    """The MOST_LISTED best slots of some needs, LEAST_FREE of them free where so many free ones are worth more than waiting.

    `rows`: the needs, by position. `holds`: of each. `spare`: (slots,), free units of every slot. Returned, one for each pair:
    the place of its need in `rows`, ascending; its slot, ascending for each need; its worth. Of equals the first are chosen.
    """
    scores = np.asarray(group.score(rows, group.who))
    chosen = _all_largest(scores, MOST_LISTED)
    if len(group.who) > MOST_LISTED:
        frees = np.flatnonzero(spare.take(group.who) > 0)
        useful = scores.take(frees, axis=1) > holds[:, None]
        if useful.any():
            listed = np.count_nonzero(chosen[:, frees], axis=1)
            wanted = np.minimum(np.count_nonzero(useful, axis=1), LEAST_FREE)
            for need in np.flatnonzero(listed < wanted).tolist():
                _let_in(chosen[need], scores[need], frees)
    places = np.flatnonzero(chosen)
    row = np.asarray(places // max(1, len(group.who)), np.int64)
    return row, group.who.take(places - row * len(group.who)), scores.take(places).astype(np.float64)


def _let_in(chosen: NDArray[np.bool_], scores: Scores, frees: Ints) -> None:
    """Choose the best free slots instead of the last of those that are not free."""
    best = frees[_largest(scores[frees], LEAST_FREE)]
    best = best[scores[best] > -np.inf]
    chosen[frees] = False
    others = np.flatnonzero(chosen)
    kept = others[_largest(scores[others], MOST_LISTED - len(best))]
    chosen[:] = False
    chosen[best] = chosen[kept] = True


def _all_largest(scores: Scores, most: int) -> NDArray[np.bool_]:
    """Where the `most` largest finite scores of each row are. Writes -inf to `scores` for what is no finite number."""
    count, columns = scores.shape
    if columns <= most:
        return np.isfinite(scores)
    tops = np.partition(scores, columns - most, axis=1)[:, columns - most :]
    if not tops.max(initial=0.0) < np.inf:  # NaN counts as the largest there
        scores[~np.isfinite(scores)] = -np.inf
        return _all_largest(scores, most)
    chosen: NDArray[np.bool_] = scores >= tops[:, :1]
    if np.count_nonzero(chosen) > count * most:
        for row in np.flatnonzero(np.count_nonzero(chosen, axis=1) > most).tolist():
            best = _largest(scores[row], most)
            chosen[row] = False
            chosen[row, best] = scores[row, best] > -np.inf
    return chosen


def _largest(scores: Scores, most: int) -> Ints:
    """The positions of the largest scores, ascending; by value alone, so that every machine chooses alike among equals."""
    if len(scores) <= most:
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - most)[len(scores) - most]
    above = np.flatnonzero(scores > least)
    equal = np.flatnonzero(scores == least)[: most - len(above)]
    return np.sort(np.concatenate([above, equal]))
