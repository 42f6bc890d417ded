"""The twin's numbers: a day drawn from rates or taken as it was, and what a change does to it, with an interval.

Both sides meet the same people with the same patience and the same work (common random numbers): what differs is the change.
What runs the day is handed in, so that it is the matching of production.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STUDENT_95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)  # by degrees of freedom, from 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """Who comes on a day: (needs,) seconds from its beginning, which stream each is of, its work, patience and luck."""

    arrival: Floats
    stream: Ints
    handling: Floats
    patience: Floats
    luck: Floats


@dataclass(frozen=True, slots=True)
class Told:
    """What a day came to: shares in [0, 1] of all who came, waits in seconds; `by_stream` the share answered in time."""

    came: int
    in_time: float
    left: float
    mean_wait: float
    occupancy: float
    by_stream: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure before and after, and their difference with its 95 % interval over the seeds."""

    name: str
    before: float
    after: float
    difference: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves 0 out."""
        return bool(self.low > 0.0 or self.high < 0.0)  # of numpy's numbers


def drawn(rates: Floats, step_seconds: float, handle_seconds: Sequence[float], patience_seconds: float, seed: int) -> Drawn:
    """A day whose streams come at `rates` (streams, intervals), each in its interval, in work and patience exponential."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(np.maximum(rates, 0.0))
    streams, begins = np.indices(counts.shape)
    stream = np.repeat(streams.ravel(), counts.ravel())
    at = (np.repeat(begins.ravel(), counts.ravel()) + rng.random(len(stream))) * step_seconds
    order = np.argsort(at, kind="stable")
    work = rng.exponential(1.0, len(stream)) * np.array(handle_seconds)[stream[order]]
    patience = rng.exponential(patience_seconds, len(stream))
    return Drawn(at[order], stream[order].astype(np.int64), work, patience, rng.random(len(stream)))


def burst_added(
    day: Drawn,
    many: float,
    begins: float,
    lasts: float,
    handle_seconds: float,
    patience_seconds: float,
    seed: int,
    *,
    ends: float = np.inf,
) -> Drawn:
    """The day with about so many more: they rise and fall from `begins` on as t exp(-t / `lasts`), seconds.

    They are of its streams as often as who comes anyway. From `ends` on, when the day is over, nobody comes any more.
    """
    rng = np.random.default_rng((seed, 1))
    at = begins + rng.gamma(2.0, lasts, int(rng.poisson(many)))
    at = at[at < ends]
    count = len(at)
    stream = rng.choice(day.stream, count) if len(day.stream) else np.zeros(count, np.int64)
    arrival = np.concatenate((day.arrival, at))
    order = np.argsort(arrival, kind="stable")

    def both(before: Floats, more: Floats) -> Floats:
        return np.asarray(np.concatenate((before, more))[order], np.float64)

    return Drawn(
        arrival[order],
        np.concatenate((day.stream, stream))[order].astype(np.int64),
        both(day.handling, rng.exponential(handle_seconds, count)),
        both(day.patience, rng.exponential(patience_seconds, count)),
        both(day.luck, rng.random(count)),
    )


def difference(name: str, before: Sequence[float], after: Sequence[float]) -> Change:
    """A figure under both, by seeds that are paired: Student's interval of the mean difference."""
    apart = np.array(after) - np.array(before)
    mean = float(apart.mean())
    many = len(apart) - 1
    wide = (STUDENT_95[many - 1] if many <= len(STUDENT_95) else 2.0) if many else float("inf")
    doubt = wide * float(apart.std(ddof=1)) / np.sqrt(len(apart)) if many else float("inf")
    return Change(name, float(np.mean(before)), float(np.mean(after)), mean, mean - doubt, mean + doubt)


def compared(before: Callable[[int], Told], after: Callable[[int], Told], seeds: Sequence[int]) -> list[Change]:
    """What a change does to a day: each side run with each seed."""
    both = [(before(seed), after(seed)) for seed in seeds]
    names = ("in_time", "left", "mean_wait", "occupancy")
    return [difference(name, [getattr(a, name) for a, _ in both], [getattr(b, name) for _, b in both]) for name in names]
