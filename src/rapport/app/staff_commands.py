"""What `rapport staff` does: how many people a day needs, interval by interval, and what a resolution costs at each site."""

import csv
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.app.twin_commands import rates_of
from rapport.app.workforce_commands import minutes, series_of
from rapport.errors import BadInput
from rapport.workforce.queues import needed
from rapport.workforce.series import Series, count_of
from rapport.workforce.staffing import Site, cost_per_resolution, scheduled

Floats = NDArray[np.float64]
SITE = ("site", "cost_per_hour", "slower", "resolved", "shrinkage", "languages", "zone", "notes")


class Asked(msgspec.Struct, frozen=True):
    """Seconds of work and to an answer, the share that is to be in time, of paid time away, and conversations at a time."""

    handle: float
    within: float
    target: float
    shrinkage: float
    places: float


def staff(file: Path, asked: Asked, *, interval: str, day: str, as_json: bool) -> int:
    """Print how many people a day needs in each interval, seated and scheduled."""
    if asked.handle <= 0 or asked.within < 0 or not 0 < asked.target < 1 or asked.places <= 0:
        raise BadInput(f"--handle and --places are above 0, --within from 0, --target between 0 and 1; got {asked}")
    series = series_of(file, minutes(interval))
    which, rates = rates_of(series, day)
    lines = _lines(rates, series, asked)
    hours = sum(line["scheduled"] for line in lines) * series.step.total_seconds() / 3600
    said: dict[str, Any] = {
        "day": which,
        "hours": round(hours, 1),
        "intervals": lines,
        "notes": list(series.notes),
    }  # Any: JSON
    if as_json:
        print(json.dumps(said))
        return 0
    print(f"{which}: {hours:.1f} hours to schedule")
    for line in lines:
        print(f"{line['from']}  {line['comes']:8.1f} come  {line['seated']:4d} seated  {line['scheduled']:4d} scheduled")
    return 0


def _lines(rates: Floats, series: Series, asked: Asked) -> list[dict[str, Any]]:  # Any: JSON
    load = np.maximum(rates, 0.0) * asked.handle / series.step.total_seconds()
    seated = np.ceil(needed(load, asked.handle, asked.within, asked.target) / asked.places).astype(int).tolist()
    found = []
    for n, people in enumerate(seated):
        at = int((series.opens + n * series.step).total_seconds() // 60)
        clock = f"{at // 60 % 24:02d}:{at % 60:02d}"
        there = scheduled(people, asked.shrinkage)
        found.append({"from": clock, "comes": round(float(rates[n]), 1), "seated": people, "scheduled": there})
    return found


def sites(file: Path, *, load: float, handle: float, within: float, target: float, as_json: bool) -> int:
    """Print what a resolved need costs at each site, the cheapest first, and what else speaks for it."""
    if load <= 0 or handle <= 0 or not 0 < target < 1:
        raise BadInput(f"--load and --handle must be above 0 and --target between 0 and 1, got {load}, {handle}, {target}")
    found = []
    for site, row in read_sites(file):
        people, cost = cost_per_resolution(site, load=load, handle_seconds=handle, within=within, target=target)
        found.append({"people": people, "cost_per_resolution": round(cost, 3), **row, "cost_per_hour": site.cost_per_hour})
    found.sort(key=lambda one: one["cost_per_resolution"])
    by_the_hour = [one["site"] for one in sorted(found, key=lambda one: one["cost_per_hour"])]
    if as_json:
        print(json.dumps({"sites": found, "by_the_hour": by_the_hour}))
        return 0
    for one in found:
        beside = ", ".join(part for part in (one["languages"], one["zone"], one["notes"]) if part)
        costs = f"{one['cost_per_resolution']:8.3f} a resolution  {one['cost_per_hour']:7.2f} an hour"
        print(f"{one['site']:16} {costs}  {one['people']:4d} people  {beside}")
    print(f"by the hour alone: {', '.join(by_the_hour)}")
    return 0


def read_sites(file: Path) -> list[tuple[Site, dict[str, Any]]]:
    """The sites of a CSV file with their languages, zone and notes. Raises BadInput that names the line and the value."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{file}: cannot be read as CSV in UTF-8: {error}") from error
    found = []
    for number, row in enumerate(rows, start=2):
        where = f"{file.name}, line {number}"
        if not row.get("site") or not row.get("cost_per_hour"):
            raise BadInput(f"{where}: columns {', '.join(SITE)} are known, and site and cost_per_hour are needed")
        slower, resolved, away = (
            count_of(row.get(name) or usual, f"{where}, {name}")
            for name, usual in (("slower", "1"), ("resolved", "0.8"), ("shrinkage", "0.3"))
        )
        if not (0 < resolved <= 1 and slower > 0 and away < 1):
            raise BadInput(
                f"{where}: resolved is above 0 up to 1, slower above 0, shrinkage below 1; got {resolved}, {slower}, {away}"
            )
        site = Site(row["site"], count_of(row["cost_per_hour"], f"{where}, cost_per_hour"), slower, resolved, away)
        found.append((site, {name: (row.get(name) or "").strip() for name in ("site", "languages", "zone", "notes")}))
    if not found:
        raise BadInput(f"{file.name}: no site; write a line each, with columns {', '.join(SITE)}")
    return found
