"""The one event loop: needs come, agents become free, a policy says who goes to whom. Its time is the simulated one alone."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rapport.matching.simulator.world import Case, Floats

NOBODY = -1


@dataclass(slots=True)
class Now:
    """What a policy may see when it is asked; only the loop changes it."""

    case: Case
    at: float = 0.0  # seconds
    waiting: list[int] = field(default_factory=list)  # needs, longest waiting first
    free: NDArray[np.bool_] = field(init=False)  # (agents,)
    free_since: Floats = field(init=False)  # (agents,), seconds, inf while busy
    worked: Floats = field(init=False)  # (agents,), busy seconds of interactions that ended
    all_worked: float = 0.0  # busy seconds of all agents so far

    def __post_init__(self) -> None:
        count = self.case.agents
        self.free = np.ones(count, np.bool_)
        self.free_since = np.zeros(count)
        self.worked = np.zeros(count)


# Asked at each event: (now, need, agent). A need came where `agent` is NOBODY; else `agent` ended with `need`.
# Returns pairs of a waiting need and a free agent, each at most once.
Policy = Callable[[Now, int, int], list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Run:
    """What became of each need: (needs,) arrays."""

    case: Case
    agent: NDArray[np.int64]  # NOBODY who left
    waited: Floats  # seconds to service, or to leaving
    worked: Floats  # (agents,), busy seconds of the whole run


def run(case: Case, policy: Policy) -> Run:
    """All needs of the case under one policy, until the last is served or left. An end at the time of an arrival goes first."""
    now = Now(case)
    arrival, leaves = case.arrival.tolist(), (case.arrival + case.patience).tolist()
    count, coming, busy = len(arrival), 0, 0
    took = np.full(count, NOBODY, np.int64)
    waited = case.patience.copy()
    ends: list[tuple[float, int, int]] = []
    while coming < count or ends:
        if ends and (coming >= count or ends[0][0] <= arrival[coming]):
            at, agent, need = heapq.heappop(ends)
            now.all_worked += busy * (at - now.at)
            now.at = at
            busy -= 1
            now.free[agent] = True
            now.free_since[agent] = at
            now.worked[agent] += at - arrival[need] - waited[need]
        else:
            need, agent, at = coming, NOBODY, arrival[coming]
            coming += 1
            now.all_worked += busy * (at - now.at)
            now.at = at
            now.waiting.append(need)
        now.waiting = [one for one in now.waiting if leaves[one] > at]
        for one, who in policy(now, need, agent):
            now.waiting.remove(one)
            now.free[who] = False
            now.free_since[who] = np.inf
            busy += 1
            took[one] = who
            waited[one] = at - arrival[one]
            heapq.heappush(ends, (at + case.handling[one] * case.factor[one, who], who, one))
    return Run(case, took, waited, now.worked)
