"""The two searches of the market: a need looks for a slot, a slot looks for a need; each along the cheapest exchange.

Plain functions on arrays, written so that numba may compile them (`fast.py`). Shortest augmenting paths with duals
(Jonker and Volgenant, Computing 38, 1987) on the graph of `market.py`: the distance of a node is what the total would lose
if the search ended there, and nothing is lost where the duals are tight.
"""

from heapq import heappop, heappush

import numpy as np

from rapport.matching.engine.fast import kernel
from rapport.matching.engine.graph import MOST_LISTED, NOBODY, Graph, favour, link, unlink

SETTLED = -1.0  # below every distance
Heap = list[tuple[float, int]]
Found = tuple[int, int, int]  # slots that were settled; the need and the slot that are to be looked at again, or NOBODY
End = tuple[float, int, int]  # what the best end found costs; its slot, or NOBODY; its need, or NOBODY


@kernel
def _shift(graph: Graph, settled: Heap, total: float, sign: float) -> None:
    """Move the prices of settled slots, and the profits of who has them, by what lies between them and the end."""
    for reached, slot in settled:
        change = sign * (total - reached)
        graph.price[slot] += change
        need = graph.first[slot]
        while need != NOBODY:
            graph.profit[need] -= change
            need = graph.after[need]


@kernel
def _from_need(graph: Graph, need: int, distance: float, heap: Heap, touched: list[int], end: End) -> End:
    """Look along all that a need lists: free slots are ends, taken ones are put on the heap; so is waiting an end."""
    best, end_slot, end_need = end
    waits = distance + (graph.profit[need] - graph.hold[need])
    if waits < best:
        best, end_slot, end_need = waits, NOBODY, need
    count = graph.degree[need]
    slots = graph.slots[need, :count]
    near = (graph.price[slots] - graph.values[need, :count]) + (graph.profit[need] + distance)
    for place in np.flatnonzero(near < np.minimum(graph.reached[slots], best)):
        reached = float(near[place])
        if reached < best:
            slot = int(slots[place])
            if graph.spare[slot] > 0:
                best, end_slot, end_need = reached, slot, need
            else:
                graph.reached[slot] = reached
                graph.through[slot] = need
                touched.append(slot)
                heappush(heap, (reached, slot))
    return best, end_slot, end_need


@kernel
def _exchange(graph: Graph, end: End, starter: int, lacks: float) -> None:
    """Let the last need take the last slot, or wait; who was on the way to it moves one on, up to the starter."""
    slot, need = end[1], end[2]
    while True:
        left = graph.slot_of[need]
        if left != NOBODY:
            unlink(graph, need)
        if slot != NOBODY:
            link(graph, need, slot)
        if need == end[2]:
            if slot != NOBODY and lacks > 0.0:
                favour(graph, need, slot, lacks)
            elif lacks == 0.0 and slot == NOBODY:
                graph.profit[need] = graph.hold[need]
        if need == starter:
            return
        slot, need = left, graph.through[left]


@kernel
def seek_slot(graph: Graph, need: int, budget: int) -> Found:
    """Place a need that waits where the total is largest.

    When the budget runs out, the best end that was seen is taken. Duals stay feasible; what that end may lack is what a need
    that waits gets beyond its hold, or what a pair is favoured by: that need is told, to be looked at again.
    """
    count = graph.degree[need]
    graph.profit[need] = graph.hold[need]
    if count == 0:
        return 0, NOBODY, NOBODY
    gains = graph.values[need, :count] - graph.price[graph.slots[need, :count]]
    place = np.argmax(gains)
    if gains[place] < graph.hold[need]:
        return 0, NOBODY, NOBODY
    graph.profit[need] = gains[place]
    if graph.spare[graph.slots[need, place]] > 0:
        link(graph, need, int(graph.slots[need, place]))
        return 0, NOBODY, NOBODY
    return _seek_slot_further(graph, need, budget)


