"""Shifts for a week: a linear program gives the bound, whole numbers of shifts follow day by day, and the gap is known.

Who may do which skill enters by Hall's condition: for every set of skills, those at work who have one of them are as many as
the set asks for, or it is short. That says the same as sending people to skills one by one, with far fewer unknowns.
Arrays: `required` (days, skills, slots) agents; `templates` (templates, slots) 1 where a shift works.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product

import numpy as np
import scipy  # its parts are read when they are first used: not by each process that starts
from numpy.typing import NDArray

from rapport.errors import BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAY_SECONDS = 5.0  # for whole numbers of one day, at most
CHEAP = 0.2  # of a skill-slot: what a template that the divided week does not use may cost to be tried
MOST_SKILLS = 6
WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Group:
    """People with the same skills: how many they are, and how many shifts each works in the week."""

    skills: frozenset[int]
    agents: int
    shifts: int


@dataclass(frozen=True, slots=True)
class Week:
    """What is to be scheduled; see the module's first lines for the shapes."""

    groups: tuple[Group, ...]
    templates: Ints
    required: Ints


@dataclass(frozen=True, slots=True)
class Schedule:
    """Whole shifts (groups, days, templates), skill-slots that are short, and the bound that nobody can be below."""

    shifts: Ints
    short: float
    bound: float

    @property
    def gap(self) -> float:
        """How far above the bound, as a fraction."""
        return (self.short - self.bound) / self.bound if self.bound > WHOLE else self.short - self.bound


Each = Callable[[Callable[[int], "tuple[Ints, float]"], Iterable[int]], Iterable["tuple[Ints, float]"]]


def bound(week: Week) -> tuple[float, Floats]:
    """The fewest short skill-slots if people could be divided, and the shifts (groups, days, templates) that give it.

    Raises:
        BadInput: the shapes do not fit, or the shifts that are owed cannot be worked.
    """
    _check(week)
    days, groups, kinds = len(week.required), len(week.groups), len(week.templates)
    one, cost = _cover(week), _cost(week)
    wide = one.shape[1]
    cover = scipy.sparse.kron(scipy.sparse.eye(days), one)
    heads, owed = _heads(week), np.array([group.agents * group.shifts for group in week.groups], np.float64)
    a_day = scipy.sparse.kron(scipy.sparse.eye(days), _per_group(groups, kinds, wide))
    in_all = scipy.sparse.hstack([_per_group(groups, kinds, wide)] * days)
    found = scipy.optimize.linprog(
        np.tile(cost, days),
        A_ub=scipy.sparse.vstack([-cover, a_day]).tocsr(),
        b_ub=np.concatenate((-np.concatenate([_asked(week, day) for day in range(days)]), np.tile(heads, days))),
        A_eq=in_all.tocsr(),
        b_eq=owed,
        method="highs-ipm",
    )
    if found.x is None:
        raise BadInput(f"no week has so many shifts: {found.message}")
    shifts = found.x.reshape(days, wide)[:, : groups * kinds].reshape(days, groups, kinds)
    return float(found.fun), np.asarray(shifts.transpose(1, 0, 2), np.float64)


def schedule(week: Week, each: Each = map, seconds: float = DAY_SECONDS) -> Schedule:
    """Whole shifts. `each` runs the days, one after the other unless told otherwise (a pool's `map` takes several at once).

    `seconds`: how long the whole numbers of a day are looked for, at most.
    """
    least, shifts = bound(week)
    counts = whole_counts(week, shifts.sum(axis=2))
    days = list(each(partial(_whole_day, week, counts, seconds), range(len(week.required))))
    return Schedule(np.stack([found for found, _ in days], axis=1), float(sum(short for _, short in days)), least)


