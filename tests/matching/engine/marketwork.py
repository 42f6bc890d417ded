"""The market's tests: the best total by another solver, and the proof that stands in the duals."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from rapport.matching.engine.arrival import Group
from rapport.matching.engine.graph import NOBODY
from rapport.matching.engine.market import Market

FORBIDDEN = -1e9
UNBOUNDED = 10**9


def a_group(scores, who=None):
    """Needs whose worths with all of `who` are these: (needs, who)."""
    scores = np.asarray(scores, np.float32)
    who = np.arange(scores.shape[1]) if who is None else who
    return Group(len(scores), who, lambda rows, slots: scores[np.ix_(rows, np.searchsorted(who, slots))])


def an_open_market(slots, room=1):
    market = Market(slots)
    for slot in range(slots):
        market.set_room(slot, room)
    return market


def worths(market, *, in_truth=True):
    """What each need of the market would get from each slot: (needs, slots), FORBIDDEN where it lists none."""
    graph, needs = market.graph, market.needs()
    table = np.full((len(needs), len(market.room)), FORBIDDEN)
    for row, need in enumerate(needs):
        count = graph.degree[need]
        table[row, graph.slots[need, :count]] = graph.values[need, :count]
        if in_truth and graph.favoured[need] != NOBODY:
            table[row, graph.slot_of[need]] = graph.worth[need]
    return table


def best_total(market):
    """The largest total, by scipy on the dense table: a column for each unit, and one for each need to wait."""
    graph, needs = market.graph, market.needs()
    units = np.repeat(np.arange(len(market.room)), market.room)
    waits = np.full((len(needs), len(needs)), FORBIDDEN)
    np.fill_diagonal(waits, graph.hold[needs])
    whole = np.hstack([worths(market)[:, units] - graph.floor[units], waits])
    rows, columns = linear_sum_assignment(whole, maximize=True)
    return whole[rows, columns].sum()


def total(market):
    """What the pairs and who waits are worth together."""
    graph, needs, table = market.graph, market.needs(), worths(market)
    chosen = [(row, graph.slot_of[need]) for row, need in enumerate(needs)]
    return sum(graph.hold[needs[r]] if s == NOBODY else table[r, s] - graph.floor[s] for r, s in chosen)


def faults(market):
    """Where the duals are not feasible, not tight on pairs, or units are not counted right: texts."""
    graph, needs, table = market.graph, market.needs(), worths(market, in_truth=False)
    held = np.bincount(graph.slot_of[needs][graph.slot_of[needs] != NOBODY], minlength=len(market.room))
    with_room = market.room > 0
    slack = graph.profit[needs, None] + graph.price - table
    paired = [row for row, need in enumerate(needs) if graph.slot_of[need] != NOBODY]
    found = {
        "a pair is worth more than profit and price": (slack < -1e-9).any(),
        "a need gets less than waiting is worth": (graph.profit[needs] < graph.hold[needs] - 1e-9).any(),
        "a price is below its floor": (graph.price[with_room] < graph.floor[with_room] - 1e-9).any(),
        "a chosen pair is not tight": any(abs(slack[row, graph.slot_of[needs[row]]]) > 1e-9 for row in paired),
        "units are lost": (held + graph.spare != market.room).any() or (graph.spare < 0).any(),
        "an unlisted pair was chosen": any(table[row, graph.slot_of[needs[row]]] == FORBIDDEN for row in paired),
    }
    return [fault for fault, is_so in found.items() if is_so]


def shake(market, random, budget=UNBOUNDED, slots=60, rounded=9):
    """One event at random, of any kind that there is."""
    there = market.needs()
    count = random.integers(0, 9)
    listed, values = random.choice(slots, count, replace=False), np.round(random.random(count) * 2 - 0.2, rounded)
    need = int(random.choice(there)) if len(there) else market.insert(listed, values)
    paired = market.pairs()[0]
    events = [
        lambda: market.insert(listed, values, random.random() / 2, budget=budget),
        lambda: market.remove(need, budget=budget),
        lambda: market.set_room(int(random.integers(slots)), int(random.integers(0, 4)), budget=budget),
        lambda: market.lease(int(random.choice(paired))) if len(paired) else None,
    ]
    events[random.choice(len(events), p=[0.5, 0.2, 0.24, 0.06])]()
