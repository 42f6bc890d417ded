"""The world of the matching benchmark and what is measured in it; see `matching.py`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from rapport.matching.engine.arrival import Group, arrive
from rapport.matching.engine.market import Market
from rapport.matching.engine.repair import reoptimise, resolve
from rapport.matching.engine.search import seek_slot

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

IN_COMMON = 32  # numbers that describe a person and an agent
SKILLS = 6
KINDS = 2 * SKILLS  # what a need may ask for: a language and a skill
ROUND = 100  # arrivals of 10 ms at 10,000 a second
BURST = 4000
SINGLE, ROUNDS, RELEASES = 2000, 20, 1000
EXACT_AGENTS = 600  # at most, in the world that scipy solves whole
FORBIDDEN = -1e3


class World:
    """Agents, and needs drawn from a seed as they are asked for. A pair is worth .65 +- .09, and waiting .5 to .7."""

    def __init__(self, agents: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.agents = agents
        tongue = self.random.random(agents)
        skills = self.random.random((agents, SKILLS)) < 0.5
        speaks = np.stack([tongue < 0.75, tongue > 0.5])
        self.traits = np.concatenate([_unit(self.random, agents), np.ones((agents, 1), np.float32)], axis=1)
        self.may = [np.flatnonzero(speaks[kind // SKILLS] & skills[:, kind % SKILLS]) for kind in range(KINDS)]
        self.theirs = [np.ascontiguousarray(self.traits[who].T) for who in self.may]
        self.traits_of: Singles = np.zeros((0, IN_COMMON + 1), np.float32)  # by number in the market
        self.kind_of: Ints = np.zeros(0, np.int64)

    def people(self, count: int) -> tuple[Singles, Ints, Floats]:
        """So many needs: what describes each, the kind it asks for, and what waiting is worth."""
        traits = np.concatenate([0.5 * _unit(self.random, count), np.full((count, 1), 0.65, np.float32)], axis=1)
        kinds = SKILLS * (self.random.random(count) < 0.35) + self.random.integers(0, SKILLS, count)
        return traits, kinds, self.random.uniform(0.5, 0.7, count)

    def group(self, traits: Singles, kind: int) -> Group:
        """Needs of one kind, as the engine takes them."""
        who, theirs = self.may[kind], self.theirs[kind]

        def score(rows: Ints, slots: Ints) -> Singles:
            return traits[rows] @ (theirs if slots is who else self.traits[slots].T)

        return Group(len(traits), who, score)

    def note(self, numbers: Ints, traits: Singles, kinds: Ints) -> None:
        """Remember who has which number in the market."""
        most = int(numbers.max(initial=-1)) + 1
        if most > len(self.kind_of):
            self.traits_of = np.concatenate(
                [self.traits_of, np.zeros((2 * most - len(self.kind_of), IN_COMMON + 1), np.float32)]
            )
            self.kind_of = np.concatenate([self.kind_of, np.zeros(2 * most - len(self.kind_of), np.int64)])
        self.traits_of[numbers], self.kind_of[numbers] = traits, kinds


def _unit(random: np.random.Generator, count: int) -> Singles:
    """Directions: (count, IN_COMMON), each of length 1."""
    drawn = random.normal(size=(count, IN_COMMON)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@contextmanager
def cpu(into: list[float]) -> Iterator[None]:
    """Note the CPU seconds of this thread that the block takes."""
    begun = time.thread_time()
    yield
    into.append(time.thread_time() - begun)


def come(world: World, market: Market, count: int) -> float:
    """So many needs arrive at once; the CPU seconds from there to the last decision."""
    traits, kinds, holds = world.people(count)
    taken: list[float] = []
    parts = [(kind, np.flatnonzero(kinds == kind)) for kind in np.unique(kinds).tolist()]
    ready = [(rows, world.group(traits[rows], kind), holds[rows]) for kind, rows in parts]
    for rows, group, waits in ready:
        with cpu(taken):
            numbers = arrive(market, group, waits)
        world.note(numbers, traits[rows], kinds[rows])
    return sum(taken)


def lease_some(world: World, market: Market, count: int) -> list[int]:
    """Turn so many pairs into offers; the slots."""
    needs = market.pairs()[0]
    return [market.lease(need) for need in world.random.choice(needs, min(count, len(needs)), replace=False).tolist()]


def everybody(world: World, market: Market) -> tuple[list[Group], list[Ints]]:
    """All who are in the market, by kind, and their numbers."""
    there = market.needs()
    numbers = [there[world.kind_of[there] == kind] for kind in range(KINDS)]
    return [world.group(world.traits_of[ours], kind) for kind, ours in enumerate(numbers)], numbers


def gain(world: World, market: Market) -> float:
    """What the pairs that stand are worth beyond waiting, by the world's own worths."""
    needs, slots = market.pairs()
    worths = np.einsum("ij,ij->i", world.traits_of[needs], world.traits[slots])
    return float(worths.sum(dtype=np.float64) - market.graph.hold[needs].sum())


