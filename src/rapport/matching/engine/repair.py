"""The whole anew: lists of all who wait, and the best assignment of all of them to all slots, with fresh duals.

`resolve` takes the lists that there are, `reoptimise` makes new ones first. Both end exact on what is listed. Prices that stand
from before are kept where that helps: then most pairs are found without a search.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.matching.engine.arrival import Group
from rapport.matching.engine.fast import kernel
from rapport.matching.engine.graph import AT_ONCE, MOST_LISTED, NOBODY, Graph, link
from rapport.matching.engine.listing import Edges, joined, needs_lists, slots_lists, those
from rapport.matching.engine.lists import rank
from rapport.matching.engine.market import CLOSED, NEARLY, Market
from rapport.matching.engine.search import seek_need, seek_slot

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WANTED = 32  # needs that a slot lists
MOST_LOOKS = 4  # times that slots which stayed free look for further needs
UNBOUNDED = 2**31


def reoptimise(market: Market, groups: Sequence[Group], numbers: Sequence[Ints]) -> None:
    """List all needs of the groups anew, and place everybody from nothing. `numbers`: those of each group's needs.

    Where needs are fewer than units, each lists its best slots; where they are more, each slot its best needs, and slots that
    stay free look once more among those who still wait. A need that no group holds keeps its list.
    """
    market.have(max((int(group.who[-1]) + 1 for group in groups if len(group.who)), default=0))
    graph = market.graph
    if sum(group.count for group in groups) <= market.room.sum():
        edges = joined([needs_lists(group, ours, graph.hold, market.room) for group, ours in zip(groups, numbers, strict=True)])
    else:
        edges = slots_lists(groups, numbers, graph.hold, len(market.room), WANTED)
    relist(market, joined([edges]), np.concatenate([np.zeros(0, np.int64), *numbers]))
    resolve(market, afresh=True)
    for _ in range(MOST_LOOKS):
        rest = [_left(market, group, ours) for group, ours in zip(groups, numbers, strict=True)]
        rest = [(group, ours) for group, ours in rest if group.count and len(group.who)]
        if not rest:
            break
        further = slots_lists([g for g, _ in rest], [o for _, o in rest], market.graph.hold, len(market.room), WANTED)
        gains = further.values - market.graph.price[further.slots] >= market.graph.hold[further.needs]
        if not gains.any():
            break
        needs = np.unique(further.needs[gains])
        relist(market, joined([edges_of(market.graph, needs), those(further, gains)]), needs)
        resolve(market)


def resolve(market: Market, *, afresh: bool = False) -> None:
    """Find the best assignment of all needs on their lists; from nothing, or from the duals that stand.

    Worths, holds and floors may have been written anew since: prices are made feasible first.
    """
    market.list_all()
    graph, needs = market.graph, market.needs()
    before = graph.slot_of.copy()
    favoured = needs[graph.favoured[needs] != NOBODY]
    graph.values.ravel()[graph.favoured[favoured]] = graph.worth[favoured]
    graph.favoured[favoured] = NOBODY
    waited = before[needs] == NOBODY
    graph.profit[needs] = np.where(afresh | waited, graph.hold[needs], np.maximum(graph.profit[needs], graph.hold[needs]))
    graph.slot_of[needs] = NOBODY
    graph.first[:] = NOBODY
    graph.spare[:] = market.room
    tight = _raise_prices(graph, needs, market.room > 0)
    stood = before[tight.needs] == tight.slots
    for part in (stood, ~stood):
        _link_all(graph, tight.needs[part], tight.slots[part])
    market.late_needs.clear()
    market.late_slots.clear()
    _fill_all(graph, np.flatnonzero((graph.spare > 0) & (graph.price > graph.floor + NEARLY)))
    _place_all(graph, needs[(graph.slot_of[needs] == NOBODY) & (graph.profit[needs] > graph.hold[needs])])


def _raise_prices(graph: Graph, needs: Ints, open_: NDArray[np.bool_]) -> Edges:
    """Make every price the least that suits all profits; the pairs that it is made by, so that they are tight."""
    graph.price[:] = graph.floor
    blocks = [needs[begin : begin + AT_ONCE] for begin in range(0, len(needs), AT_ONCE)]
    for block in blocks:
        edges = edges_of(graph, block)
        offers = edges.values - graph.profit[edges.needs]
        higher = offers > graph.price[edges.slots]
        np.maximum.at(graph.price, edges.slots[higher], offers[higher])
    graph.price[~open_] = CLOSED
    found = []
    for block in blocks:
        edges = edges_of(graph, block)
        found.append(those(edges, edges.values - graph.profit[edges.needs] >= graph.price[edges.slots] - NEARLY))
    return joined(found)


def warm_up() -> None:
    """Run every kernel once: with the extra `fast`, a worker that does so compiles or loads them before its first decision."""
    market = Market(2)
    market.set_room(0, 1)
    for worth in (0.5, 0.4, 0.3):
        market.insert(np.array([0, 1]), np.array([worth, worth - 0.1]))
    market.set_room(1, 1)
    market.remove(0)
    resolve(market)


def relist(market: Market, edges: Edges, needs: Ints) -> None:
    """Let these needs list these pairs and no others, the MOST_LISTED best of each. Does not place anybody."""
    market.list_all()
    graph = market.graph
    old = needs[graph.degree[needs] > 0]
    graph.slots[old] = NOBODY
    graph.degree[old] = 0
    order = np.lexsort((edges.slots, -edges.values, edges.needs))
    order = order[rank(edges.needs[order]) < MOST_LISTED]
    order = order[np.lexsort((edges.slots[order], edges.needs[order]))]
    listed = edges.needs[order]
    places = listed * MOST_LISTED + rank(listed)
    graph.slots.ravel()[places] = edges.slots[order]
    graph.values.ravel()[places] = edges.values[order]
    graph.degree[needs] = np.bincount(listed, minlength=len(graph.degree))[needs]
    everybody = edges_of(graph, market.needs())
    first = np.cumsum(graph.degree) - graph.degree
    within = np.arange(len(everybody.needs)) - first[everybody.needs]
    market.lists.rebuild(everybody.slots, everybody.needs * MOST_LISTED + within)
    market.graph = graph._replace(lists=market.lists.entries, begin=market.lists.begin, listed=market.lists.listed)


def edges_of(graph: Graph, needs: Ints) -> Edges:
    """All that these needs list, by need and slot as `needs` stand."""
    rows = np.repeat(needs, graph.degree[needs])
    places = rows * MOST_LISTED + rank(rows)
    return Edges(rows, graph.slots.ravel()[places], graph.values.ravel()[places])


def _left(market: Market, group: Group, numbers: Ints) -> tuple[Group, Ints]:
    """The part of a group that still waits, and of its slots those that are still free; and the numbers."""
    rows = np.flatnonzero(market.graph.slot_of[numbers] == NOBODY)
    free = group.who[market.graph.spare[group.who] > 0]
    return Group(len(rows), free, lambda some, slots: group.score(rows[some], slots)), numbers[rows]


@kernel
def _link_all(graph: Graph, needs: Ints, slots: Ints) -> None:
    """Make pairs of those whose profit and price are tight, as far as both are free."""
    for place in range(len(needs)):
        need, slot = needs[place], slots[place]
        if graph.spare[slot] > 0 and graph.slot_of[need] == NOBODY:
            link(graph, need, slot)


@kernel
def _fill_all(graph: Graph, slots: Ints) -> None:
    """Search needs for the units that these slots have to spare above their floors."""
    for slot in slots:
        while graph.spare[slot] > 0 and graph.price[slot] > graph.floor[slot] + NEARLY:
            seek_need(graph, slot, UNBOUNDED)


@kernel
def _place_all(graph: Graph, needs: Ints) -> None:
    """Search slots for those of these needs that wait and could get more."""
    for need in needs:
        if graph.slot_of[need] == NOBODY and graph.profit[need] > graph.hold[need]:
            seek_slot(graph, need, UNBOUNDED)
