"""The twin with the matching of production inside: days of needs before staff with skills and shifts, in the one event loop."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.matching.simulator.loop import NOBODY, Policy, Run, run
from rapport.matching.simulator.ours import rapport
from rapport.matching.simulator.policies import fifo, greedy, skills
from rapport.matching.simulator.world import Case
from rapport.workforce.twin import Drawn, Told

Floats = NDArray[np.float64]
POLICIES: dict[str, Callable[[Case], Policy]] = {"fifo": fifo, "skills": skills, "greedy": greedy, "rapport": rapport}
GENERALIST = 0.02  # what one more stream that somebody can serve takes from their worth: keep them for who has nobody else
VALUE = 0.8


@dataclass(frozen=True, slots=True)
class Staff:
    """Agents: `able` (agents, streams), and `shifts` (agents, 2) in seconds, None where all are there all day."""

    able: NDArray[np.bool_]
    shifts: Floats | None = None


def case_of(day: Drawn, staff: Staff, *, patience_seconds: float, warm_up: float = 0.0) -> Case:
    """The day before the staff, as the event loop takes it; what is the same for all is held once."""
    shape = (len(day.arrival), len(staff.able))
    able = staff.able.T[day.stream]
    worth = VALUE - GENERALIST * (staff.able.sum(axis=1) - 1)
    values = np.where(staff.able.T, worth, -np.inf)[day.stream]
    return Case(
        arrival=day.arrival,
        patience=day.patience,
        handling=day.handling,
        luck=day.luck,
        skilled=able,
        able=able,
        truth=np.broadcast_to(np.array([[VALUE]]), shape),
        values=values,
        factor=np.broadcast_to(np.ones((1, 1)), shape),
        customers=np.zeros((shape[0], 0)),
        people=np.zeros((shape[1], 0)),
        handle_seconds=float(day.handling.mean()) if len(day.handling) else 1.0,
        patience_seconds=patience_seconds,
        warm_up=warm_up,
        shifts=staff.shifts,
    )


def run_day(day: Drawn, staff: Staff, policy: str, *, patience_seconds: float, warm_up: float = 0.0) -> Run:
    """Run a day under a policy: fifo, skills (plain matching), greedy, rapport (patient matching)."""
    given = case_of(day, staff, patience_seconds=patience_seconds, warm_up=warm_up)
    return run(given, POLICIES[policy](given))


def told(done: Run, day: Drawn, streams: int, within: float) -> Told:
    """The figures of a day that was run."""
    counted = np.arange(len(done.agent)) >= int(len(done.agent) * done.case.warm_up)
    served = done.agent != NOBODY
    quick = served & (done.waited <= within)
    by = tuple(_mean(quick[counted & (day.stream == n)]) for n in range(streams))
    there = _there(done)
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


def _there(done: Run) -> float:
    arrivals = done.case.arrival
    if not len(arrivals):
        return 0.0
    if done.case.shifts is None:
        return float((arrivals[-1] - arrivals[0]) * done.case.agents)
    return float(np.clip(done.case.shifts[:, 1] - done.case.shifts[:, 0], 0.0, None).sum())


def _mean(values: NDArray[np.bool_] | Floats) -> float:
    return float(np.mean(values)) if len(values) else 1.0
