"""Compiled kernels beside the same functions interpreted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EVENTS = """
import hashlib, numpy as np
from matching.engine.marketwork import shake
from rapport.matching.engine.market import Market
from rapport.matching.engine.repair import resolve
from rapport.matching.engine.search import seek_slot
random, market = np.random.default_rng(11), Market(60)
for step in range(1500):
    shake(market, random, budget=3, rounded=1 if step % 2 else 9)
halfway = b"".join(array.tobytes() for array in market.graph)
resolve(market)
print(hasattr(seek_slot, "py_func"), hashlib.sha256(halfway + b"".join(array.tobytes() for array in market.graph)).hexdigest())
"""


def answer(*, interpreted):
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "NUMBA_DISABLE_JIT": "1" if interpreted else "0"}
    done = subprocess.run([sys.executable, "-c", EVENTS], env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.slow
def test_compiled_and_interpreted_kernels_decide_alike_to_the_bit():
    pytest.importorskip("numba", reason="the extra `fast` is not installed")

    compiled, interpreted = answer(interpreted=False), answer(interpreted=True)

    assert (compiled[0], interpreted[0]) == ("True", "False")
    assert compiled[1] == interpreted[1]
