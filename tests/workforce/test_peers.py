"""`rapport bench forecast`: ours beside its peers on the same days, and what was measured once where they are not installed."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from rapport.workforce.series import from_records
from workforce.seriesmade import rates, records


def bench():
    """The benchmark as a module."""
    file = Path(__file__).parents[2] / "bench" / "forecast.py"
    spec = importlib.util.spec_from_file_location("bench_forecast", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def made():
    return bench()


def lines(counts):
    return "\n".join(f"{at},{count:g}" for at, count in records(counts))


def test_a_peer_is_judged_by_what_came_and_its_bands_by_what_they_hold(made):
    # 100 in each half-hour, forecast as 90 with bands to 95 and to 105: ten percent off, in the wider band alone.
    series = from_records(records(np.full((12, 20), 100.0)), made.STEP)
    ninety = np.full(20, 90.0)
    told = made._judged(lambda *_: (ninety, {80: (ninety, ninety + 5), 95: (ninety, ninety + 15)}), series, [10, 11])

    assert (told["wape"], told["cover80"], told["cover95"]) == (10.0, 0.0, 1.0)


def test_ours_stands_beside_baselines_and_peers_that_are_here_and_published_figures_beside_those_that_are_not(
    made, tmp_path, monkeypatch
):
    (tmp_path / "bank_calls").mkdir()
    (tmp_path / "bank_calls" / "bank_calls_5min.csv").write_text(lines(np.random.default_rng(2).poisson(rates(90))))
    monkeypatch.setenv("RAPPORT_SERIES", str(tmp_path))
    monkeypatch.setattr(
        made, "PEERS", {"naive": ("json", lambda series, at: (series.counts[at - 5], {80: (0, 0), 95: (0, 0)}))}
    )
    here = made.run(every=16)
    monkeypatch.setattr(made, "PEERS", {"mstl": ("no_such_package", made.mstl)})
    away = made.run(every=16)

    assert here["origins"] == 4
    assert here["ours"]["wape"] < here["naive"]["wape"] == here["last_week"]["wape"]
    assert "published" not in here
    assert away["published"]["MSTL"] == 6.14


def test_without_the_series_nothing_is_measured_and_that_is_said(made, tmp_path, monkeypatch):
    monkeypatch.setenv("RAPPORT_SERIES", str(tmp_path))

    assert made.run()["origins"] == 0