def whole_counts(week: Week, divided: Floats) -> Ints:
    """Whole shifts of each group on each day, (groups, days), near the divided ones.

    First how many work on each day, by what one more or fewer would leave short; then who, by the least change.
    """
    totals = divided.sum(axis=0)
    choices = [sorted({int(np.floor(total + WHOLE)), int(np.ceil(total - WHOLE))}) for total in totals.tolist()]
    short = [{count: _day_bound(week, day, count) for count in some} for day, some in enumerate(choices)]
    owed = sum(group.agents * group.shifts for group in week.groups)
    whole = [one for one in product(*choices) if sum(one) == owed]
    best = min(whole, key=lambda one: sum(short[day][count] for day, count in enumerate(one)))
    return _rounded(week, divided, np.array(best))


def _rounded(week: Week, divided: Floats, totals: Ints) -> Ints:
    groups, days = divided.shape
    low = np.floor(divided + WHOLE)
    more = np.minimum(1.0, _heads(week)[:, None] - low)
    place = np.vstack([np.kron(np.eye(groups), np.ones(days)), np.kron(np.ones(groups), np.eye(days))])
    owed = np.array([group.agents * group.shifts for group in week.groups], np.float64)
    left = np.concatenate((owed, totals.astype(np.float64))) - place @ low.ravel()
    above = np.maximum(0.0, _heads(week)[:, None] - low - 1.0)
    size = groups * days
    found = scipy.optimize.milp(
        np.concatenate((1.0 - 2.0 * (divided - low).ravel(), np.full(2 * size, 3.0))),
        constraints=scipy.optimize.LinearConstraint(np.hstack([place, place, -place]), left, left),
        bounds=scipy.optimize.Bounds(0, np.concatenate((more.ravel(), above.ravel(), low.ravel()))),
        integrality=np.ones(3 * size),
    )
    moved = found.x[:size] + found.x[size : 2 * size] - found.x[2 * size :]
    return np.asarray(np.rint(low + moved.reshape(groups, days)), np.int64)


def _day_bound(week: Week, day: int, count: int) -> float:
    """The fewest short skill-slots of a day on which so many work, people divided."""
    one, groups, kinds = _cover(week), len(week.groups), len(week.templates)
    total = scipy.sparse.csr_matrix(np.concatenate((np.ones(groups * kinds), np.zeros(one.shape[1] - groups * kinds)))[None])
    found = scipy.optimize.linprog(
        _cost(week),
        A_ub=scipy.sparse.vstack([-one, _per_group(groups, kinds, one.shape[1])]).tocsr(),
        b_ub=np.concatenate((-_asked(week, day), _heads(week))),
        A_eq=total,
        b_eq=[count],
        method="highs-ipm",
    )
    return float(found.fun) if found.x is not None else float("inf")


def _whole_day(week: Week, counts: Ints, seconds: float, day: int) -> tuple[Ints, float]:
    """Whole shifts (groups, templates) of one day with so many of each group, and what is short.

    First between the divided shifts rounded down and up, which is quick; where that proves nothing, cheap others too.
    """
    one, cost, kinds = _cover(week), _cost(week), len(week.templates)
    given, asked = counts[:, day].astype(np.float64), _asked(week, day)
    per_group = _per_group(len(week.groups), kinds, one.shape[1])
    divided = scipy.optimize.linprog(cost, A_ub=-one, b_ub=-asked, A_eq=per_group, b_eq=given, method="highs-ipm")
    if divided.x is None:
        raise BadInput(f"day {day}: so many shifts cannot be worked: {divided.message}")
    size, proven = len(week.groups) * kinds, float(np.ceil(divided.fun - WHOLE))
    low, high = np.floor(divided.x[:size] + WHOLE), np.ceil(divided.x[:size] - WHOLE)
    cheap = np.where((high == 0) & (divided.lower.marginals[:size] < CHEAP), 1.0, high)
    best: tuple[Ints, float] | None = None
    for top in (high, cheap, np.full(size, np.inf)):
        if best is not None and (best[1] <= proven + WHOLE or np.isinf(top).any()):
            break
        found = scipy.optimize.milp(
            cost,
            constraints=[
                scipy.optimize.LinearConstraint(one, asked, np.inf),
                scipy.optimize.LinearConstraint(per_group, given, given),
            ],
            integrality=np.concatenate((np.ones(size), np.zeros(one.shape[1] - size))),
            bounds=scipy.optimize.Bounds(
                np.concatenate((low if np.isfinite(top).all() else 0.0 * low, np.zeros(one.shape[1] - size))),
                np.concatenate((top, np.full(one.shape[1] - size, np.inf))),
            ),
            options={"time_limit": seconds, "mip_rel_gap": 0.9 / max(1.0, proven)},
        )
        if found.x is not None:
            shifts = np.rint(found.x[:size]).astype(np.int64).reshape(-1, kinds)
            short = short_of(week, shifts, day)
            best = (shifts, short) if best is None or short < best[1] else best
    if best is None:
        raise BadInput(f"day {day}: no whole shifts were found in {seconds:.0f} s; fewer templates help")
    return best


