"""Workforce: the week's schedule, staffing by simulation, the formulas, the twin, and bursts.

Keys: schedule_gap (over the linear bound), schedule_s (wall), roster_open (shifts that rest leaves open), roster_gap (0: proven
that no names are better), staffing_excess (seats over the pooled bound, the largest of the cases), staffing (each case: the
target holds on `days` days; `again`: the least share on a fresh one), peer (what pyworkforce's multi-skill example asks for,
and we), erlang_error (absolute, against published tables), twin_events_per_s (plain matching, CPU), twin_best_events_per_s,
twin_patient_events_per_s (the two other policies of production, by kinds of agents), twin_error (of the share who wait, against
M/M/n+M at the rates that were drawn), burst_delay_min (mean), burst_delay_p90_min, burst_missed, burst_false_per_month, nab
(realTweets, standard profile; the series are looked for in RAPPORT_SERIES or ../shared/data/series; null where they are not).
"""

import csv
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from rapport.web.workforce.staffed_by_running import staffed_by_running
from rapport.web.workforce.twinning import Staff, run_day, told
from rapport.workforce import nab
from rapport.workforce.burst_trial import trial
from rapport.workforce.queues import blocking, mean_wait, waiting, with_patience
from rapport.workforce.reference_week import DAYS, LENGTH, SHIFTS, reference_week
from rapport.workforce.roster import Rules, roster
from rapport.workforce.schedule import schedule
from rapport.workforce.staffing import Kind, Stream
from rapport.workforce.twin import drawn

# pyworkforce 0.5.4: load, agents, B, C, mean wait over handle time; and its Erlang A.
PUBLISHED = (
    (10, 14, 0.056819143386520866, 0.17413193359504983, 0.04353298339876246),
    (100, 110, 0.027463448449822916, 0.23700750028505277, 0.023700750028505278),
    (1000, 1030, 0.009560040415219524, 0.24890878584360177, 0.00829695952812006),
)
PATIENT = (0.4677740686, 0.0309122492, 0.0618244983)
CASES = {
    "two streams, some do both": ([10, 10], [{0}, {1}, {0, 1}], [1, 1, 1.05]),
    "three streams, pairs and all": ([20, 15, 10], [{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2}], [1, 1, 1, 1.05, 1.05, 1.1]),
    "four streams in a chain": ([30] * 4, [{0, 1}, {1, 2}, {2, 3}, {3, 0}, {0}, {1}, {2}, {3}], [1.05] * 4 + [1] * 4),
    "pyworkforce: two of 7.29": ([7.29, 7.29], [{0}, {1}, {0, 1}], [1, 1, 1.05]),
}
SMALL = ("two streams, some do both", "pyworkforce: two of 7.29")  # the other two take minutes
HANDLE, WITHIN, TARGET = 180.0, 20.0, 0.8


def scheduling() -> dict[str, Any]:
    """The reference week, its days two at a time, and names on it."""
    week = reference_week()
    begun = time.perf_counter()
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        found = schedule(week, pool.map)
    seconds = time.perf_counter() - begun
    spans = np.array([[np.flatnonzero(one)[0], np.flatnonzero(one)[0] + LENGTH] for one in week.templates])
    left, apart = 0, 0.0
    rng = np.random.default_rng(7)
    for number, group in enumerate(week.groups):
        wished = rng.choice([0, 8, 16, 24, 32], group.agents)
        away = np.abs(spans[None, None, :, 0] - wished[:, None, None]) // 4
        off = 6.0 * (np.arange(DAYS)[None, :, None] == rng.integers(0, DAYS, group.agents)[:, None, None])
        named = roster(found.shifts[number], spans, away + off, Rules(96, 44, SHIFTS))
        left, apart = left + int(named.left_open.sum()), apart + named.gap
    return {
        "schedule_gap": round(found.gap, 5),
        "schedule_s": round(seconds, 1),
        "schedule_short": found.short,
        "schedule_bound": round(found.bound, 2),
        "roster_open": left,
        "roster_gap": round(apart, 2),
    }


def staffing(needs: int, names: tuple[str, ...]) -> dict[str, Any]:
    """Each case staffed by days of so many needs, and run again on a day that it was not set on."""
    cases = {}
    for name in names:
        loads, kinds, costs = CASES[name]
        found = staffed_by_running(
            [Stream(load, HANDLE) for load in loads],
            [Kind(frozenset(one), cost) for one, cost in zip(kinds, costs, strict=True)],
            within=WITHIN,
            target=TARGET,
            needs=needs,
        )
        cases[name] = {
            "seats": sum(found.staffed.seats),
            "pooled": found.staffed.pooled,
            "excess": round(found.staffed.excess, 4),
            "least": round(min(found.staffed.in_time), 3),
            "again": round(min(found.again), 3),
            "days": found.days,
        }
    ours = cases["pyworkforce: two of 7.29"]["seats"]
    return {
        "staffing_excess": max(one["excess"] for one in cases.values()),
        "staffing": cases,
        "peer": {"pyworkforce asks for": 10, "its load": 1.46, "ours, run": ours},
    }


