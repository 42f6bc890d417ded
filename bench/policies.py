"""Policies in the simulator: first in first out, skills routing, greedy, ours with values known, ours with values learnt.

Small: the reference world alone; 7,000 needs a load of one seed, 3,000 of two more without the learner: an indication, as
seeds differ by two points. Full: five seeds, 30,000 needs, and the other worlds that docs/simulator.md names.
All figures are means over the seeds; `gain_range` has the smallest and the largest. Shares are fractions.
Keys: loads.LOAD.POLICY (fcr, abandon, p95_s, load_cv, gain over skills and its range), gain_over_skills_min,
gain_over_fifo_min, abandon_excess_max, load_cv_max, learner_share (of the known values' gain, over the needs that come after
5,000 outcomes), learner_reach (what the share could be at most with so many outcomes), worlds.WORLD.LOAD, gates: each with
what was asked, what was found, and met or not met.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np

from rapport.matching.simulator.compare import OUTCOMES, Found, Job, measure
from rapport.matching.simulator.ours import reach
from rapport.matching.simulator.world import world

LOADS = (0.7, 0.85, 0.95, 1.1)
ALL = ("fifo", "skills", "greedy", "rapport", "learnt")
PAIR = ("skills", "rapport")
FEW, MORE, FULL = 7_000, 3_000, 30_000  # needs a run: small, its further seeds, and full
REFERENCE = ((0.085, 0.075), (0.07, 0.06), (0.055, 0.045), (0.055, 0.04))  # gain over skills: the mean, and any seed
LEARNT = 0.04
SHARE = 0.95
FIFO = 0.20
ABANDON, LOAD_CV = 0.005, 0.15
# Other worlds: what is changed, the loads, and the mean gain that is asked for.
WORLDS: dict[str, tuple[dict[str, Any], tuple[float, ...], tuple[float, ...]]] = {
    "affinity 0.2": ({"affinity": 0.2}, LOADS, (0.05, 0.04, 0.028, 0.03)),
    "affinity 0.6": ({"affinity": 0.6}, LOADS, (0.139, 0.117, 0.098, 0.096)),
    "50 agents": ({"agents": 50, "arrivals": 12_000}, LOADS, (0.05, 0.03, 0.023, 0.022)),
    "values seen with noise 0.2": ({"noise": 0.2, "arrivals": 15_000}, LOADS, (0.07, 0.055, 0.045, 0.045)),
    "no affinity known": ({"known": 0.0}, LOADS, (-0.003, -0.003, -0.003, -0.003)),
    "spikes": ({"spikes": [[0.8, 60.0], [1.3, 30.0]]}, (0.97,), (0.064,)),
}


def together(found: list[Found]) -> dict[str, Any]:
    """The figures of all seeds: means, and the gain over skills with its range."""
    told: dict[str, Any] = {}
    for name in found[0]:
        its = [one for one in found if name in one]
        told[name] = {key: round(float(np.mean([one[name][key] for one in its])), 4) for key in found[0][name]}
        gains = [one[name]["fcr"] - one["skills"]["fcr"] for one in its]
        excess = [one[name]["abandon"] - one["skills"]["abandon"] for one in its]
        told[name] |= {
            "gain": round(float(np.mean(gains)), 4),
            "gain_range": [round(min(gains), 4), round(max(gains), 4)],
            "abandon_excess": round(float(np.mean(excess)), 4),
        }
    return told


def gate(asked: float, found: float, *, at_least: bool = True) -> dict[str, Any]:
    """What was asked, found, and whether it is met."""
    met = found >= asked - 1e-9 if at_least else found <= asked + 1e-9
    return {"asked": asked, "found": round(found, 4), "gate": "met" if met else "not met"}


def waits(ours: dict[str, Any], control: dict[str, Any]) -> dict[str, Any]:
    """The gate on the 95th percentile of waiting: 1.2 times that of skills routing, or 6 s more."""
    return gate(round(max(1.2 * control["p95_s"], control["p95_s"] + 6.0), 2), ours["p95_s"], at_least=False)


def gates_of_reference(loads: dict[str, Any]) -> dict[str, Any]:
    """Every gate of the reference world."""
    found = {}
    for (mean, any_seed), (load, told) in zip(REFERENCE, loads.items(), strict=True):
        ours, control = told["rapport"], told["skills"]
        found |= {
            f"{load} gain over skills": gate(mean, ours["gain"]),
            f"{load} gain over skills, any seed": gate(any_seed, ours["gain_range"][0]),
            f"{load} gain over fifo": gate(FIFO, ours["fcr"] - told["fifo"]["fcr"]),
            f"{load} abandonment over skills": gate(ABANDON, ours["abandon_excess"], at_least=False),
            f"{load} p95 wait": waits(ours, control),
            f"{load} spread of load": gate(LOAD_CV, ours["load_cv"], at_least=False),
            f"{load} learnt gain over skills": gate(LEARNT, told["learnt"]["gain"]),
            f"{load} learnt abandonment over skills": gate(ABANDON, told["learnt"]["abandon_excess"], at_least=False),
            f"{load} learnt p95 wait": waits(told["learnt"], control),
        }
    return found


def gates_of_worlds(worlds: dict[str, Any]) -> dict[str, Any]:
    """The gates of the other worlds: the gain, and who leaves."""
    found = {}
    for name, loads in worlds.items():
        for asked, (load, told) in zip(WORLDS[name][2], loads.items(), strict=True):
            found[f"{name}, {load} gain over skills"] = gate(asked, told["rapport"]["gain"])
            excess = told["rapport"]["abandon_excess"]
            found[f"{name}, {load} abandonment over skills"] = gate(ABANDON, excess, at_least=False)
    return found


def planned(full: bool, seed: int) -> list[tuple[str, float, Job]]:
    """What is run: world, load and job; the longest first."""
    plan = []
    for load in reversed(LOADS):
        if full:
            plan += [("reference", load, Job({"arrivals": FULL}, seed + more, load, ALL)) for more in range(5)]
        else:
            plan.append(("reference", load, Job({"arrivals": FEW}, seed, load, ALL)))
            plan += [("reference", load, Job({"arrivals": MORE}, seed + more, load, ALL[:-1])) for more in (1, 2)]
    for name, (changes, loads, _) in WORLDS.items() if full else ():
        for load in loads:
            plan += [(name, load, Job({"arrivals": FULL} | changes, seed + more, load, PAIR)) for more in range(5)]
    return plan


def run(scale: str = "small", seed: int = 1, workers: int = 0) -> dict[str, Any]:
    """Measure; see the module's first lines. `workers`: processes; 0: one for each core, four at most."""
    plan = planned(scale == "full", seed)
    workers = workers or min(4, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(measure, [job for _, _, job in plan]))
    told: dict[str, dict[str, Any]] = {}
    for name, load, _ in sorted(plan, key=lambda one: one[1]):
        same = [result for (other, at, _), result in zip(plan, results, strict=True) if (other, at) == (name, load)]
        told.setdefault(name, {})[str(load)] = together(same)
    loads = told.pop("reference")
    late = sum(one["learnt"]["late_gain"] for one in loads.values())
    known = sum(one["learnt"]["known_gain"] for one in loads.values())
    ours = [one["rapport"] for one in loads.values()]
    share = round(late / known, 4)
    return {
        "seeds": sorted({job.seed for _, _, job in plan}),
        "needs": max(job.changes["arrivals"] for _, _, job in plan),
        "loads": loads,
        "gain_over_skills_min": min(one["gain"] for one in ours),
        "gain_over_fifo_min": round(min(one["rapport"]["fcr"] - one["fifo"]["fcr"] for one in loads.values()), 4),
        "abandon_excess_max": max(one["abandon_excess"] for one in ours),
        "load_cv_max": max(one["load_cv"] for one in ours),
        "learnt_gain_over_skills_min": min(one["learnt"]["gain"] for one in loads.values()),
        "learner_share": share,
        "learner_reach": round(reach(world(), OUTCOMES), 4),
        "worlds": told,
        "gates": gates_of_reference(loads) | {"learner share": gate(SHARE, share)} | gates_of_worlds(told),
    }
