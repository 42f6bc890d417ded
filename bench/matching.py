"""The matching engine under load: CPU time of decisions, bursts and whole re-optimisations, and the gap to the exact optimum.

`rapport bench matching --json --agents 10000 --waiting 100000 --seed S`. The world: two languages and six skills, of which each
agent has about half; a need asks for one of each; 32 numbers say what a person and an agent have in common. Every agent has one
free unit, and more needs wait than there are units; pairs stay in the market. Times are CPU seconds of one thread.

* `p50_ms`, `p99_ms`: one arrival to its decision: who may (known by what is asked for), score, the best 64, the exact market.
* `per_s`: decisions a second, where 100 arrivals are taken in one round; `per_s_single`: one by one.
* `release_p99_ms`: a unit that comes free, to who gets it. `burst_s`: 4,000 needs at once.
* `cold_s`: all who wait are scored, listed and placed from nothing. `warm_s`: placed anew after all holds and floors changed.
* `gap_repair`, `gap_instant`: the share of the gain over waiting that is missing, after a re-optimisation and at the worst of
  some instants. Beside scipy's dense assignment of every allowed pair in a world of a tenth of the size (`exact_agents`), and
  beside what weak duality allows at most over every allowed pair in the large one. The larger of the two is told.
"""

import json
import os
import subprocess
import sys

SIZES = {"small": (10_000, 100_000), "full": (20_000, 200_000)}


def run(scale: str = "small", seed: int = 1, agents: int = 0, waiting: int = 0) -> dict[str, float | int | bool]:
    """Measure in a process of its own, whose products run on one thread."""
    sizes = {"agents": agents or SIZES[scale][0], "waiting": waiting or SIZES[scale][1], "seed": seed}
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, __file__, json.dumps(sizes)], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float | int | bool] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    from _market import measure  # imports numpy, whose threads the environment above has set

    print(json.dumps(measure(**json.loads(sys.argv[1]))))
