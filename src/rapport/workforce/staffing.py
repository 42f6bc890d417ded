"""How many people of each kind: first by formula, then run with the event loop of matching and mended until all is served.

The start: for every set of streams, those who have one of their skills are as many as Erlang C asks for the set as one pool
(Wallace and Whitt 2004 begin there too), at the least cost. Never fewer than a pool needs, often too few: tried, and mended.
Where some can serve every stream there is a second way: as many of them as one pool needs, then as many as may be who can less.
The cheaper of the two is taken. From what a shorter run led to, the second is gone only where the first ends far above a pool.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rapport.errors import BadInput
from rapport.workforce.queues import needed

MOST_ROUNDS = 150
MOST_LOAD = 20_000.0  # erlangs that one site is reckoned for: the people are counted up one by one
LEARNING_HELPS = 0.7  # of what is short may stay after somebody learnt a stream: else one more seat is the better step
MOST_EXCESS = 0.05  # seats above the pooled bound from which on somebody rather learns a stream, if that helps at all


@dataclass(frozen=True, slots=True)
class Stream:
    """What comes: its load in erlangs and its mean handle time in seconds."""

    load: float
    handle_seconds: float


@dataclass(frozen=True, slots=True)
class Kind:
    """People of a kind: the streams that they can serve, what one costs in an hour, and how many there can be."""

    streams: frozenset[int]
    cost: float = 1.0
    most: int = 10_000


@dataclass(frozen=True, slots=True)
class Staffed:
    """Seats of each kind, the share of each stream answered in time when it was run, and the pooled bound, the least."""

    seats: tuple[int, ...]
    in_time: tuple[float, ...]
    pooled: int
    rounds: int

    @property
    def excess(self) -> float:
        """Seats above the pooled bound, as a fraction of it."""
        return sum(self.seats) / self.pooled - 1.0 if self.pooled else 0.0


Served = Callable[[Sequence[int]], Sequence[float]]


def staffed(
    streams: Sequence[Stream],
    kinds: Sequence[Kind],
    *,
    within: float,
    target: float,
    served: Served,
    begin: Sequence[int] = (),
    aim: float = 0.0,
) -> Staffed:
    """Seats that keep the target for every stream when they are run: `served(seats)` is the share of each in time.

    `begin`: seats to begin from, as those that shorter runs led to; else those of the formula. `aim`: what must be reached
    where they are run, if that is more than the target.

    Raises:
        BadInput: a stream that nobody can serve, or no number of these people keeps the target.
    """
    seats = list(begin) or start(streams, kinds, within=within, target=target)
    pooled = _pooled(streams, range(len(streams)), within, target)
    able = [one for one, kind in enumerate(kinds) if len(kind.streams) == len(streams) and kind.most >= pooled]
    cheapest = min(able, key=lambda one: kinds[one].cost, default=-1)
    aim = max(aim, target)
    found, wrong = None, None
    try:
        found = _from_few(kinds, seats, pooled, aim, served)
    except BadInput as error:
        wrong = error
    far = found is None or not begin or found.excess > MOST_EXCESS
    other = _from_all_able(kinds, cheapest, pooled, aim, served) if able and far else None
    if wrong and other is None:
        raise wrong
    return min((one for one in (found, other) if one), key=lambda one: _costs(kinds, one.seats))


def _costs(kinds: Sequence[Kind], seats: Sequence[int]) -> float:
    return sum(kind.cost * count for kind, count in zip(kinds, seats, strict=True))


def _from_all_able(kinds: Sequence[Kind], all_able: int, pooled: int, target: float, served: Served) -> Staffed | None:
    """One pool of those who can everything, one more while it is short; then who can less and costs less in their place."""
    seats, rounds = [pooled * (one == all_able) for one in range(len(kinds))], 1
    found = tuple(served(seats))
    while min(found) < target:
        if seats[all_able] >= kinds[all_able].most or rounds >= MOST_ROUNDS:
            return None
        seats[all_able] += 1
        found, rounds = tuple(served(seats)), rounds + 1
    cheaper = [one for one, kind in enumerate(kinds) if kind.cost < kinds[all_able].cost]
    for one in sorted(cheaper, key=lambda one: kinds[one].cost):
        step = seats[all_able] // 2
        while step:
            tried = [count + step * ((n == one) - (n == all_able)) for n, count in enumerate(seats)]
            if min(tried) >= 0 and tried[one] <= kinds[one].most and min(levels := tuple(served(tried))) >= target:
                seats, found = tried, levels
            else:
                step //= 2
    return Staffed(tuple(seats), found, pooled, rounds)


def _from_few(kinds: Sequence[Kind], seats: list[int], pooled: int, target: float, served: Served) -> Staffed:
    """From too few: mended until all is served, then without those whom nobody misses. Raises BadInput."""
    found, rounds = list(served(seats)), 1
    while min(found) < target:
        worst = int(np.argmin(found))
        tried = _mended(kinds, seats, found, served, target, pooled)
        if not tried or rounds >= MOST_ROUNDS:
            raise BadInput(f"stream {worst} reaches {found[worst]:.3f} of {target} with {seats}: more people must learn it")
        seats, found = tried
        rounds += 1
    return _trimmed(Staffed(tuple(seats), tuple(found), pooled, rounds), kinds, target, served)


def _mended(
    kinds: Sequence[Kind], seats: Sequence[int], found: Sequence[float], served: Served, target: float, pooled: int
) -> tuple[list[int], list[float]] | None:
    """One step: somebody learns one stream more where that helps, else one more seat; what helps most. None: neither can be.

    `found`: what is served with `seats`.
    """
    worst = int(np.argmin(found))
    short = _short(found, target)
    enough = LEARNING_HELPS if sum(seats) + 1 <= pooled * (1.0 + MOST_EXCESS) else 1.0
    for adding in (False, True):
        steps = []
        for one, kind in enumerate(kinds):
            if worst not in kind.streams or seats[one] >= kind.most:
                continue
            before = [
                n for n, other in enumerate(kinds) if other.streams < kind.streams and seats[n] and worst not in other.streams
            ]
            for gone in [None] if adding else before[:2]:
                new = [count + (n == one) - (n == gone) for n, count in enumerate(seats)]
                levels = list(served(new))
                steps.append((_short(levels, target) + 1e-6 * kind.cost, new, levels))
        if steps and (adding or min(steps)[0] < enough * short):
            return min(steps)[1:]
    return None


def _short(levels: Sequence[float], target: float) -> float:
    return sum(max(0.0, target - level) for level in levels)


def start(streams: Sequence[Stream], kinds: Sequence[Kind], *, within: float, target: float) -> list[int]:
    """The cheapest seats that hold for every set of streams as one pool."""
    sets = [some for size in range(1, len(streams) + 1) for some in combinations(range(len(streams)), size)]
    able = np.array([[bool(kind.streams & set(some)) for kind in kinds] for some in sets], np.float64)
    asked = np.array([_pooled(streams, some, within, target) for some in sets], np.float64)
    nobody = [some for some, row, count in zip(sets, able, asked, strict=True) if count and not row.any()]
    if nobody:
        raise BadInput(f"nobody can serve stream {nobody[0][0]}: give somebody the skill")
    from scipy.optimize import Bounds, LinearConstraint, milp  # only who plans needs it, not each process that starts

    found = milp(
        np.array([kind.cost for kind in kinds]),
        constraints=LinearConstraint(able, asked, np.inf),
        bounds=Bounds(0, np.array([kind.most for kind in kinds], np.float64)),
        integrality=np.ones(len(kinds)),
    )
    if found.x is None:
        short = int(np.argmax(asked - able @ np.array([kind.most for kind in kinds])))
        there = int(able[short] @ np.array([kind.most for kind in kinds]))
        raise BadInput(f"streams {sets[short]} need {asked[short]:.0f} people, and there are {there} who can serve them")
    return [int(count) for count in np.rint(found.x)]


def scheduled(seated: float, shrinkage: float) -> int:
    """People to schedule so that so many are seated; `shrinkage` is the share of paid time away, in [0, 1)."""
    if not 0.0 <= shrinkage < 1.0:
        raise BadInput(f"shrinkage must be in [0, 1), got {shrinkage}")
    return int(np.ceil(seated / (1.0 - shrinkage) - 1e-9))


def _trimmed(given: Staffed, kinds: Sequence[Kind], target: float, served: Served) -> Staffed:
    """Without those whom nobody misses, the dearest first."""
    seats, levels = list(given.seats), given.in_time
    for one in sorted(range(len(kinds)), key=lambda n: -kinds[n].cost):
        while seats[one] and sum(seats) > given.pooled:
            fewer = [count - (n == one) for n, count in enumerate(seats)]
            found = tuple(served(fewer))
            if min(found) < target:
                break
            seats, levels = fewer, found
    return Staffed(tuple(seats), levels, given.pooled, given.rounds)


def _pooled(streams: Sequence[Stream], some: Sequence[int], within: float, target: float) -> int:
    load = sum(streams[n].load for n in some)
    work = sum(streams[n].load for n in some if streams[n].handle_seconds > 0)
    rate = sum(streams[n].load / streams[n].handle_seconds for n in some)
    return int(needed(load, work / rate, within, target)[0]) if load > 0.0 else 0


@dataclass(frozen=True, slots=True)
class Site:
    """A place of work: what an hour of one person costs, handle time there over the usual, and the share resolved at first."""

    name: str
    cost_per_hour: float
    slower: float = 1.0
    resolved: float = 0.8
    shrinkage: float = 0.3


def cost_per_resolution(site: Site, *, load: float, handle_seconds: float, within: float, target: float) -> tuple[int, float]:
    """People scheduled and the cost of one resolved need: who is not resolved comes again and is work once more.

    Raises:
        BadInput: more work than can be reckoned for one site.
    """
    again = load * site.slower / site.resolved
    if again > MOST_LOAD:
        raise BadInput(
            f"{load:g} erlangs at {site.name}, {site.slower:g} times as long and {site.resolved:g} resolved at first contact, "
            f"are {again:.0f}; {MOST_LOAD:.0f} are the most: give a lower load, or mend the figures of the site"
        )
    seated = int(needed(again, handle_seconds * site.slower, within, target)[0])
    people = scheduled(seated, site.shrinkage)
    per_hour = load / handle_seconds * 3600.0
    return people, people * site.cost_per_hour / per_hour if per_hour else 0.0