def bound(world: World, market: Market) -> float:
    """What no assignment over all allowed pairs can exceed, beyond waiting, given these prices: weak duality."""
    graph = market.graph
    prices = np.where(market.room > 0, graph.price, np.inf)
    most = float(prices[market.room > 0] @ market.room[market.room > 0])
    for group, numbers in zip(*everybody(world, market), strict=True):
        costs = prices[group.who].astype(np.float32)
        for begin in range(0, group.count, 256):
            rows = np.arange(begin, min(begin + 256, group.count))
            best = (group.score(rows, group.who) - costs).max(axis=1)
            most += float(np.maximum(best - graph.hold[numbers[rows]], 0.0).sum())
    return most


def exact(world: World, market: Market) -> float:
    """The largest gain over waiting of all allowed pairs: scipy's dense assignment, a column for each unit."""
    units = np.repeat(np.arange(world.agents), market.room)
    tables = []
    for group, numbers in zip(*everybody(world, market), strict=True):
        table = np.full((group.count, world.agents), FORBIDDEN)
        scores = group.score(np.arange(group.count), group.who) - market.graph.hold[numbers][:, None]
        table[:, group.who] = np.maximum(scores, 0.0)
        tables.append(table)
    whole = np.maximum(np.concatenate(tables)[:, units], 0.0)
    rows, columns = linear_sum_assignment(whole, maximize=True)
    return float(whole[rows, columns].sum())


def against_scipy(agents: int, waiting: int, seed: int) -> tuple[float, float]:
    """The worst gap while a world fills from empty to overfull and units come and go; and the gap after a re-optimisation."""
    world, gaps = World(agents, seed), [0.0]
    market = an_open_market(agents)
    looks = {int(share * agents) for share in (0.5, 0.9, 0.97, 1.0, 1.03, 1.1, 1.5, 2.0)} | {waiting}
    for count in range(1, waiting + 1):
        come(world, market, 1)
        if count % 10 == 0:
            for slot in lease_some(world, market, 1):
                market.set_room(slot, 1)
        market.catch_up()
        if count in looks:
            best = exact(world, market)
            gaps.append((best - gain(world, market)) / best)
    reoptimise(market, *everybody(world, market))
    return max(gaps), (best - gain(world, market)) / best


def an_open_market(agents: int) -> Market:
    """A market in which every agent has one free unit."""
    market = Market(agents)
    for slot in range(agents):
        market.set_room(slot, 1)
    return market


def cold(world: World, market: Market, waiting: int) -> float:
    """Put so many needs into an empty market and place them all; CPU seconds."""
    traits, kinds, holds = world.people(waiting)
    taken: list[float] = []
    with cpu(taken):
        numbers = market.enlist(holds)
    world.note(numbers, traits, kinds)
    groups, ours = everybody(world, market)
    with cpu(taken):
        reoptimise(market, groups, ours)
    return sum(taken)


def warm(world: World, market: Market) -> float:
    """Let every hold and every floor change as time does, and place everybody anew on the lists that there are; CPU seconds."""
    needs, taken = market.needs(), []
    market.graph.hold[needs] -= world.random.uniform(0.0, 0.01, len(needs))
    market.graph.floor[:] = world.random.uniform(0.0, 0.02, world.agents)
    with cpu(taken):
        resolve(market)
    market.graph.floor[:] = 0.0
    resolve(market)
    return taken[0]


def stream(world: World, market: Market) -> tuple[list[float], list[float]]:
    """Arrivals, offers, units that come free and needs that leave, one by one: CPU seconds of arrivals and of releases."""
    arrivals: list[float] = []
    releases: list[float] = []
    for count in range(SINGLE):
        arrivals.append(come(world, market, 1))
        if count % 2:
            for slot in lease_some(world, market, 1):
                with cpu(releases):
                    market.set_room(slot, 1)
        if count % 4 == 0:
            there = market.needs()
            market.remove(int(there[world.random.integers(len(there))]))
        market.catch_up()
    return arrivals, releases


def measure(agents: int, waiting: int, seed: int) -> dict[str, float | int | bool]:
    """All figures of the benchmark, by name."""
    small = min(EXACT_AGENTS, max(20, agents // 10))
    rises, ends = against_scipy(small, small * max(2, min(5, waiting // max(1, agents))), seed)
    world, market = World(agents, seed), an_open_market(agents)
    cold_s = cold(world, market, waiting)
    repaired = 1.0 - gain(world, market) / bound(world, market)
    arrivals, releases = stream(world, market)
    rounds = [come(world, market, ROUND) for _ in range(ROUNDS)]
    burst = come(world, market, BURST)
    instant = 1.0 - gain(world, market) / bound(world, market)
    warm_s = warm(world, market)
    found = {
        "p50_ms": 1e3 * float(np.percentile(arrivals, 50)),
        "p99_ms": 1e3 * float(np.percentile(arrivals, 99)),
        "per_s": ROUND * ROUNDS / sum(rounds),
        "per_s_single": SINGLE / sum(arrivals),
        "release_p99_ms": 1e3 * float(np.percentile(releases, 99)),
        "gap_repair": max(repaired, ends),
        "gap_instant": max(instant, rises),
        "cold_s": cold_s,
        "warm_s": warm_s,
        "burst_s": burst,
    }
    sizes = {"agents": agents, "waiting": waiting, "exact_agents": small, "compiled": hasattr(seek_slot, "py_func")}
    return {name: round(value, 6) for name, value in found.items()} | sizes
