"""Seeded months of counts with bursts in them, and how soon and how often wrongly a detector speaks.

A usual day has 80 to 300 messages, drawn each day, by the hour of the day; a day with a burst comes to 4,000. A burst rises and
falls as t exp(-t / T), T drawn between one and four hours, at any hour: nobody is told where.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.workforce.bursts import Detector

Floats = NDArray[np.float64]
A_DAY, MINUTES = 288, 5
FEW, MANY, BURST = 80, 300, 4000
EVERY, FIRST = 10, 10  # days between bursts, and before the first
LATE_MINUTES = 240  # an alarm so long after a burst began is not for it


@dataclass(frozen=True, slots=True)
class Trial:
    """Delays in minutes, one for each burst that was told of; bursts missed; false alarms in 30 days."""

    delays: tuple[float, ...]
    missed: int
    false_per_month: float


def months(seed: int, days: int) -> tuple[Floats, list[int]]:
    """Counts by five minutes, and where the bursts begin."""
    rng = np.random.default_rng(seed)
    hours = np.arange(A_DAY) / 12.0
    shape = 0.15 + np.exp(-(((hours - 12.0) / 3.0) ** 2)) + 0.8 * np.exp(-(((hours - 19.0) / 2.5) ** 2))
    shape /= shape.sum()
    rate = np.concatenate([rng.uniform(FEW, MANY) * shape for _ in range(days)])
    begins = []
    for day in range(FIRST, days, EVERY):
        at = day * A_DAY + int(rng.integers(0, A_DAY))
        lasts = rng.uniform(1.0, 4.0) * 12.0
        since = np.arange(min(len(rate) - at, 4 * A_DAY), dtype=np.float64)
        pulse = (since + 0.5) * np.exp(-since / lasts)
        rate[at : at + len(since)] += (BURST - 200) * pulse / (lasts**2)
        begins.append(at)
    return rng.poisson(rate).astype(np.float64), begins


def trial(seed: int, days: int = 90) -> Trial:
    """One run of the detector over seeded months."""
    counts, begins = months(seed, days)
    detector = Detector(MINUTES)
    alarms = [at for at, count in enumerate(counts.tolist()) if detector.see(count).begins]
    delays, used = [], set()
    for begun in begins:
        told = next((at for at in alarms if begun <= at <= begun + LATE_MINUTES // MINUTES), None)
        if told is not None:
            delays.append(float((told - begun + 1) * MINUTES))
            used.add(told)
    return Trial(tuple(delays), len(begins) - len(delays), (len(alarms) - len(used)) * 30.0 / days)
