"""The kill switch: the longest waiting need and the longest idle agent who may take it (FCFS-ALIS), with no value looked at."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def longest_first(may: Bools, waited: Floats, idle: Floats) -> list[tuple[int, int]]:
    """Pairs of (need, agent). `may`: (needs, agents) who may be asked; `waited`: (needs,), `idle`: (agents,), both seconds."""
    found = []
    free = np.ones(len(idle), np.bool_)
    for need in np.argsort(-waited, kind="stable"):
        able = may[need] & free
        if able.any():
            agent = int(np.where(able, idle, -np.inf).argmax())
            free[agent] = False
            found.append((int(need), agent))
    return found
