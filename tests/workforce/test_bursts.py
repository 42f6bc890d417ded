"""Bursts: told once, soon, and seldom wrongly; and the benchmark's score against what its definition gives by hand."""

import numpy as np
import pytest

from rapport.workforce import nab
from rapport.workforce.burst_trial import months, trial
from rapport.workforce.bursts import Detector, unheld


def quiet(days: int, seed: int = 1, rate: float = 0.6) -> list[float]:
    return np.random.default_rng(seed).poisson(rate, days * 288).astype(float).tolist()


def test_seeded_bursts_are_told_within_half_an_hour_and_nothing_else_is():
    found = trial(seed=3, days=40)

    assert found.missed == 0
    assert np.median(found.delays) <= 30
    assert found.false_per_month <= 1


def test_what_the_guard_holds_of_a_brigade_is_no_work_for_anybody():
    assert unheld("brigade", 300.0, 100, 80) == pytest.approx(60.0)
    assert unheld("real", 300.0, 100, 80) == 300.0


def test_a_burst_is_told_once_and_its_end_too():
    detector = Detector(5)
    seen = [detector.see(count) for count in quiet(4) + [30.0] * 36 + quiet(1)]

    assert sum(one.begins for one in seen) == 1
    assert sum(one.ends for one in seen) == 1
    assert detector.running is None


def test_while_a_burst_runs_its_size_so_far_and_to_come_are_told():
    detector = Detector(5)
    for count in quiet(4) + [30.0] * 24:
        seen = detector.see(count)

    assert seen.running.above == pytest.approx(24 * 29.4, rel=0.15)
    assert seen.running.still_to_come > 0
    assert seen.running.still_to_last > 0


def test_a_series_of_zeros_is_never_a_burst():
    detector = Detector(5)

    assert not any(detector.see(0.0).begins for _ in range(3000))


def test_months_have_the_bursts_that_they_say():
    counts, begins = months(seed=1, days=30)

    assert len(begins) == 2
    assert counts[begins[0] : begins[0] + 288 * 2].sum() > 3000


def test_the_benchmarks_score_is_perfect_for_the_first_record_of_each_window_and_nothing_for_silence():
    windows = [(1000, 1100), (2000, 2100)]

    assert nab.score([(4000, windows, [1000, 2000])]) == pytest.approx(100.0)
    assert nab.score([(4000, windows, [])]) == 0.0
    assert nab.score([(4000, windows, [1000, 2000, 3900])]) == pytest.approx(100 - 100 * 0.11 / (2 * 1.98661) / 2 * 1, abs=2.0)
    assert nab.score([(4000, windows, [100])]) == 0.0  # in the probation nothing counts
