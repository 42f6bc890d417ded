"""Who is there and who waits, before agents of a few kinds: what our policy holds between two looks (`alike_ours`)."""

import heapq
from collections import deque
from collections.abc import Sequence
from math import inf, sqrt

from rapport.errors import BadInput
from rapport.matching.policy.constants import Constants
from rapport.matching.simulator.alike import Alike
from rapport.matching.simulator.loop import Now

Kinds = Sequence[tuple[int, float]]  # the kinds who can serve a stream, and what they are worth to it


class Desk:
    """Agents by kind: how many are there, and who is free, who worked least first."""

    def __init__(self, of: Alike) -> None:
        self.kind, self.here, self.is_free = of.kind, list(of.there), list(of.there)
        self.worked = [0.0] * len(of.kind)
        self.there, self.idle = ([0] * len(of.worth[0]) for _ in range(2))
        self.free: list[list[tuple[float, int]]] = [[] for _ in of.worth[0]]
        for agent, kind in enumerate(of.kind):
            if of.there[agent]:
                self.there[kind] += 1
                self.idle[kind] += 1
                self.free[kind].append((0.0, agent))

    def frees(self, agent: int, worked: float) -> None:
        """Somebody comes, or has ended."""
        kind = self.kind[agent]
        if not self.here[agent]:
            self.here[agent] = True
            self.there[kind] += 1
        self.is_free[agent] = True
        self.idle[kind] += 1
        self.worked[agent] = worked
        heapq.heappush(self.free[kind], (worked, agent))

    def take(self, agent: int) -> None:
        """Somebody is busy from now on; their place in the heap is found to be old later."""
        self.is_free[agent] = False
        self.idle[self.kind[agent]] -= 1

    def leave(self, now: Now) -> None:
        """Those whose shift is over are hoped for no more."""
        for agent in now.gone:
            if self.here[agent]:
                self.here[agent] = False
                self.there[self.kind[agent]] -= 1
            if self.is_free[agent]:
                self.take(agent)
        now.gone.clear()

    def head(self, kind: int) -> tuple[float, int]:
        """Who of a kind worked least, of those who are free: one at least is."""
        free = self.free[kind]
        while True:
            worked, agent = free[0]
            if self.is_free[agent] and self.worked[agent] == worked:
                return free[0]
            heapq.heappop(free)

    def all_free(self) -> set[int]:
        """Everybody who is free."""
        return {agent for free in self.free for _, agent in free if self.is_free[agent]}


class Hall:
    """Who waits, by stream; of a stream, the one of most age less wait value first."""

    def __init__(self, of: Alike, constants: Constants) -> None:
        self.of, self.constants, self.arrival = of, constants, of.arrival
        self.waits: list[list[tuple[float, int]]] = [[] for _ in of.worth]  # rank, need
        self.rank, self.wait = ([inf] * len(of.stream) for _ in range(2))  # inf: not known, or not waiting
        self.looks = deque[tuple[float, int]]()  # when its wait value was found, need
        self.fresh: list[int] = []  # needs that have none
        self.again, self.ages = constants.look_again_seconds, constants.age_per_second
        self.offsets = [inf]  # of the hope, by how many wait
        self.found = 0

    def is_due(self, at: float) -> bool:
        """Whether a wait value is too old."""
        looks = self.looks
        return bool(looks) and looks[0][0] <= at - self.again

    def look(self, at: float, count: int, can: Sequence[Kinds], prices: Sequence[float], desk: Desk) -> None:
        """Find the wait value of those who have none, or one too old. Raises BadInput where that is done too often."""
        if not self.fresh and not self.is_due(at):
            return
        before = at - self.again
        due, self.fresh = self.fresh, []
        looks = self.looks
        while looks and looks[0][0] <= before:
            need = looks.popleft()[1]
            if self.rank[need] < inf:
                due.append(need)
        self.found += len(due)
        if self.found > self.of.most_looks:
            raise BadInput(
                "so many wait at once that matching with patience takes too long to try here: "
                "match to the best who is free, or use `rapport twin`"
            )
        hopes: dict[int, float] = {}
        leaves, stream_of = self.of.leaves, self.of.stream
        for need in due:
            if leaves[need] <= at:
                self.rank[need] = inf
                continue
            stream = stream_of[need]
            if stream not in hopes:
                hopes[stream] = self.hope(can[stream], prices, count, desk)
            self.stays(at, need, stream, hopes[stream])

    def stays(self, at: float, need: int, stream: int, wait: float) -> None:
        """Somebody waits, and waiting is worth so much to them."""
        self.wait[need] = wait
        self.rank[need] = rank = self.ages * self.arrival[need] + wait
        self.looks.append((at, need))
        heapq.heappush(self.waits[stream], (rank, need))

    def hope(self, can: Kinds, prices: Sequence[float], count: int, desk: Desk) -> float:
        """What waiting is worth: `waiting.wait_values`, whose maximum lies where the agents of some net value end."""
        while count >= len(self.offsets):
            of = self.constants
            self.offsets.append(of.hazard / (of.chance / sqrt(len(self.offsets)) / of.handle_seconds))
        if len(can) == 1:
            kind, worth = can[0]
            many, net = desk.there[kind] - desk.idle[kind], worth - prices[kind]
            return net * many / (self.offsets[count] + many) if net > 0.0 else 0.0
        nets = sorted([(worth - prices[kind], desk.there[kind] - desk.idle[kind]) for kind, worth in can], reverse=True)
        busy, gained, found = self.offsets[count], 0.0, 0.0
        for net, many in nets:
            if net <= 0.0:
                break
            busy += many
            gained += net * many
            if gained > found * busy:
                found = gained / busy
        return found

    def head(self, stream: int, at: float) -> int:
        """Who goes first of a stream; -1 for nobody."""
        waits = self.waits[stream]
        while waits:
            rank, need = waits[0]
            if self.rank[need] == rank:
                if self.of.leaves[need] > at:
                    return need
                self.rank[need] = inf
            heapq.heappop(waits)
        return -1

    def taken(self, need: int) -> None:
        """Somebody waits no more; what waiting was worth to them is kept for who looks at it."""
        self.rank[need] = inf
