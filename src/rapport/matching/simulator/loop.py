"""The one event loop: needs come, agents become free, a policy says who goes to whom. Its time is the simulated one alone."""

import heapq
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf

import numpy as np
from numpy.typing import NDArray

from rapport.matching.simulator.world import Case, Floats

NOBODY = -1
COMES, GOES = -1, -2  # in place of a need: an agent's shift begins, or ends (who is busy ends with that first)


@dataclass(frozen=True, slots=True)
class Comes:
    """Who comes, (needs,) seconds, arrivals rising; and who is there: `shifts` (agents, 2) seconds, None: all, always."""

    arrival: Floats
    patience: Floats
    handling: Floats
    agents: int
    shifts: Floats | None = None


@dataclass(slots=True)
class Now:
    """What a policy may see when it is asked; only the loop changes it."""

    agents: int
    at: float = 0.0  # seconds
    waiting: list[int] = field(default_factory=list)  # needs, longest waiting first
    idle: int = 0  # how many are free
    present: int = 0  # how many are there, free or busy
    gone: list[int] = field(default_factory=list)  # agents whose shift is over, as they went; a policy may empty it
    there: NDArray[np.bool_] = field(init=False)  # (agents,), False before their shift and after it
    free: NDArray[np.bool_] = field(init=False)  # (agents,)
    free_since: Floats = field(init=False)  # (agents,), seconds, inf while busy
    worked: Floats = field(init=False)  # (agents,), busy seconds of interactions that ended
    # The same numbers of `worked`, `free` and `free_since`, which are read and written one by one much faster so.
    seconds: "memoryview[float]" = field(init=False)
    is_free: memoryview = field(init=False)
    idle_since: "memoryview[float]" = field(init=False)
    all_worked: float = 0.0  # busy seconds so far, of all who are there

    def __post_init__(self) -> None:
        self.there, self.free = np.ones(self.agents, np.bool_), np.ones(self.agents, np.bool_)
        self.free_since = np.zeros(self.agents)
        self.worked = np.zeros(self.agents)
        self.seconds, self.idle_since = (one.data.cast("B").cast("d") for one in (self.worked, self.free_since))
        self.is_free = self.free.data.cast("B")
        self.idle = self.present = self.agents

    def off(self, agent: int) -> None:
        """Somebody whose shift is over is there no more."""
        self.idle -= bool(self.free[agent])
        self.free[agent], self.free_since[agent] = False, np.inf
        self.present -= 1
        self.all_worked -= float(self.worked[agent])


# Asked at each event: (now, need, agent). A need came where `agent` is NOBODY; else `agent` ended with `need`.
# Returns pairs of a waiting need and a free agent, each at most once.
Policy = Callable[[Now, int, int], list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of each need: (needs,) arrays."""

    agent: NDArray[np.int64]  # NOBODY who left
    waited: Floats  # seconds to service, or to leaving
    worked: Floats  # (agents,), busy seconds of the whole run


@dataclass(frozen=True, slots=True)
class Run:
    """The same, of a case."""

    case: Case
    agent: NDArray[np.int64]
    waited: Floats
    worked: Floats


def run(case: Case, policy: Policy) -> Run:
    """All needs of the case under one policy, until the last is served or left."""
    done = events(Comes(case.arrival, case.patience, case.handling, case.agents, case.shifts), policy, case.factor)
    return Run(case, done.agent, done.waited, done.worked)


def events(comes: Comes, policy: Policy, factor: Floats | None = None) -> Ended:
    """All who come under one policy. An end at the time of an arrival goes first.

    `factor`: (needs, agents), by what each pair's work is longer; None: by nothing.
    """
    now = Now(comes.agents)
    arrival, leaves = [*comes.arrival.tolist(), inf], (comes.arrival + comes.patience).tolist()  # inf: when all have come
    handling, free, since, seconds = comes.handling.tolist(), now.is_free, now.idle_since, now.seconds
    took, waited, waiting = [NOBODY] * len(leaves), comes.patience.tolist(), now.waiting
    ends, goes = _shifts(now, comes.shifts)
    coming, following, busy, before, leaving = 0, arrival[0], 0, 0.0, list[tuple[float, int]]()
    while following < inf or ends:
        if ends and ends[0][0] <= following:
            at, agent, need = heappop(ends)
        else:
            at, agent, need = following, NOBODY, coming
            coming, following = coming + 1, arrival[coming + 1]
        now.all_worked += busy * (at - before)
        now.at = before = at
        if agent == NOBODY:
            waiting.append(need)
        else:
            if need >= 0:
                busy -= 1
                seconds[agent] += at - arrival[need] - waited[need]
            if goes and _is_over(now, agent, need, goes):
                continue
            now.idle, free[agent], since[agent] = now.idle + 1, 1, at
        if leaving and leaving[0][0] <= at:
            _leave(leaving, waiting, took, at)
        for one, who in policy(now, need, agent):
            waiting.pop(-1 if waiting[-1] == one else bisect_left(waiting, one))
            now.idle, busy = now.idle - 1, busy + 1
            free[who], since[who] = 0, inf
            took[one], waited[one] = who, at - arrival[one]
            work = handling[one] if factor is None else handling[one] * float(factor[one, who])
            heappush(ends, (at + work, who, one))
        if agent == NOBODY and took[need] == NOBODY:
            heappush(leaving, (leaves[need], need))
    return Ended(np.array(took, np.int64), np.array(waited), now.worked)


def _leave(leaving: list[tuple[float, int]], waiting: list[int], took: list[int], at: float) -> None:
    """Those whose patience is over wait no more."""
    while leaving and leaving[0][0] <= at:
        gone = heappop(leaving)[1]
        if took[gone] == NOBODY:
            del waiting[bisect_left(waiting, gone)]


def _shifts(now: Now, shifts: Floats | None) -> tuple[list[tuple[float, int, int]], list[float]]:
    """When agents come and go, as a heap: (seconds, agent, COMES or GOES), and when each goes; nothing without shifts."""
    if shifts is None:
        return [], []
    later = shifts[:, 0] > 0.0
    now.there[later], now.free[later], now.free_since[later] = False, False, np.inf
    now.idle = now.present = int(now.free.sum())
    found = [(float(shifts[who, 0]), int(who), COMES) for who in np.flatnonzero(later)]
    found += [(float(end), who, GOES) for who, end in enumerate(shifts[:, 1]) if np.isfinite(end)]
    heapq.heapify(found)
    return found, shifts[:, 1].tolist()


def _is_over(now: Now, agent: int, need: int, goes: list[float]) -> bool:
    """Whether this agent serves nobody any more; who is busy as their shift ends is there until they have ended."""
    if need == COMES:
        now.there[agent] = now.at < goes[agent]
        now.present += bool(now.there[agent])
        return not now.there[agent]
    if need == GOES:
        now.gone.append(agent)
        now.there[agent] = False
        if now.free[agent]:
            now.off(agent)
        return True
    if now.at >= goes[agent]:
        now.off(agent)
        return True
    return False
