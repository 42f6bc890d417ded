"""Names on shifts: who works when, so that rest, days off and locked shifts hold, and wishes as far as they can.

Mixed-integer, by group: each agent at most one shift a day, the week's shifts in all, and rest between two days. What nobody
may legally take stays open and is told, rather than given to somebody all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, lil_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
OPEN_COST = 1_000.0  # of a shift that nobody takes
OFF = -1
EVEN_COST = 3.0  # of a late or a weekend shift beyond one's share
SECONDS = 20.0  # for a group, at most
INFEASIBLE = 2  # of milp: locked shifts break a rule


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works what: (agents, days) the number of a template, OFF for a day off; shifts left open: (days, templates).

    `cost` is infinite where locked shifts break a rule; where there was no time to find anything, all is open.
    """

    works: Ints
    left_open: Ints
    cost: float


@dataclass(frozen=True, slots=True)
class Rules:
    """What is legal: slots in a day (of the clock) and the rest between shifts, shifts a week, and days in a row at most."""

    day_slots: int
    rest_slots: int
    shifts: int
    in_a_row: int = 6


def roster(
    counts: Ints,
    spans: Ints,
    costs: Floats,
    rules: Rules,
    *,
    may: Bools | None = None,
    locked: Mapping[tuple[int, int], int] | None = None,
    even: Sequence[Bools] = (),
) -> Roster:
    """Names for `counts` (days, templates) shifts of one group.

    `spans`: (templates, 2) first slot and the one after the last; `costs`: (agents, days, templates), what each would mind, and
    where a roster is changed as little as may be, 1 for what is new; `may`: the same shape, False where it cannot be (ill,
    on leave); `locked`: (agent, day) to the template that stays, or OFF; `even`: shifts, (days, templates) each, that all
    share alike, such as the late ones: what one has beyond the mean, rounded up, costs.
    """
    agents, days, kinds = costs.shape
    used = [kind for kind in range(kinds) if counts[:, kind].any()]
    size, places, beyond = agents * days * len(used), days * len(used), agents * len(even)
    allowed = np.ones((agents, days, kinds), np.bool_) if may is None else may.copy()
    needed = np.zeros((agents, days, kinds), np.bool_)
    for (agent, day), kind in (locked or {}).items():
        allowed[agent, day] = False
        if kind != OFF:
            allowed[agent, day, kind] = needed[agent, day, kind] = True
    cost = np.concatenate((costs[:, :, used].ravel(), np.full(places, OPEN_COST), np.full(beyond, EVEN_COST)))
    top = np.concatenate((allowed[:, :, used].ravel(), counts[:, used].ravel(), np.full(beyond, np.inf)))
    low = np.concatenate((needed[:, :, used].ravel(), np.zeros(places + beyond)))
    rows = _constraints(agents, counts[:, used], spans[used], rules, beyond)
    rows += _evens(agents, counts[:, used], [one[:, used] for one in even])
    whole, most = np.concatenate((np.ones(size + places), np.zeros(beyond))), {"time_limit": SECONDS}
    found = milp(cost, constraints=rows, bounds=Bounds(low, top), integrality=whole, options=most)
    if found.x is None:  # nothing is given out rather than something illegal
        return Roster(np.full((agents, days), OFF), counts, float("inf") if found.status == INFEASIBLE else 0.0)
    taken = np.rint(found.x[:size]).reshape(agents, days, len(used)).astype(np.int64)
    works = np.where(taken.any(axis=2), np.array(used)[taken.argmax(axis=2)], OFF)
    left = np.zeros_like(counts)
    left[:, used] = np.rint(found.x[size : size + places]).reshape(days, len(used))
    return Roster(works, left, float(found.fun - OPEN_COST * left.sum()))


def _evens(agents: int, counts: Ints, even: Sequence[Bools]) -> list[LinearConstraint]:
    """What each has of some shifts, less what is beyond their share, is at most the share."""
    if not even:
        return []
    places, beyond = counts.size, agents * len(even)
    found, most = lil_matrix((beyond, (agents + 1) * places + beyond)), np.zeros(beyond)
    for number, one in enumerate(even):
        for agent in range(agents):
            row = number * agents + agent
            found[row, agent * places + np.flatnonzero(one.ravel())] = 1
            found[row, (agents + 1) * places + row] = -1
            most[row] = np.ceil(counts[one].sum() / agents)
    return [LinearConstraint(found.tocsr(), -np.inf, most)]


def _constraints(agents: int, counts: Ints, spans: Ints, rules: Rules, beyond: int) -> list[LinearConstraint]:
    days, kinds = counts.shape
    size, wide = agents * days * kinds, agents * days * kinds + days * kinds + beyond
    filled = lil_matrix((days * kinds, wide))
    for agent in range(agents):
        for place in range(days * kinds):
            filled[place, agent * days * kinds + place] = 1
    for place in range(days * kinds):
        filled[place, size + place] = 1
    one_a_day = csr_matrix(np.kron(np.eye(agents * days), np.ones((1, kinds))))
    one_a_day.resize((agents * days, wide))
    in_all = csr_matrix(np.kron(np.eye(agents), np.ones((1, days * kinds))))
    in_all.resize((agents, wide))
    wanted = counts.ravel().astype(float)
    found = [
        LinearConstraint(filled.tocsr(), wanted, wanted),
        LinearConstraint(one_a_day, -np.inf, 1),
        LinearConstraint(in_all, -np.inf, rules.shifts),
        LinearConstraint(_rests(agents, days, spans, rules, wide), -np.inf, 1),
    ]
    if rules.in_a_row < days:
        found.append(LinearConstraint(_stretches(agents, days, kinds, rules.in_a_row, wide), -np.inf, rules.in_a_row))
    return found


def _rests(agents: int, days: int, spans: Ints, rules: Rules, wide: int) -> csr_matrix:
    """For each end of a shift: it and all that begin too early on the next day, at most one of them."""
    kinds, rows = len(spans), []
    for late in sorted(set(spans[:, 1].tolist())):
        ends = [kind for kind in range(kinds) if spans[kind, 1] >= late]
        early = [kind for kind in range(kinds) if spans[kind, 0] + rules.day_slots - late < rules.rest_slots]
        if early:
            rows += [(a, d, ends, early) for a in range(agents) for d in range(days - 1)]
    found = lil_matrix((max(1, len(rows)), wide))
    for row, (agent, day, ends, early) in enumerate(rows):
        first = (agent * days + day) * kinds
        for kind in ends:
            found[row, first + kind] = 1
        for kind in early:
            found[row, first + kinds + kind] = 1
    return found.tocsr()


def _stretches(agents: int, days: int, kinds: int, most: int, wide: int) -> csr_matrix:
    found = lil_matrix((agents * (days - most), wide))
    for agent in range(agents):
        for first in range(days - most):
            start = (agent * days + first) * kinds
            found[agent * (days - most) + first, start : start + (most + 1) * kinds] = 1
    return found.tocsr()
