"""Several policies on the same needs: their figures, and how much of the known values' gain a learner has."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rapport.matching.simulator.figures import figures, resolved
from rapport.matching.simulator.loop import NOBODY, Policy, Run, run
from rapport.matching.simulator.ours import BayesianLearner, from_zero, rapport
from rapport.matching.simulator.policies import fifo, greedy, skills
from rapport.matching.simulator.world import Case, case, world

OUTCOMES, AFTER = 5_000, 5_000  # a learner is measured on so many needs after so many outcomes
LEAST = 1_000  # needs, where the stream ends before

Found = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Job:
    """What to run: changes of the reference world, a seed, a load, and the policies by name."""

    changes: dict[str, Any]  # Any: numbers and lists by name, checked by `world`
    seed: int
    load: float
    policies: tuple[str, ...]


def made(name: str, given: Case, seed: int) -> Policy:
    """The policy of that name: fifo, skills, greedy, rapport (ours, values known) or learnt (ours, values learnt from zero)."""
    if name == "learnt":
        return from_zero(given, BayesianLearner(given, seed))
    return {"fifo": fifo, "skills": skills, "greedy": greedy, "rapport": rapport}[name](given)


def measure(job: Job) -> Found:
    """Figures by policy; for the learner also its late gain over skills and that of known values, where all three are run."""
    given = case(world(**job.changes), job.seed, job.load)
    runs = {name: run(given, made(name, given, job.seed)) for name in job.policies}
    found: Found = {name: figures(done) for name, done in runs.items()}
    if {"skills", "rapport", "learnt"} <= set(runs):
        late = after_outcomes(runs["learnt"])
        control, known, learnt = (float(resolved(runs[name])[late].mean()) for name in ("skills", "rapport", "learnt"))
        found["learnt"] |= {"late_gain": learnt - control, "known_gain": known - control}
    return found


def after_outcomes(done: Run) -> slice:
    """The needs that came after so many outcomes were known."""
    served = np.flatnonzero(done.agent != NOBODY)
    given = done.case
    work = given.handling[served] * given.factor[served, done.agent[served]]
    ends = np.sort(given.arrival[served] + done.waited[served] + work)
    count = len(given.arrival)
    first = int(np.searchsorted(given.arrival, ends[min(OUTCOMES, len(ends) - 1)]))
    first = min(first, count - LEAST)
    return slice(first, min(first + AFTER, count))
