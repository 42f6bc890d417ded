"""The forecast beside its peers: bank_calls in half-hours, one day ahead, days 100 to 163, each from the days before it alone.

Keys, for `ours`, `last_week`, `mean_of_4_weeks`, and with the extra `bench` for `mstl` (statsforecast: MSTL of a day and a
week with AutoETS) and `prophet`: wape (percent), cover80, cover95 (fractions), s_per_origin. Without the extra `published`
stands there: what was measured once. `every`: only each so many-th day, as a peer takes seconds for one; 8, or all at full
scale. The series are looked for in RAPPORT_SERIES or ../shared/data/series; `origins` is 0 where they are not.
"""

import logging
import os
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from rapport.app.workforce_commands import PUBLISHED, series_of
from rapport.workforce.backtest import anchors, figures, look_back, origins_of
from rapport.workforce.series import Series

STEP = timedelta(minutes=30)
LAST = 60  # business days that MSTL sees, a missing one as the day five before it
HOLIDAYS = ("2003-04-18", "2003-05-26", "2003-07-04", "2003-09-01", "2003-10-13")
LEVELS = (80, 95)
Told = tuple[np.ndarray, dict[int, tuple[np.ndarray, np.ndarray]]]  # a day, and by level where its band ends
Peer = Callable[[Series, int], Told]


def _times(series: Series, day: date) -> list[datetime]:
    midnight = datetime(day.year, day.month, day.day)
    return [midnight + series.opens + n * STEP for n in range(series.counts.shape[1])]


def mstl(series: Series, origin: int) -> Told:
    """statsforecast, with a day and a week of half-hours as seasons."""
    from statsforecast.models import MSTL, AutoETS

    held = {series.dates[n]: series.counts[n] for n in range(origin)}
    days = [series.dates[0] + timedelta(days=n) for n in range((series.dates[origin] - series.dates[0]).days)]
    rows: list[np.ndarray] = []
    for day in (day for day in days if day.weekday() < 5):
        rows.append(held[day] if day in held else rows[-5])
    across = series.counts.shape[1]
    model = MSTL(season_length=[across, 5 * across], trend_forecaster=AutoETS(model="ZZN"))
    found = model.forecast(y=np.concatenate(rows[-LAST:]), h=across, level=list(LEVELS))
    return found["mean"], {level: (found[f"lo-{level}"], found[f"hi-{level}"]) for level in LEVELS}


def prophet(series: Series, origin: int) -> Told:
    """Prophet, with 15 waves to the day, 12 to the week, and the public holidays."""
    import pandas as pd
    from prophet import Prophet

    for name in ("prophet", "cmdstanpy"):
        logging.getLogger(name).disabled = True  # it tells of each fit
    holidays = pd.DataFrame({"holiday": "closed", "ds": pd.to_datetime(HOLIDAYS), "lower_window": 0, "upper_window": 1})
    model = Prophet(daily_seasonality=15, weekly_seasonality=12, yearly_seasonality=False, holidays=holidays)
    known = [at for day in series.dates[:origin] for at in _times(series, day)]
    model.fit(pd.DataFrame({"ds": known, "y": series.counts[:origin].ravel()}))
    coming = pd.DataFrame({"ds": _times(series, series.dates[origin])})
    drawn = model.predictive_samples(coming)["yhat"]
    ends = {level: np.quantile(drawn, [0.5 - level / 200, 0.5 + level / 200], axis=1) for level in LEVELS}
    return model.predict(coming)["yhat"].to_numpy(), {level: (low, high) for level, (low, high) in ends.items()}


PEERS: dict[str, tuple[str, Peer]] = {"mstl": ("statsforecast", mstl), "prophet": ("prophet", prophet)}


def _judged(peer: Peer, series: Series, origins: Sequence[int]) -> dict[str, float]:
    begun = time.perf_counter()
    told = [peer(series, origin) for origin in origins]
    seconds = (time.perf_counter() - begun) / len(origins)
    came = series.counts[list(origins)]
    off = np.abs(np.array([mean for mean, _ in told]) - came).sum()
    covered = {
        f"cover{level}": np.mean([(came[n] >= b[level][0]) & (came[n] <= b[level][1]) for n, (_, b) in enumerate(told)])
        for level in LEVELS
    }
    return {
        "wape": round(100.0 * float(off / came.sum()), 3),
        **{name: round(float(share), 4) for name, share in covered.items()},
        "s_per_origin": round(seconds, 3),
    }


def run(scale: str = "small", seed: int = 1, every: int = 0) -> dict[str, Any]:
    """Measure; see the module's first lines. `seed`: of what Prophet draws."""
    file = Path(os.environ.get("RAPPORT_SERIES", "../shared/data/series")) / "bank_calls" / "bank_calls_5min.csv"
    if not file.is_file():
        return {"origins": 0, "published": PUBLISHED[1]}
    np.random.seed(seed)
    series = series_of(file, STEP)
    origins = origins_of(series, None, 1)[:: every or (1 if scale == "full" else 8)]
    begun = time.perf_counter()
    looked = look_back(series, origins, 1)
    ours = figures(series, looked) | {"s_per_origin": round((time.perf_counter() - begun) / len(origins), 4)}
    said: dict[str, Any] = {"origins": len(origins), "ours": ours}
    said |= {name: {"wape": wape} for name, wape in anchors(series, origins, 1).items()}
    here = {name: peer for name, (package, peer) in PEERS.items() if find_spec(package)}
    said |= {name: _judged(peer, series, origins) for name, peer in here.items()}
    return said if len(here) == len(PEERS) else said | {"published": PUBLISHED[1]}