def erlang_error() -> float:
    """The largest absolute error against what is published."""
    off = [
        abs(float(ours) - theirs)
        for load, agents, *published in PUBLISHED
        for ours, theirs in zip(
            (blocking(agents, load), waiting(agents, load), mean_wait(agents, load, 1.0)), published, strict=True
        )
    ]
    patient = with_patience(48, 1, 2, 50)
    ours = (patient.waits, patient.leaves, patient.mean_wait)
    return max(off + [abs(one - other) for one, other in zip(ours, PATIENT, strict=True)])


def twin(needs: int, seed: int) -> dict[str, Any]:
    """M/M/50+M in the event loop: speed, and the share who wait against the exact one at the rates that were drawn."""
    day = drawn(np.full((1, 1), float(needs)), needs / 48.0, [1.0], 2.0, seed)
    staff = Staff(np.ones((50, 1), np.bool_))
    begun = time.process_time()
    done = run_day(day, staff, "skills", patience_seconds=2.0)
    events = (len(day.arrival) + int((done.agent >= 0).sum())) / (time.process_time() - begun)
    rate = (len(day.arrival) - 1) / float(day.arrival[-1] - day.arrival[0])
    exact = with_patience(rate, float(day.handling.mean()), float(day.patience.mean()), 50)
    few = drawn(np.full((1, 1), needs / 5.0), needs / 240.0, [1.0], 2.0, seed)
    others = {}
    for name in ("greedy", "rapport"):
        begun = time.process_time()
        other = run_day(few, staff, name, patience_seconds=2.0)
        others[name] = round((len(few.arrival) + int((other.agent >= 0).sum())) / (time.process_time() - begun))
    shape = told(done, day, 1, 1 / 3)
    return {
        "twin_events_per_s": round(events),
        "twin_best_events_per_s": others["greedy"],
        "twin_patient_events_per_s": others["rapport"],
        "twin_error": round(abs(float((done.waited > 1e-12).mean()) / exact.waits - 1.0), 4),
        "twin_left_error": round(abs(shape.left / exact.leaves - 1.0), 4),
    }


def bursts(seeds: range, days: int) -> dict[str, Any]:
    """Seeded months."""
    runs = [trial(seed, days) for seed in seeds]
    delays = [delay for run in runs for delay in run.delays]
    return {
        "burst_delay_min": round(float(np.mean(delays)), 1),
        "burst_delay_p90_min": round(float(np.quantile(delays, 0.9)), 1),
        "burst_missed": sum(run.missed for run in runs),
        "burst_false_per_month": round(float(np.mean([run.false_per_month for run in runs])), 3),
    }


def nab_score() -> float | None:
    """The ten files of realTweets; None where they are not here."""
    folder = Path(os.environ.get("RAPPORT_SERIES", "../shared/data/series")) / "nab_realTweets"
    if not (folder / "combined_windows.json").is_file():
        return None
    windows = json.loads((folder / "combined_windows.json").read_text())
    files = []
    for file in sorted(folder.glob("Twitter_volume_*.csv")):
        with file.open(newline="") as lines:
            rows = list(csv.reader(lines))[1:]
        times = [datetime.fromisoformat(row[0]) for row in rows]
        marked = []
        for first, last in windows[f"realTweets/{file.name}"]:
            inside = [n for n, at in enumerate(times) if datetime.fromisoformat(first) <= at <= datetime.fromisoformat(last)]
            marked.append((inside[0], inside[-1]))
        files.append((len(rows), marked, nab.detections([float(row[1]) for row in rows])))
    return round(nab.score(files), 1)


def run(scale: str = "small", seed: int = 1) -> dict[str, Any]:
    """Measure; see the module's first lines."""
    full = scale == "full"
    return {
        **scheduling(),
        **staffing(*((100_000, tuple(CASES)) if full else (25_000, SMALL))),
        "erlang_error": erlang_error(),
        **twin(5_000_000 if full else 400_000, seed),
        **bursts(range(seed, seed + (20 if full else 4)), 90),
        "nab": nab_score(),
    }
