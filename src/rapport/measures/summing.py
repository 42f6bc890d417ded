"""Summing: a measure over days and by groups, from tiles where a day has them and from its rows where it has none. Pure.

Whether a day is tiled changes no figure: counts and sums are whole, and what half do not exceed is looked for among values.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rapport.measures.definitions import BY_COMING_BACK, BY_ID
from rapport.measures.folding import Folded
from rapport.measures.occupancy import occupied
from rapport.measures.open_time import OpenTime
from rapport.measures.picking import Asked, Index, wanted
from rapport.measures.reckoning import Counted, grouped, together, values_of
from rapport.measures.tiles import BACK_DAYS, BY_WORDS, HOURS, DayOfTiles, Presence, Tile

WEEKDAYS = 7
STEP = 512  # values of which one is looked at first
ONE_EACH = ("day", "weekday")  # of which a day is in one group
PLACED = (*ONE_EACH, "week")  # groups that follow from the day and the hour
Values = NDArray[Any]  # Any: in their order, of whatever width holds them
Tiled = list[tuple[int, Tile]]


def tiled(folded: Folded, name: str, asked: Asked, opening: OpenTime | None) -> tuple[Tiled, Asked]:
    """The tiles of a measure that hold for what is asked, with their days; and what is left to be read row by row.

    Of what is narrowed to one word of a dimension that tiles have, they tell how many, their sum and that of their squares.
    """
    narrowed = len(asked.having) > 1 or not asked.having.keys() <= {*BY_WORDS, "hour"}
    if narrowed or (name in BY_COMING_BACK and asked.back_days != BACK_DAYS):
        return [], asked
    key = (name, opening.lens if opening is not None and BY_ID[name].asks_hours else None)
    found: Tiled = []
    for day in range(asked.start, asked.end) if folded.tiles else ():
        tiles: DayOfTiles | None = folded.tiles.get(day)
        tile = tiles.measures.get(key) if tiles is not None else None
        if tile is not None and tile.settles <= asked.at:
            found.append((day, tile))
    but = tuple(day for day, _ in found)
    return found, Asked(asked.start, asked.end, asked.at, asked.having, asked.back_days, but) if but else asked


def summed(
    folded: Folded, name: str, asked: Asked, opening: OpenTime | None, *, middles: bool = True
) -> tuple[Counted, list[Values]]:
    """A measure as one group; of a time of which `middles` are asked for, also its values, in several arrays, each in order."""
    ordered = middles and BY_ID[name].unit == "seconds"
    tiles, rest = ([], asked) if ordered and asked.having else tiled(folded, name, asked, opening)
    values = values_of(folded, name, rest, opening).values
    whole = _added([together(values), *(_whole(folded, tile, asked) for _, tile in tiles)])
    if not ordered:
        return whole, []
    parts = [np.sort(values), *(tile.ordered for _, tile in tiles if tile.ordered is not None)]
    return whole, [one for one in parts if len(one)]


def _whole(folded: Folded, tile: Tile, asked: Asked) -> Counted:
    """A tile as one group, of what is asked for; none where no row of its day has the word."""
    for by, word in asked.having.items():
        code, part = wanted(folded, by, word), tile.parted[by]
        one = slice(code, code + 1) if code >= 0 else slice(0)
        return Counted(part.counts[one], part.totals[one], part.squares[one])
    return tile.whole


def _added(parts: Sequence[Counted]) -> Counted:
    """Several of one group each, as one."""
    counts, totals, squares = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Counted(np.array([counts.sum()]), np.array([totals.sum()]), np.array([squares.sum()]))


def parted(folded: Folded, name: str, by: str, asked: Asked, opening: OpenTime | None, size: int) -> Counted:
    """A measure by group, `size` of them: words, hours, weekdays, hours of the week, or days from the first one on."""
    tiles, rest = tiled(folded, name, asked, opening)
    known = ONE_EACH if asked.having else (*PLACED, *BY_WORDS, "hour")
    if by not in known:
        tiles, rest = [], asked
    found = values_of(folded, name, rest, opening)
    if by == "week":
        groups = found.rows.of("weekday") * HOURS + found.rows.of("hour")
    else:
        groups = found.rows.of(by) - (asked.start if by == "day" else 0)
    sums = grouped(found.values, groups, size)
    for day, tile in tiles:
        place, part = _place(by, day, asked.start), _part(folded, tile, by, asked)
        sums.counts[place : place + len(part.counts)] += part.counts
        sums.totals[place : place + len(part.totals)] += part.totals
        sums.squares[place : place + len(part.squares)] += part.squares
    return sums


def _part(folded: Folded, tile: Tile, by: str, asked: Asked) -> Counted:
    return _whole(folded, tile, asked) if by in ONE_EACH else tile.parted["hour" if by == "week" else by]


def _place(by: str, day: int, first: int) -> int:
    """Where the groups of a day begin."""
    weekday = (day + 6) % WEEKDAYS
    return {"day": day - first, "weekday": weekday, "week": weekday * HOURS}.get(by, 0)


def spent(folded: Folded, since: int, until: int) -> tuple[Index, Index]:
    """By agent's number: milliseconds present in [since, until), and at work."""
    agents = len(folded.labels["agent"].words)
    here, busy = np.zeros(agents, np.int64), np.zeros(agents, np.int64)
    days: list[Presence] = [tiles.presence for tiles in folded.tiles.values()]
    at = since
    for day in sorted(days, key=lambda one: one.begins):
        if day.begins < at or day.ends > until:
            continue
        for whole, more in zip((here, busy), occupied(folded, at, day.begins) if at < day.begins else (), strict=False):
            whole += more
        here[: len(day.here)] += day.here
        busy[: len(day.busy)] += day.busy
        at = day.ends
    if at < until:
        rest = occupied(folded, at, until)
        return here + rest[0], busy + rest[1]
    return here, busy


def quantiles(arrays: Sequence[Values], shares: Sequence[float]) -> list[int | None]:
    """Of values in several arrays, each in its order: for each share the smallest that at least so many do not exceed."""
    count = sum(len(values) for values in arrays)
    if not count:
        return [None] * len(shares)
    looked = np.sort(np.concatenate([values[::STEP] for values in arrays]).astype(np.int64))
    return [_placed(arrays, looked, max(0, -int(-share * count // 1) - 1)) for share in shares]


def _placed(arrays: Sequence[Values], looked: Index, place: int) -> int:
    """The value at a place of all values in their order; `looked`: one in so many of each array."""
    near, reach = place // STEP, len(arrays) + 1
    low, high = int(looked[max(0, near - reach)]), int(looked[min(len(looked) - 1, near + reach)])
    if near + reach >= len(looked):
        high = max(int(values[-1]) for values in arrays)
    if near - reach <= 0:
        low = min(int(values[0]) for values in arrays)
    first = [_upto(values, low, "left") for values in arrays]
    last = [_upto(values, high, "right") for values in arrays]
    between = np.concatenate([values[a:b] for values, a, b in zip(arrays, first, last, strict=True)]).astype(np.int64)
    nth = place - sum(first)
    return int(np.partition(between, nth)[nth])


def _upto(values: Values, bound: int, side: Literal["left", "right"]) -> int:
    """How many values are below a bound, or not above it."""
    if bound > int(values[-1]):
        return len(values)
    return int(values.searchsorted(values.dtype.type(bound), side))
