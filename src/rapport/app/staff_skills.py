"""What `rapport staff skills` does: people of each kind for several streams, found by formula, then run and mended."""

import csv
import json
from pathlib import Path
from typing import Any

import msgspec

from rapport.errors import BadInput
from rapport.web.workforce.staffed_by_running import Tried, staffed_by_running
from rapport.web.workforce.twinning import POLICIES
from rapport.workforce.series import count_of
from rapport.workforce.staffing import Kind, Stream, scheduled

STREAMS, KINDS = ("stream", "per_hour", "handle"), ("kind", "streams", "cost", "most")
MOST_STREAMS, MOST_LOAD, MOST_KINDS, MOST_PEOPLE = 6, 500.0, 20, 10_000


class Asked(msgspec.Struct, frozen=True):
    """Seconds to an answer, the share that is to be in time, needs of each day that is run, and of paid time away."""

    within: float
    target: float
    needs: int
    policy: str
    shrinkage: float


def skills(streams_file: Path, kinds_file: Path, asked: Asked, *, as_json: bool) -> int:
    """Print how many of each kind keep the target where they are run, and how far above one pool that is. Raises BadInput."""
    if asked.within < 0 or not 0 < asked.target < 0.99 or asked.policy not in POLICIES:
        raise BadInput(
            f"--within is from 0, --target between 0 and 0.99, --policy one of {', '.join(POLICIES)}; "
            f"got {asked.within:g}, {asked.target:g}, {asked.policy[:20]!r}"
        )
    names, streams = read_streams(streams_file)
    titles, kinds = read_kinds(kinds_file, names)
    found = staffed_by_running(streams, kinds, within=asked.within, target=asked.target, needs=asked.needs, policy=asked.policy)
    said = _said(found, names, titles, kinds, asked)
    if as_json:
        print(json.dumps(said))
        return 0
    for one in said["people"]:
        print(f"{one['kind']:20} {one['seated']:4d} seated  {one['scheduled']:4d} scheduled")
    print(f"{said['seats']} in all; one pool that can do everything needs {said['pooled']} ({said['excess']:+.1%})")
    for one in said["streams"]:
        print(f"{one['stream']:20} {one['in_time']:.3f} in time; {one['again']:.3f} on a day that it was not set on")
    print("the target holds on the fresh day too" if said["holds"] else "on a fresh day the target does not hold: run longer")
    return 0


def _said(found: Tried, names: list[str], titles: list[str], kinds: list[Kind], asked: Asked) -> dict[str, Any]:  # Any: JSON
    seats = found.staffed.seats
    return {
        "people": [
            {"kind": title, "seated": count, "scheduled": scheduled(count, asked.shrinkage)}
            for title, count in zip(titles, seats, strict=True)
        ],
        "seats": sum(seats),
        "pooled": found.staffed.pooled,
        "excess": round(found.staffed.excess, 4),
        "cost": round(sum(kind.cost * count for kind, count in zip(kinds, seats, strict=True)), 4),
        "streams": [
            {"stream": name, "in_time": round(one, 4), "again": round(other, 4)}
            for name, one, other in zip(names, found.staffed.in_time, found.again, strict=True)
        ],
        "holds": min(found.again) >= asked.target,
        "days": found.days,
    }


def read_streams(file: Path) -> tuple[list[str], list[Stream]]:
    """Streams of a CSV file: name, how many come in an hour, seconds of work. Raises BadInput that names the line."""
    names, found = list[str](), []
    for where, row in _rows(file, STREAMS):
        per_hour, handle = (count_of(row.get(name) or "", f"{where}, {name}") for name in STREAMS[1:])
        load = per_hour * handle / 3600.0
        if row["stream"] in names or not (handle > 0 and 0 < load <= MOST_LOAD):
            raise BadInput(f"{where}: each stream once, with work, and of at most {MOST_LOAD:g} erlangs; got {load:g}")
        names.append(row["stream"])
        found.append(Stream(load, handle))
    if not 0 < len(found) <= MOST_STREAMS:
        raise BadInput(f"{file.name}: 1 to {MOST_STREAMS} streams are staffed together, got {len(found)}")
    return names, found


def read_kinds(file: Path, streams: list[str]) -> tuple[list[str], list[Kind]]:
    """Kinds of people: name, the streams that they can serve with semicolons, what an hour costs, and how many there are."""
    titles, found = list[str](), []
    for where, row in _rows(file, KINDS[:2]):
        able = [part.strip() for part in (row["streams"] or "").split(";") if part.strip()]
        if unknown := [name for name in able if name not in streams]:
            raise BadInput(f"{where}: {unknown[0]!r} is no stream; streams are {', '.join(streams)}")
        cost, most = (
            count_of(row.get(name) or usual, f"{where}, {name}") for name, usual in (("cost", "1"), ("most", str(MOST_PEOPLE)))
        )
        if row["kind"] in titles or not able or cost <= 0:
            raise BadInput(f"{where}: each kind once, with streams and a cost above 0")
        titles.append(row["kind"])
        found.append(Kind(frozenset(streams.index(name) for name in able), cost, int(min(most, MOST_PEOPLE))))
    if not 0 < len(found) <= MOST_KINDS:
        raise BadInput(f"{file.name}: 1 to {MOST_KINDS} kinds of people are staffed together, got {len(found)}")
    return titles, found


def _rows(file: Path, needed: tuple[str, ...]) -> list[tuple[str, dict[str, str]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{file}: cannot be read as CSV in UTF-8: {error}") from error
    found = []
    for number, row in enumerate(rows, start=2):
        where = f"{file.name}, line {number}"
        if missing := [name for name in needed if not row.get(name)]:
            raise BadInput(f"{where}: columns {', '.join(needed)} are needed, {missing[0]!r} is missing or empty")
        found.append((where, row))
    return found
