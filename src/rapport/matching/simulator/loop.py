"""The one event loop: needs come, agents become free, a policy says who goes to whom. Its time is the simulated one alone."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rapport.matching.simulator.world import Case, Floats

NOBODY = -1
COMES, GOES = -1, -2  # in place of a need: an agent's shift begins, or ends (who is busy ends with that first)


@dataclass(slots=True)
class Now:
    """What a policy may see when it is asked; only the loop changes it."""

    case: Case
    at: float = 0.0  # seconds
    waiting: list[int] = field(default_factory=list)  # needs, longest waiting first
    idle: int = 0  # how many are free
    free: NDArray[np.bool_] = field(init=False)  # (agents,)
    free_since: Floats = field(init=False)  # (agents,), seconds, inf while busy
    worked: Floats = field(init=False)  # (agents,), busy seconds of interactions that ended
    all_worked: float = 0.0  # busy seconds of all agents so far

    def __post_init__(self) -> None:
        count = self.case.agents
        self.free = np.ones(count, np.bool_)
        self.free_since = np.zeros(count)
        self.idle = count
        self.worked = np.zeros(count)

    def on(self, agent: int) -> None:
        """Somebody is free from now on."""
        self.idle += 1
        self.free[agent], self.free_since[agent] = True, self.at

    def off(self, agent: int) -> None:
        """Somebody's shift is over."""
        self.idle -= bool(self.free[agent])
        self.free[agent], self.free_since[agent] = False, np.inf


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
    handling, factor = case.handling.tolist(), case.factor
    count, coming, busy = len(arrival), 0, 0
    took, waited = [NOBODY] * count, case.patience.tolist()
    ends = _shifts(now)
    goes = case.shifts[:, 1].tolist() if case.shifts is not None else [np.inf] * case.agents
    while coming < count or ends:
        if ends and (coming >= count or ends[0][0] <= arrival[coming]):
            at, agent, need = heapq.heappop(ends)
            now.all_worked += busy * (at - now.at)
            now.at = at
            if need >= 0:
                busy -= 1
                now.worked[agent] += at - arrival[need] - waited[need]
            if need == GOES or at >= goes[agent]:
                now.off(agent)
                continue
            now.on(agent)
        else:
            need, agent, at = coming, NOBODY, arrival[coming]
            coming += 1
            now.all_worked += busy * (at - now.at)
            now.at = at
            now.waiting.append(need)
        if now.waiting:
            now.waiting = [one for one in now.waiting if leaves[one] > at]
        for one, who in policy(now, need, agent):
            now.waiting.remove(one)
            now.idle -= 1
            now.free[who] = False
            now.free_since[who] = np.inf
            busy += 1
            took[one] = who
            waited[one] = at - arrival[one]
            heapq.heappush(ends, (at + handling[one] * float(factor[one, who]), who, one))
    return Run(case, np.array(took, np.int64), np.array(waited), now.worked)


def _shifts(now: Now) -> list[tuple[float, int, int]]:
    """When agents come and go, as a heap: (seconds, agent, COMES or GOES); all are there from first to last without shifts."""
    shifts = now.case.shifts
    if shifts is None:
        return []
    later = shifts[:, 0] > 0.0
    now.free[later], now.free_since[later] = False, np.inf
    now.idle = int(now.free.sum())
    found = [(float(shifts[who, 0]), int(who), COMES) for who in np.flatnonzero(later)]
    found += [(float(end), who, GOES) for who, end in enumerate(shifts[:, 1]) if np.isfinite(end)]
    heapq.heapify(found)
    return found
