"""Whole lists from the side of the slots: for each slot the needs that it serves best, exactly, by blocked products.

Where slots are scarcer than needs, few of a need's favourites would ever be free: so each slot lists its best needs instead.
Of blocks of needs only the largest worth of each slot is kept; the k-th largest of those is below the k-th largest of all, so a
second look at the few blocks that reach it finds every pair that counts.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.matching.engine.arrival import AT_ONCE, Group, best_pairs
from rapport.matching.engine.lists import rank

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

MOST_BLOCKS = 1024


class Edges(NamedTuple):
    """Pairs that may be chosen, and what each is worth: three arrays of one length."""

    needs: Ints
    slots: Ints
    values: Floats


def those(edges: Edges, which: NDArray[np.bool_]) -> Edges:
    """The pairs for which `which` holds: (pairs,)."""
    return Edges(edges.needs[which], edges.slots[which], edges.values[which])


def joined(found: Sequence[Edges]) -> Edges:
    """All of them in one."""
    nothing = Edges(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    return Edges(*(np.concatenate(parts) for parts in zip(nothing, *found, strict=True)))


def slots_lists(groups: Sequence[Group], numbers: Sequence[Ints], holds: Floats, slots: int, wanted: int) -> Edges:
    """For each slot at least its `wanted` best needs of all groups, at most twice as many; fewer where fewer may be.

    `numbers`: of each group's needs. `holds`: by number, what waiting is worth; the best are those that gain most over it.
    `slots`: how many there are.
    """
    size = _block_size(groups, wanted)
    blocks = list(_blocks(groups, size))
    most = np.full((len(blocks), slots), -np.inf, np.float32)
    for place, (at, rows) in enumerate(blocks):
        group = groups[at]
        most[place, group.who] = _gains(group, rows, group.who, holds[numbers[at][rows]])[1]
    least = np.full(slots, -np.inf, np.float32)
    if len(blocks) > wanted:
        least = np.partition(np.ascontiguousarray(most.T), len(blocks) - wanted, axis=1)[:, len(blocks) - wanted]
    found = [
        _reaching(groups[at], rows, numbers[at][rows], holds, most[place], least) for place, (at, rows) in enumerate(blocks)
    ]
    return _trimmed(joined(found), holds, slots, wanted)


def _trimmed(edges: Edges, holds: Floats, slots: int, wanted: int) -> Edges:
    """Without what a slot lists beyond its best, where that is more than twice what it wants."""
    many = np.bincount(edges.slots, minlength=slots) > 2 * wanted
    long = many[edges.slots]
    if not long.any():
        return edges
    lengthy = those(edges, long)
    order = np.lexsort((lengthy.needs, holds[lengthy.needs] - lengthy.values, lengthy.slots))
    order = order[rank(lengthy.slots[order]) < wanted]
    return joined([those(edges, ~long), Edges(lengthy.needs[order], lengthy.slots[order], lengthy.values[order])])


def _reaching(group: Group, rows: Ints, numbers: Ints, holds: Floats, most: Singles, least: Singles) -> Edges:
    """The pairs of a block that reach what each slot asks for at least."""
    who = group.who[(most[group.who] >= least[group.who]) & (most[group.who] > -np.inf)]
    gains, _ = _gains(group, rows, who, holds[numbers])
    row, column = np.nonzero((gains >= least[who]) & (gains > -np.inf))
    needs = numbers[row]
    return Edges(needs, who[column], gains[row, column].astype(np.float64) + holds[needs])


def _gains(group: Group, rows: Ints, who: Ints, holds: Floats) -> tuple[Singles, Singles]:
    """What each pair of a block gains over waiting, -inf where it is no finite number: (rows, who); the most of each slot."""
    gains = np.array(group.score(rows, who), np.float32, copy=None)
    if holds.any():
        gains -= holds[:, None].astype(np.float32)
    most = gains.max(axis=0, initial=-np.inf)
    if not most.max(initial=0.0) < np.inf:  # NaN too
        gains = np.where(np.isfinite(gains), gains, np.float32(-np.inf))
        most = gains.max(axis=0, initial=-np.inf)
    return gains, most


def _blocks(groups: Sequence[Group], size: int) -> Iterator[tuple[int, Ints]]:
    for at, group in enumerate(groups):
        if len(group.who):
            for begin in range(0, group.count, size):
                yield at, np.arange(begin, min(begin + size, group.count))


def _block_size(groups: Sequence[Group], wanted: int) -> int:
    """Needs in a block: many blocks make the first look sharp, large ones make it quick."""
    needs = sum(group.count for group in groups)
    return max(needs // MOST_BLOCKS, min(128, max(1, needs // (16 * wanted))))


def needs_lists(group: Group, numbers: Ints, holds: Floats, spare: Ints) -> Edges:
    """The best slots of each need of a group. `numbers`: of its needs; `holds`: by number; `spare`: (slots,), free units."""
    found = []
    for begin in range(0, group.count, AT_ONCE):
        rows = np.arange(begin, min(begin + AT_ONCE, group.count))
        ours = numbers[rows]
        row, slots, values = best_pairs(group, rows, holds[ours], spare)
        found.append(Edges(ours[row], slots, values))
    return joined(found)
