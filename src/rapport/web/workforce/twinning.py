"""The twin with the matching of production inside: days of needs before staff with skills and shifts, in the one event loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.matching.policy.constants import Constants
from rapport.matching.simulator.alike import Alike, greedy, longest
from rapport.matching.simulator.alike_ours import rapport
from rapport.matching.simulator.loop import NOBODY, Comes, Ended, Policy, events
from rapport.workforce.twin import Drawn, Told

Floats = NDArray[np.float64]
GENERALIST = 0.02  # what one more stream that somebody can serve takes from their worth: keep them for who has nobody else
VALUE = 0.8
POLICIES: dict[str, Callable[[Alike, Constants], Policy]] = {
    "fifo": lambda of, _: longest(of),
    "skills": lambda of, _: longest(of),
    "greedy": lambda of, _: greedy(of),
    "rapport": rapport,
}


@dataclass(frozen=True, slots=True)
class Staff:
    """Agents: `able` (agents, streams), and `shifts` (agents, 2) in seconds, None where all are there all day."""

    able: NDArray[np.bool_]
    shifts: Floats | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A day that was run: of each need who took it, NOBODY for who left, and seconds waited; busy seconds of each agent."""

    agent: NDArray[np.int64]
    waited: Floats
    worked: Floats
    staff: Staff
    warm_up: float


def alike_of(day: Drawn, staff: Staff, most_looks: float = np.inf) -> Alike:
    """The day before the staff: those are of a kind who can serve the same streams, and came together: prices begin at 0."""
    begins = np.zeros(len(staff.able)) if staff.shifts is None else np.maximum(staff.shifts[:, 0], 0.0)
    each, kind = np.unique(np.column_stack((staff.able, begins)), axis=0, return_inverse=True)
    kinds = each[:, :-1] > 0.0
    worth = np.where(kinds.T, VALUE - GENERALIST * (kinds.sum(axis=1) - 1), -np.inf)
    there = [True] * len(kind) if staff.shifts is None else (staff.shifts[:, 0] <= 0.0).tolist()
    leaves = (day.arrival + day.patience).tolist()
    of_kind = kind.ravel().tolist()
    return Alike(day.stream.tolist(), day.arrival.tolist(), leaves, of_kind, worth.tolist(), there, most_looks)


def run_day(
    day: Drawn, staff: Staff, policy: str, *, patience_seconds: float, warm_up: float = 0.0, most_looks: float = np.inf
) -> Ran:
    """Run a day under a policy: fifo and skills (plain matching, which are one here), greedy, rapport (patient matching).

    Raises:
        BadInput: with patience, so many wait that it takes more than `most_looks` looks at what waiting is worth.
    """
    handle = float(day.handling.mean()) if len(day.handling) else 1.0
    constants = Constants(handle_seconds=handle, hazard=1.0 / patience_seconds)
    comes = Comes(day.arrival, day.patience, day.handling, len(staff.able), staff.shifts)
    done: Ended = events(comes, POLICIES[policy](alike_of(day, staff, most_looks), constants))
    return Ran(done.agent, done.waited, done.worked, staff, warm_up)


def told(done: Ran, day: Drawn, streams: int, within: float) -> Told:
    """The figures of a day that was run."""
    counted = np.arange(len(done.agent)) >= int(len(done.agent) * done.warm_up)
    served = done.agent != NOBODY
    quick = served & (done.waited <= within)
    by = tuple(_mean(quick[counted & (day.stream == n)]) for n in range(streams))
    there = _there(done, day)
    return Told(
        came=int(counted.sum()),
        in_time=_mean(quick[counted]),
        left=_mean(~served[counted]),
        mean_wait=_mean(done.waited[counted]),
        occupancy=float(done.worked.sum() / there) if there > 0 else 0.0,
        by_stream=by,
    )


def served_by(
    day: Drawn, kinds: Sequence[frozenset[int]], streams: int, *, within: float, policy: str, patience_seconds: float
) -> Callable[[Sequence[int]], Sequence[float]]:
    """What the staffing asks: seats of each kind to the share of each stream answered in time."""

    def served(seats: Sequence[int]) -> Sequence[float]:
        able = np.array(
            [[n in kind for n in range(streams)] for kind, count in zip(kinds, seats, strict=True) for _ in range(count)]
        )
        done = run_day(day, Staff(able), policy, patience_seconds=patience_seconds, warm_up=0.05)
        return told(done, day, streams, within).by_stream

    return served


def _there(done: Ran, day: Drawn) -> float:
    if not len(day.arrival):
        return 0.0
    if done.staff.shifts is None:
        return float((day.arrival[-1] - day.arrival[0]) * len(done.staff.able))
    return float(np.clip(done.staff.shifts[:, 1] - done.staff.shifts[:, 0], 0.0, None).sum())


def _mean(values: NDArray[np.bool_] | Floats) -> float:
    return float(np.mean(values)) if len(values) else 1.0
