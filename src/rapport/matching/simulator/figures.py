"""What a run comes to: first-contact resolution, who left, waits, and how evenly the agents worked."""

import numpy as np

from rapport.matching.simulator.loop import NOBODY, Run
from rapport.matching.simulator.world import Floats


def resolved(run: Run) -> Floats:
    """The chance that each need was resolved, 0 for who left: (needs,)."""
    served = run.agent != NOBODY
    return np.where(served, run.case.truth[np.arange(len(run.agent)), np.where(served, run.agent, 0)], 0.0)


def figures(run: Run) -> dict[str, float]:
    """The figures of one run, of the needs after the warm-up; shares are in [0, 1], waits in seconds.

    fcr: mean chance of being resolved over all that came, 0 for who left; abandon: share who left; mean_s, p95_s: waits;
    load_cv: standard deviation over mean of the agents' busy time; miss: share of the served whose agent lacks the skill.
    """
    counted = np.arange(int(len(run.agent) * run.case.warm_up), len(run.agent))
    agent, waited = run.agent[counted], run.waited[counted]
    served = agent != NOBODY
    needs, agents = counted[served], agent[served]
    return {
        "fcr": float(resolved(run)[counted].mean()),
        "abandon": float(1.0 - served.mean()),
        "mean_s": float(waited.mean()),
        "p95_s": float(np.quantile(waited, 0.95)),
        "load_cv": float(run.worked.std() / run.worked.mean()),
        "miss": float((~run.case.skilled[needs, agents]).mean()) if len(needs) else 0.0,
    }
