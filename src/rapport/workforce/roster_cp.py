"""The same roster by constraint programming (CP-SAT of OR-tools, the extra `schedule`): quicker where many share shifts."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.workforce.roster_rules import EVEN_COST, INFEASIBLE_COST, OFF, OPEN_COST, Roster, Rules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
THERE = importlib.util.find_spec("ortools") is not None
PARTS = 100  # costs are whole numbers of hundredths
WORKERS, SEED = 2, 1
Model = Any  # of a library without types that is only there with the extra; variables and sums of it are too


def cp_roster(
    counts: Ints,
    spans: Ints,
    costs: Floats,
    rules: Rules,
    may: Bools,
    locked: Mapping[tuple[int, int], int],
    even: Sequence[Bools],
    seconds: float,
) -> Roster:
    """As `roster.roster`, whose arguments these are."""
    cp = importlib.import_module("ortools.sat.python.cp_model")
    model, (agents, days, kinds) = cp.CpModel(), costs.shape
    used = [kind for kind in range(kinds) if counts[:, kind].any()]
    turns = {
        (a, d, k): model.new_bool_var("")
        for a in range(agents)
        for d in range(days)
        for k in (used if (a, d) not in locked else [locked[a, d]] if locked[a, d] in used else [])
        if may[a, d, k] or (a, d) in locked
    }
    left = {(d, k): model.new_int_var(0, int(counts[d, k]), "") for d in range(days) for k in used if counts[d, k]}
    for d in range(days):
        for k in used:
            taken = sum(turns[a, d, k] for a in range(agents) if (a, d, k) in turns)
            model.add(taken + left.get((d, k), 0) == int(counts[d, k]))
    _legal(model, turns, (agents, days), spans, used, rules)
    for (a, d), k in locked.items():
        if k != OFF:
            model.add(turns[a, d, k] == 1) if (a, d, k) in turns else model.add_bool_or([])
    minded = [round(PARTS * float(costs[place])) * turn for place, turn in turns.items()]
    minded += [round(PARTS * OPEN_COST) * one for one in left.values()]
    minded += [round(PARTS * EVEN_COST) * one for one in _beyond(model, turns, counts, agents, even)]
    model.minimize(sum(minded))
    return _solved(cp, model, turns, left, counts, costs.shape, seconds)


def _solved(
    cp: Model,
    model: Model,
    turns: Mapping[tuple[int, int, int], Any],
    left: Mapping[tuple[int, int], Any],
    counts: Ints,
    size: tuple[int, ...],
    seconds: float,
) -> Roster:
    solver = cp.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, WORKERS
    solver.parameters.random_seed = SEED
    status = solver.solve(model)
    if status not in (cp.OPTIMAL, cp.FEASIBLE):
        cost = INFEASIBLE_COST if status == cp.INFEASIBLE else 0.0
        return Roster(np.full(size[:2], OFF), counts, cost)
    works = np.full(size[:2], OFF)
    for (a, d, k), turn in turns.items():
        if solver.boolean_value(turn):
            works[a, d] = k
    open_now = np.zeros_like(counts)
    for (d, k), one in left.items():
        open_now[d, k] = solver.value(one)
    total = solver.objective_value / PARTS
    return Roster(works, open_now, float(total - OPEN_COST * open_now.sum()), float(solver.best_objective_bound / PARTS))


def _legal(
    model: Model,
    turns: Mapping[tuple[int, int, int], Any],
    size: tuple[int, int],
    spans: Ints,
    used: Sequence[int],
    rules: Rules,
) -> None:
    """At most one shift a day, rest between two, so many in all, and so many days in a row."""
    agents, days = size
    late = sorted({int(spans[k, 1]) for k in used})
    for a in range(agents):
        of = [[turns[a, d, k] for k in used if (a, d, k) in turns] for d in range(days)]
        for d, one in enumerate(of):
            model.add_at_most_one(one)
            if d + 1 == days:
                continue
            for end in late:
                early = (k for k in used if not rules.rests(d, end, int(spans[k, 0])))
                after = [turns[a, d + 1, k] for k in early if (a, d + 1, k) in turns]
                if after:
                    before = [turns[a, d, k] for k in used if spans[k, 1] >= end and (a, d, k) in turns]
                    model.add_at_most_one([*before, *after])
        model.add(sum(turn for one in of for turn in one) <= rules.shifts)
        for first in range(days - rules.in_a_row):
            model.add(sum(turn for one in of[first : first + rules.in_a_row + 1] for turn in one) <= rules.in_a_row)


def _beyond(
    model: Model, turns: Mapping[tuple[int, int, int], Any], counts: Ints, agents: int, even: Sequence[Bools]
) -> list[Any]:
    """What each has of some shifts beyond their share of them."""
    found = []
    for one in even:
        most = int(np.ceil(counts[one].sum() / agents))
        for a in range(agents):
            beyond = model.new_int_var(0, counts.shape[0], "")
            model.add(sum(turn for (who, d, k), turn in turns.items() if who == a and one[d, k]) - beyond <= most)
            found.append(beyond)
    return found
