"""Names on shifts: who works when, so that rest, days off and locked shifts hold, and wishes as far as they can.

Mixed-integer, by group: each agent at most one shift a day, the week's shifts in all, and rest between two days. What nobody
may legally take stays open and is told, rather than given to somebody all the same.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import scipy  # its parts are read when they are first used: not by each process that starts
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.workforce import roster_cp
from rapport.workforce.roster_rules import (
    EVEN_COST,
    INFEASIBLE,
    INFEASIBLE_COST,
    OFF as OFF,
    OPEN_COST,
    SECONDS,
    SOLVERS,
    Roster as Roster,
    Rules as Rules,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def roster(
    counts: Ints,
    spans: Ints,
    costs: Floats,
    rules: Rules,
    *,
    may: Bools | None = None,
    locked: Mapping[tuple[int, int], int] | None = None,
    even: Sequence[Bools] = (),
    by: str = "highs",
    seconds: float = SECONDS,
) -> Roster:
    """Names for `counts` (days, templates) shifts of one group.

    `spans`: (templates, 2) first slot and the one after the last; `costs`: (agents, days, templates), what each would mind, and
    where a roster is changed as little as may be, 1 for what is new; `may`: the same shape, False where it cannot be (ill,
    on leave); `locked`: (agent, day) to the template that stays, or OFF; `even`: shifts, (days, templates) each, that all
    share alike, such as the late ones: what one has beyond the mean, rounded up, costs; `by`: highs, or cp_sat where the extra
    `schedule` is installed; `seconds` at most. Raises BadInput where it is not.
    """
    able, stays = np.ones(costs.shape, np.bool_) if may is None else may, locked or {}
    alike = _alike(counts, spans, costs, able, stays, even)
    first = [some[0] for some in alike]
    together = np.zeros_like(counts)
    for some in alike:
        together[:, some[0]] = counts[:, some].sum(axis=1)
    made = _solver(by)(together, spans, costs, rules, able, stays, even, seconds)
    works, left = made.works.copy(), counts.copy()
    for one, some in zip(first, alike, strict=True):
        for day in range(len(counts)):
            each = np.repeat(some, counts[day, some])
            who = np.flatnonzero(made.works[:, day] == one)
            works[who, day] = each[: len(who)]
            np.subtract.at(left[day], each[: len(who)], 1)
    return Roster(works, left, made.cost, made.bound)


def _solver(by: str) -> Callable[..., Roster]:
    if by not in SOLVERS:
        raise BadInput(f"--by is {' or '.join(SOLVERS)}, got {by[:20]!r}")
    if by == "cp_sat" and not roster_cp.THERE:
        raise BadInput("--by cp_sat needs OR-tools: install the extra, as in pip install 'rapport[schedule]', or take highs")
    return roster_cp.cp_roster if by == "cp_sat" else _highs_roster


def _alike(
    counts: Ints, spans: Ints, costs: Floats, may: Bools, locked: Mapping[tuple[int, int], int], even: Sequence[Bools]
) -> list[list[int]]:
    """Shifts that are asked for and that nobody can tell apart but by their breaks; who is locked to one can."""
    found: dict[object, list[int]] = {}
    for kind in np.flatnonzero(counts.any(axis=0)).tolist():
        alone = kind if kind in locked.values() else -1
        said = tuple(one[:, kind].tobytes() for one in even)
        key = (alone, *spans[kind].tolist(), costs[:, :, kind].tobytes(), may[:, :, kind].tobytes(), said)
        found.setdefault(key, []).append(kind)
    return list(found.values())


def _highs_roster(
    counts: Ints,
    spans: Ints,
    costs: Floats,
    rules: Rules,
    may: Bools,
    locked: Mapping[tuple[int, int], int],
    even: Sequence[Bools],
    seconds: float,
) -> Roster:
    agents, days, kinds = costs.shape
    used = [kind for kind in range(kinds) if counts[:, kind].any()]
    size, places, beyond = agents * days * len(used), days * len(used), agents * len(even)
    allowed = may.copy()
    needed = np.zeros((agents, days, kinds), np.bool_)
    for (agent, day), kind in locked.items():
        allowed[agent, day] = False
        if kind != OFF:
            allowed[agent, day, kind] = needed[agent, day, kind] = True
    cost = np.concatenate((costs[:, :, used].ravel(), np.full(places, OPEN_COST), np.full(beyond, EVEN_COST)))
    top = np.concatenate((allowed[:, :, used].ravel(), counts[:, used].ravel(), np.full(beyond, np.inf)))
    low = np.concatenate((needed[:, :, used].ravel(), np.zeros(places + beyond)))
    rows = _constraints(agents, counts[:, used], spans[used], rules, beyond)
    rows += _evens(agents, counts[:, used], [one[:, used] for one in even])
    whole, most = np.concatenate((np.ones(size + places), np.zeros(beyond))), {"time_limit": seconds}
    found = scipy.optimize.milp(cost, constraints=rows, bounds=scipy.optimize.Bounds(low, top), integrality=whole, options=most)
    if found.x is None:  # nothing is given out rather than something illegal
        return Roster(np.full((agents, days), OFF), counts, INFEASIBLE_COST if found.status == INFEASIBLE else 0.0)
    taken = np.rint(found.x[:size]).reshape(agents, days, len(used)).astype(np.int64)
    works = np.where(taken.any(axis=2), np.array(used)[taken.argmax(axis=2)], OFF)
    left = np.zeros_like(counts)
    left[:, used] = np.rint(found.x[size : size + places]).reshape(days, len(used))
    return Roster(works, left, float(found.fun - OPEN_COST * left.sum()), float(found.mip_dual_bound))


def _evens(agents: int, counts: Ints, even: Sequence[Bools]) -> "list[scipy.optimize.LinearConstraint]":
    """What each has of some shifts, less what is beyond their share, is at most the share."""
    if not even:
        return []
    places, beyond = counts.size, agents * len(even)
    found, most = scipy.sparse.lil_matrix((beyond, (agents + 1) * places + beyond)), np.zeros(beyond)
    for number, one in enumerate(even):
        for agent in range(agents):
            row = number * agents + agent
            found[row, agent * places + np.flatnonzero(one.ravel())] = 1
            found[row, (agents + 1) * places + row] = -1
            most[row] = np.ceil(counts[one].sum() / agents)
    return [scipy.optimize.LinearConstraint(found.tocsr(), -np.inf, most)]


def _constraints(agents: int, counts: Ints, spans: Ints, rules: Rules, beyond: int) -> "list[scipy.optimize.LinearConstraint]":
    days, kinds = counts.shape
    size, wide = agents * days * kinds, agents * days * kinds + days * kinds + beyond
    filled = scipy.sparse.lil_matrix((days * kinds, wide))
    for agent in range(agents):
        for place in range(days * kinds):
            filled[place, agent * days * kinds + place] = 1
    for place in range(days * kinds):
        filled[place, size + place] = 1
    one_a_day = scipy.sparse.csr_matrix(scipy.sparse.kron(scipy.sparse.eye(agents * days), np.ones((1, kinds))))
    one_a_day.resize((agents * days, wide))
    in_all = scipy.sparse.csr_matrix(scipy.sparse.kron(scipy.sparse.eye(agents), np.ones((1, days * kinds))))
    in_all.resize((agents, wide))
    wanted = counts.ravel().astype(float)
    found = [
        scipy.optimize.LinearConstraint(filled.tocsr(), wanted, wanted),
        scipy.optimize.LinearConstraint(one_a_day, -np.inf, 1),
        scipy.optimize.LinearConstraint(in_all, -np.inf, rules.shifts),
        scipy.optimize.LinearConstraint(_rests(agents, days, spans, rules, wide), -np.inf, 1),
    ]
    if rules.in_a_row < days:
        found.append(
            scipy.optimize.LinearConstraint(_stretches(agents, days, kinds, rules.in_a_row, wide), -np.inf, rules.in_a_row)
        )
    return found


def _rests(agents: int, days: int, spans: Ints, rules: Rules, wide: int) -> "scipy.sparse.csr_matrix":
    """For each end of a shift: it and all that begin too early on the next day, at most one of them."""
    kinds, rows = len(spans), []
    for late in sorted(set(spans[:, 1].tolist())):
        ends = [kind for kind in range(kinds) if spans[kind, 1] >= late]
        for d in range(days - 1):
            early = [kind for kind in range(kinds) if not rules.rests(d, late, int(spans[kind, 0]))]
            rows += [(a, d, ends, early) for a in range(agents) if early]
    found = scipy.sparse.lil_matrix((max(1, len(rows)), wide))
    for row, (agent, day, ends, early) in enumerate(rows):
        first = (agent * days + day) * kinds
        for kind in ends:
            found[row, first + kind] = 1
        for kind in early:
            found[row, first + kinds + kind] = 1
    return found.tocsr()


def _stretches(agents: int, days: int, kinds: int, most: int, wide: int) -> "scipy.sparse.csr_matrix":
    found = scipy.sparse.lil_matrix((agents * (days - most), wide))
    for agent in range(agents):
        for first in range(days - most):
            start = (agent * days + first) * kinds
            found[agent * (days - most) + first, start : start + (most + 1) * kinds] = 1
    return found.tocsr()
