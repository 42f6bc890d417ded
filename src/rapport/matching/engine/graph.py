"""The graph of the market as arrays: who may be put to whom, the pairs so far, and the prices; and how pairs are tied."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.matching.engine.fast import kernel
from rapport.matching.engine.lists import Lists

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_LISTED = 64  # slots that a need lists (what a shorter list loses: docs/decisions/0005)
NOBODY = -1
AT_ONCE = 4096  # needs in one block, so that what is gathered stays in the processor's cache


class Graph(NamedTuple):
    """Who may be put to whom, the pairs so far, and the prices."""

    slots: Ints  # (needs, MOST_LISTED), ascending, then NOBODY: the slots that a need lists
    values: Floats  # (needs, MOST_LISTED): what each such pair is worth
    degree: Ints  # (needs,): how many slots it lists
    profit: Floats  # (needs,): the need's dual: what it gets in the best assignment
    hold: Floats  # (needs,): what it is worth that it waits
    slot_of: Ints  # (needs,): the slot it has, or NOBODY
    favoured: Ints  # (needs,): place in `values`, flat, of a pair that counts for more than it is worth (`favour`), or NOBODY
    worth: Floats  # (needs,): what that pair is worth in truth
    after: Ints  # (needs,): the next need that has the same slot, or NOBODY
    price: Floats  # (slots,): the slot's dual: what one more unit of it would be worth; inf where it has no room
    floor: Floats  # (slots,): the least price: what it is worth that a unit stays free
    spare: Ints  # (slots,): units that nobody has
    first: Ints  # (slots,): the first need that has a unit, or NOBODY
    reached: Floats  # (slots,): distance in the search under way; inf outside one
    through: Ints  # (slots,): the need by which it was reached
    before: Ints  # (slots,): the slot from which it was reached; of the search for a need alone
    lists: Ints  # the pool of `lists.py`: place in `slots`, flat, of each listing, by slot
    begin: Ints  # (slots,): where a slot's listings begin in the pool
    listed: Ints  # (slots,): how many there are, stale ones too


@kernel
def link(graph: Graph, need: int, slot: int) -> None:
    """Give the need a unit of the slot."""
    graph.slot_of[need] = slot
    graph.after[need] = graph.first[slot]
    graph.first[slot] = need
    graph.spare[slot] -= 1


@kernel
def unlink(graph: Graph, need: int) -> None:
    """Take from the need the unit that it has."""
    slot = graph.slot_of[need]
    other = graph.first[slot]
    if other == need:
        graph.first[slot] = graph.after[need]
    else:
        while graph.after[other] != need:
            other = graph.after[other]
        graph.after[other] = graph.after[need]
    graph.slot_of[need] = NOBODY
    graph.spare[slot] += 1
    if graph.favoured[need] != NOBODY:
        graph.values.ravel()[graph.favoured[need]] = graph.worth[need]
        graph.favoured[need] = NOBODY


@kernel
def favour(graph: Graph, need: int, slot: int, lacks: float) -> None:
    """Let a pair count for so much more while it stands: it was chosen before the search had ended."""
    place = need * MOST_LISTED
    while graph.slots.ravel()[place] != slot:
        place += 1
    graph.favoured[need] = place
    graph.worth[need] = graph.values.ravel()[place]
    graph.values.ravel()[place] += lacks


def empty(needs: int, slots: int, lists: Lists) -> Graph:
    """A graph with room for so many, and nobody in it. Its pages are touched when they are used."""
    return Graph(
        slots=np.zeros((needs, MOST_LISTED), np.int64),
        values=np.zeros((needs, MOST_LISTED)),
        degree=np.zeros(needs, np.int64),
        profit=np.zeros(needs),
        hold=np.full(needs, np.nan),
        slot_of=np.full(needs, NOBODY, np.int64),
        favoured=np.full(needs, NOBODY, np.int64),
        worth=np.zeros(needs),
        after=np.full(needs, NOBODY, np.int64),
        price=np.full(slots, np.inf),
        floor=np.zeros(slots),
        spare=np.zeros(slots, np.int64),
        first=np.full(slots, NOBODY, np.int64),
        reached=np.full(slots, np.inf),
        through=np.full(slots, NOBODY, np.int64),
        before=np.full(slots, NOBODY, np.int64),
        lists=lists.entries,
        begin=lists.begin,
        listed=lists.listed,
    )


def wider(graph: Graph, needs: int, slots: int, lists: Lists) -> Graph:
    """The same graph with room for more."""
    larger = empty(needs, slots, lists)
    for old, new in zip(graph[:-3], larger[:-3], strict=True):
        new[: len(old)] = old
    return larger


def asked(graph: Graph, slot: int) -> float:
    """The least price at which nobody asks for one more unit of a slot, its floor or more."""
    entries = graph.lists[graph.begin[slot] : graph.begin[slot] + graph.listed[slot]]
    entries = entries[graph.slots.ravel()[entries] == slot]
    gains = graph.values.ravel()[entries] - graph.profit[entries // MOST_LISTED]
    return float(gains.max(initial=graph.floor[slot]))
