"""Policies before agents of a few kinds and needs of a few streams: what is alike is weighed once, so that a day takes little.

They choose as those of `policies` and `ours` do, which weigh every pair: where all needs of a stream are worth the same to all
agents of a kind, these have one price, and of them the one who worked least goes first. Tests hold each to the other.
"""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from rapport.matching.simulator.loop import NOBODY, Now, Policy
from rapport.matching.simulator.policies import AGE_OF_GREEDY

Pairs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Alike:
    """The stream of each need, and when it came and leaves; the kind of each agent; worth by stream and kind, or -inf.

    `most_looks`: how often patience may find what waiting is worth, before it is refused as too long to run.
    """

    stream: Sequence[int]
    arrival: Sequence[float]
    leaves: Sequence[float]
    kind: Sequence[int]
    worth: Sequence[Sequence[float]]
    there: Sequence[bool]  # who is there from the beginning
    most_looks: float = inf


def longest(of: Alike) -> Policy:
    """Longest waiting, longest idle, of those who can: `policies.skills`."""
    return _Longest(of).asked


def greedy(of: Alike) -> Policy:
    """The best value now; nobody waits by choice: `policies.greedy`."""
    return _Greedy(of).asked


class _Longest:
    """Who is free, by kind, longest idle first; who has gone meanwhile is found when their turn comes."""

    def __init__(self, of: Alike) -> None:
        self.of = of
        self.kinds = [[kind for kind, worth in enumerate(row) if worth > -inf] for row in of.worth]
        self.idle: list[deque[tuple[float, int]]] = [deque() for _ in of.worth[0]]
        for agent, kind in enumerate(of.kind):
            if of.there[agent]:
                self.idle[kind].append((0.0, agent))

    def asked(self, now: Now, need: int, agent: int) -> Pairs:
        """The pairs to make as a need comes or an agent ends."""
        of = self.of
        if agent == NOBODY:
            return self.taken(now, need, self.kinds[of.stream[need]]) if now.idle else []
        kind = of.kind[agent]
        for one in now.waiting:
            if of.worth[of.stream[one]][kind] > -inf:
                return [(one, agent)]
        self.idle[kind].append((now.at, agent))
        return []

    def taken(self, now: Now, need: int, kinds: list[int]) -> Pairs:
        """The need with who of these kinds is idle longest."""
        best, chosen = (inf, -1), -1
        for kind in kinds:
            idle = self.idle[kind]
            while idle and not now.is_free[idle[0][1]]:
                idle.popleft()
            if idle and idle[0] < best:
                best, chosen = idle[0], kind
        if chosen < 0:
            return []
        self.idle[chosen].popleft()
        return [(need, best[1])]


class _Greedy:
    """Who is free, by kind, by number; who waits, by stream, in the order in which they came."""

    def __init__(self, of: Alike) -> None:
        self.of = of
        self.free: list[list[int]] = [[] for _ in of.worth[0]]
        self.waits: list[deque[int]] = [deque() for _ in of.worth]
        for agent, kind in enumerate(of.kind):
            if of.there[agent]:
                self.free[kind].append(agent)

    def asked(self, now: Now, need: int, agent: int) -> Pairs:
        """The pairs to make as a need comes or an agent ends."""
        return self.comes(now, need) if agent == NOBODY else self.frees(now, agent)

    def comes(self, now: Now, need: int) -> Pairs:
        """The need with the best who is free; of those who are as good, the first."""
        stream = self.of.stream[need]
        best, chosen = (inf, -1), -1
        if now.idle:
            for kind, worth in enumerate(self.of.worth[stream]):
                free = self.free[kind]
                while free and not now.is_free[free[0]]:
                    heapq.heappop(free)
                if free and worth > -inf and (-worth, free[0]) < best:
                    best, chosen = (-worth, free[0]), kind
        if chosen < 0:
            self.waits[stream].append(need)
            return []
        return [(need, heapq.heappop(self.free[chosen]))]

    def frees(self, now: Now, agent: int) -> Pairs:
        """The agent with who gains most, by worth and by how long they waited."""
        of = self.of
        kind, best, chosen = of.kind[agent], (inf, -1), -1
        for stream, waits in enumerate(self.waits):
            while waits and of.leaves[waits[0]] <= now.at:
                waits.popleft()
            if waits and of.worth[stream][kind] > -inf:
                gain = of.worth[stream][kind] + AGE_OF_GREEDY * (now.at - of.arrival[waits[0]])
                if (-gain, waits[0]) < best:
                    best, chosen = (-gain, waits[0]), stream
        if chosen < 0:
            heapq.heappush(self.free[kind], agent)
            return []
        return [(self.waits[chosen].popleft(), agent)]
