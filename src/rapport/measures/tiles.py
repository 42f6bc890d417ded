"""Tiles: what a day of many rows comes to, kept ready, so that a report adds days up instead of reading their rows. Pure.

A tile says of one day and one measure how many rows count, their sum and that of their squares, in all and by every dimension;
of times also the values in their order. Those of a day go as soon as one of its rows changes (`Folded.stale`), and are made
anew while the ledger is followed, where the day is over. What depends on when it is asked says from when on it does no more.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.measures.columns import NEVER
from rapport.measures.definitions import BY_COMING_BACK, BY_ID
from rapport.measures.folding import Folded
from rapport.measures.occupancy import occupied
from rapport.measures.open_time import Hours, OpenTime, midnight
from rapport.measures.picking import Asked, Index, picked
from rapport.measures.reckoning import DAY, RECKONED, Counted, Values, grouped, together, values_of
from rapport.measures.surroundings import zone_called

LARGE = 2_000  # conversations of a day, from which on it is worth a tile
FRESH = 2  # days, the newest: what is still happening in them would undo a tile at once
BACK_DAYS = 7  # within which a tile looks for who came back
HOURS = 24
BY_WORDS = ("brand", "channel", "kind", "intent", "language", "team", "agent", "site")
TILED = tuple(name for name in RECKONED if BY_ID[name].table != "reviews")
LATER = 1 << 60  # a moment at which whatever is due is over
NARROW = np.iinfo(np.uint32).max
Ordered = NDArray[np.uint32] | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tile:
    """One measure of one day: as one group, by the words or hours of a dimension, and the values of a time in their order.

    `settles`: from this moment on it is the same whenever it is asked for; in milliseconds.
    """

    whole: Counted
    parted: dict[str, Counted]
    ordered: Ordered | None
    settles: int


@dataclass(frozen=True, slots=True)
class Presence:
    """Of one day from `begins` up to `ends`, in milliseconds: time present and at work, by agent's number."""

    begins: int
    ends: int
    here: Index
    busy: Index


@dataclass(frozen=True, slots=True)
class DayOfTiles:
    """The tiles of a day: of each measure by the clock, and of some in open hours of a `lens` (`OpenTime.lens`)."""

    measures: dict[tuple[str, object], Tile]
    presence: Presence


def tidy(folded: Folded, seconds: float) -> int:
    """Make the tiles that days which are over lack, for so long at most; how many days are left."""
    began = time.monotonic()
    newest = int(folded.talks["day"][-1]) if folded.talks.size else 0
    hours, opening = folded.opening, None
    due = sorted(day for day in folded.stale if day <= newest - FRESH)
    unopened = [day for day, tiles in folded.tiles.items() if _lacks(tiles, hours)] if isinstance(hours, Hours) else []
    for nth, day in enumerate((*due, *unopened)):
        if time.monotonic() - began > seconds:
            return len(due) + len(unopened) - nth
        if len(folded.talks.between(day, day + 1)) >= LARGE:
            opening = opening or _opening(folded)
            _make(folded, day, opening)
        folded.stale.discard(day)
    return 0


def _lacks(tiles: DayOfTiles, hours: Hours) -> bool:
    return ("first_response", hours.lens) not in tiles.measures


def _opening(folded: Folded) -> OpenTime | None:
    """The open hours that were asked for last, over everything that was recorded up to now."""
    if not isinstance(folded.opening, Hours):
        return None
    first = int(folded.talks["opened"].min())
    return OpenTime(*folded.opening, first, max(folded.at, first))


def _make(folded: Folded, day: int, opening: OpenTime | None) -> None:
    """The tiles of a day; those that it has are kept."""
    asked, zone = Asked(day, day + 1, LATER, back_days=BACK_DAYS), zone_called(folded.around.zone)
    found: DayOfTiles | None = folded.tiles.get(day)
    if found is None:
        begins, ends = midnight(day, zone), midnight(day + 1, zone)
        measures: dict[tuple[str, object], Tile] = {(name, None): _tile(folded, name, asked, None) for name in TILED}
        found = DayOfTiles(measures, Presence(begins, ends, *occupied(folded, begins, ends)))
        folded.tiled_until = max(folded.tiled_until, ends)
    if opening is not None:
        clock = {key: tile for key, tile in found.measures.items() if key[1] is None}
        opened = {(name, opening.lens): _tile(folded, name, asked, opening) for name in TILED if BY_ID[name].asks_hours}
        found = DayOfTiles(clock | opened, found.presence)
    folded.tiles[day] = found


def _tile(folded: Folded, name: str, asked: Asked, opening: OpenTime | None) -> Tile:
    found = values_of(folded, name, asked, opening)
    sizes = {by: len(folded.labels[by].words) for by in BY_WORDS} | {"hour": HOURS}
    parted = {by: grouped(found.values, found.rows.of(by), size) for by, size in sizes.items()}
    ordered = None
    if BY_ID[name].unit == "seconds":
        values = np.sort(found.values)
        ordered = values.astype(np.uint32) if len(values) and values[0] >= 0 and values[-1] < NARROW else values
    return Tile(together(found.values), parted, ordered, _settles(folded, name, asked, found))


def _settles(folded: Folded, name: str, asked: Asked, found: Values) -> int:
    """From which moment on a measure is the same whenever it is asked for."""
    if name in BY_COMING_BACK:
        return int(found.rows["first_resolved"].max(initial=0)) + asked.back_days * DAY
    if name == "service_level":
        rows = picked(folded, "talks", asked)
        owed = (rows["answered"] == NEVER) & (rows["resolved"] == NEVER)
        return int(rows["due"][owed].max(initial=0)) + 1
    return 0