def short_of(week: Week, shifts: Ints, day: int) -> float:
    """How many skill-slots are short on a day with these shifts (groups, templates): by Hall's theorem, slot by slot."""
    working = shifts @ week.templates
    short = np.zeros(week.templates.shape[1])
    for some in _subsets(week):
        able = sum(working[n] for n, group in enumerate(week.groups) if group.skills & set(some))
        short = np.maximum(short, week.required[day, list(some)].sum(axis=0) - able)
    return float(short.sum())


def _cover(week: Week) -> "scipy.sparse.csr_matrix":
    """Of one day: who covers (sets of skills x slots) by shifts of each group, and what is left short by skill."""
    slots, works = week.templates.shape[1], scipy.sparse.csr_matrix(week.templates.T.astype(np.float64))
    nobody = scipy.sparse.csr_matrix(works.shape)
    rows = []
    for some in _subsets(week):
        able = [works if group.skills & set(some) else nobody for group in week.groups]
        short = [
            scipy.sparse.eye(slots) if skill in some else scipy.sparse.csr_matrix((slots, slots))
            for skill in range(week.required.shape[1])
        ]
        rows.append(scipy.sparse.hstack([*able, *short]))
    return scipy.sparse.vstack(rows).tocsr()


def _cost(week: Week) -> Floats:
    shifts = len(week.groups) * len(week.templates)
    return np.concatenate((np.zeros(shifts), np.ones(week.required.shape[1] * week.templates.shape[1])))


def _asked(week: Week, day: int) -> Floats:
    return np.concatenate([week.required[day, list(some)].sum(axis=0) for some in _subsets(week)]).astype(np.float64)


def _heads(week: Week) -> Floats:
    return np.array([group.agents for group in week.groups], np.float64)


def _per_group(groups: int, kinds: int, wide: int) -> "scipy.sparse.csr_matrix":
    left = scipy.sparse.kron(scipy.sparse.eye(groups), np.ones((1, kinds)))
    return scipy.sparse.hstack([left, scipy.sparse.csr_matrix((groups, wide - groups * kinds))]).tocsr()


def _subsets(week: Week) -> Sequence[tuple[int, ...]]:
    skills = range(week.required.shape[1])
    return [some for size in range(1, len(skills) + 1) for some in combinations(skills, size)]


def _check(week: Week) -> None:
    days, skills, slots = week.required.shape
    if skills > MOST_SKILLS:
        raise BadInput(
            f"at most {MOST_SKILLS} skills are scheduled together, got {skills}: schedule those apart that share nobody"
        )
    if week.templates.shape[1] != slots or (week.required < 0).any():
        raise BadInput(
            f"templates must have {slots} slots as the demand has, and no demand below 0; got {week.templates.shape}"
        )
    over = [group for group in week.groups if group.shifts > days]
    if over:
        raise BadInput(f"{over[0].shifts} shifts cannot be worked in {days} days, at most one a day")
