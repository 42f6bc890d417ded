"""The policies that ours is compared with; each makes a `Policy` for a case."""

import numpy as np

from rapport.matching.simulator.loop import NOBODY, Now, Policy
from rapport.matching.simulator.world import Bools, Case

AGE_OF_GREEDY = 0.0015  # worth per second of waiting


def fifo(case: Case) -> Policy:
    """Longest waiting, longest idle; only the language is asked for."""
    return _longest(case.able)


def skills(case: Case) -> Policy:
    """Skills routing, the control: longest waiting, longest idle; language and skill are asked for."""
    return _longest(case.skilled)


def _longest(may: Bools) -> Policy:
    def asked(now: Now, need: int, agent: int) -> list[tuple[int, int]]:
        if agent != NOBODY:
            return next(([(one, agent)] for one in now.waiting if may[one, agent]), []) if now.waiting else []
        if not now.idle:
            return []
        since = np.where(may[need], now.free_since, np.inf)
        who = int(since.argmin())
        return [(need, who)] if since[who] < np.inf else []

    return asked


def greedy(case: Case) -> Policy:
    """The best value now; nobody waits by choice."""
    values = case.values

    def asked(now: Now, need: int, agent: int) -> list[tuple[int, int]]:
        if not now.idle:
            return []
        if agent == NOBODY:
            seen = np.where(now.free, values[need], -np.inf)
            who = int(seen.argmax())
            return [(need, who)] if seen[who] > -np.inf else []
        if not now.waiting:
            return []
        waited = now.at - case.arrival[now.waiting]
        worth = values[now.waiting, agent] + AGE_OF_GREEDY * waited
        best = int(worth.argmax())
        return [(now.waiting[best], agent)] if worth[best] > -np.inf else []

    return asked
