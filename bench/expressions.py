"""How long a requirement takes for one agent and for all of them in columns. CPU time of this thread.

Keys: mask_p50_us and mask_p99_us (of one expression over all agents), one_ns (of one agent), column_ms (of making a column,
once for a centre), compile_us, per_s (evaluations in columns), agents, agreeing (the share of agents for whom both say the
same: 1).
"""

import random
import time
from typing import Any

import numpy as np

from rapport.matching.expression import parse
from rapport.matching.language.columns import Columns

RULE = (
    "languages has need.language and skills[need.skill] >= 0.5 and team in ['it', 'ops'] "
    "and bot != true and not team == 'night'"
)
NEEDS = [{"language": language, "skill": skill} for language in ("es", "en", "fr") for skill in ("wifi", "billing", "cards")]
AGENTS = {"small": 10_000, "full": 100_000}
TIMES = 1000


def an_agent(rng: random.Random) -> dict[str, Any]:
    """An agent with two of four languages, three of five skills and a team."""
    return {
        "languages": rng.sample(["es", "en", "fr", "pt"], 2),
        "skills": {skill: rng.random() for skill in rng.sample(["wifi", "billing", "cards", "fraud", "spa"], 3)},
        "team": rng.choice(["it", "ops", "desk", "night"]),
        "bot": rng.random() < 0.02,
    }


def run(scale: str = "small", seed: int = 1) -> dict[str, Any]:
    """Measure one five-term expression over all agents of a centre."""
    rng = random.Random(seed)
    agents = [an_agent(rng) for _ in range(AGENTS[scale])]
    parse.cache_clear()
    begun = time.thread_time_ns()
    rule = parse(RULE)
    compiled = time.thread_time_ns()
    columns = Columns(agents)
    for need in NEEDS:
        rule.mask(columns, need)
    made = time.thread_time_ns()
    times = []
    for nth in range(TIMES):
        start = time.thread_time_ns()
        rule.mask(columns, NEEDS[nth % len(NEEDS)])
        times.append(time.thread_time_ns() - start)
    start = time.thread_time_ns()
    one = [rule(agent, NEEDS[0]) for agent in agents]
    ended = time.thread_time_ns()
    return {
        "mask_p50_us": round(float(np.percentile(times, 50)) / 1e3, 1),
        "mask_p99_us": round(float(np.percentile(times, 99)) / 1e3, 1),
        "one_ns": round((ended - start) / len(agents)),
        "column_ms": round((made - compiled) / len(columns.made) / 1e6, 1),
        "compile_us": round((compiled - begun) / 1e3),
        "per_s": round(len(agents) / float(np.percentile(times, 50)) * 1e9),
        "agents": len(agents),
        "agreeing": float(np.mean(np.array(one) == rule.mask(columns, NEEDS[0]))),
    }