@kernel
def _seek_slot_further(graph: Graph, need: int, budget: int) -> Found:
    """The rest of `seek_slot`, where the slot that the need likes best is taken."""
    heap = [(0.0, 0)]
    heap.pop()
    touched = [0]
    touched.pop()
    settled = [(0.0, 0)]
    settled.pop()
    end = _from_need(graph, need, 0.0, heap, touched, (np.inf, NOBODY, need))
    total = end[0]
    while heap:
        distance, slot = heappop(heap)
        if distance >= end[0]:
            break
        if graph.reached[slot] < distance:
            continue
        if len(settled) >= budget:
            total = distance
            break
        graph.reached[slot] = SETTLED
        settled.append((distance, slot))
        other = graph.first[slot]
        while other != NOBODY:
            end = _from_need(graph, int(other), distance, heap, touched, end)
            other = graph.after[other]
        total = end[0]
    for slot in touched:
        graph.reached[slot] = np.inf
    _shift(graph, settled, total, 1.0)
    graph.profit[need] -= total
    _exchange(graph, end, need, end[0] - total)
    return len(settled), end[2] if total < end[0] else NOBODY, NOBODY


@kernel
def _from_slot(graph: Graph, slot: int, distance: float, heap: Heap, touched: list[int], end: End) -> End:
    """Look along all who list a slot: who waits is an end, who has another slot puts that on the heap; so is staying free."""
    best, end_slot, end_need = end
    stays = distance + (graph.price[slot] - graph.floor[slot])
    if stays < best:
        best, end_slot, end_need = stays, slot, NOBODY
    entries = graph.lists[graph.begin[slot] : graph.begin[slot] + graph.listed[slot]]
    entries = entries[graph.slots.ravel()[entries] == slot]
    needs = entries // MOST_LISTED
    near = (graph.profit[needs] - graph.values.ravel()[entries]) + (graph.price[slot] + distance)
    for place in np.flatnonzero(near <= best):
        reached, need = float(near[place]), int(needs[place])
        other = int(graph.slot_of[need])
        if other == NOBODY:
            if reached < best or (reached == best and (end_need == NOBODY or end_need > need)):
                best, end_slot, end_need = reached, slot, need
        elif reached < min(best, graph.reached[other]):
            graph.reached[other] = reached
            graph.through[other] = need
            graph.before[other] = slot
            touched.append(other)
            heappush(heap, (reached, other))
    return best, end_slot, end_need


@kernel
def seek_need(graph: Graph, starter: int, budget: int) -> Found:
    """Give one spare unit of a slot, whose price is above its floor, to whom it is worth most; see `seek_slot`."""
    heap = [(0.0, starter)]
    touched = [starter]
    settled = [(0.0, starter)]
    settled.pop()
    end = (np.inf, NOBODY, NOBODY)
    total = 0.0
    graph.reached[starter] = 0.0
    while heap:
        distance, slot = heappop(heap)
        if distance >= end[0]:
            break
        if graph.reached[slot] < distance:
            continue
        if len(settled) >= budget:
            total = distance
            break
        graph.reached[slot] = SETTLED
        settled.append((distance, slot))
        end = _from_slot(graph, slot, distance, heap, touched, end)
        total = end[0]
    for slot in touched:
        graph.reached[slot] = np.inf
    _shift(graph, settled, total, -1.0)
    _take_back(graph, end, starter, end[0] - total)
    if total == end[0]:
        return len(settled), NOBODY, NOBODY
    return len(settled), end[2], end[1] if end[2] == NOBODY else NOBODY


@kernel
def _take_back(graph: Graph, end: End, starter: int, lacks: float) -> None:
    """Let the last need, if any, take the last slot; who had to make room on the way moves one back, up to the starter."""
    slot = end[1]
    if end[2] != NOBODY:
        link(graph, end[2], slot)
        if lacks > 0.0:
            favour(graph, end[2], slot, lacks)
    elif lacks == 0.0:
        graph.price[slot] = graph.floor[slot]
    while slot != starter:
        mover, back = graph.through[slot], graph.before[slot]
        unlink(graph, mover)
        link(graph, mover, back)
        slot = back
