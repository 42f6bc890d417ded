"""Picking: the rows that a question is about, by days and by what they have, and how they are told apart. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.measures.columns import Columns
from rapport.measures.folding import Folded

Index = NDArray[np.int64]
OF_TALKS = ("brand", "channel", "kind", "account", "intent", "language")  # what an interaction has of its conversation
MOST_KEPT = 16  # answers to what was asked lately
MOST_VALUES = 16_000_000  # of rows and their columns that are kept until the next entry, in all
DIMENSIONS = (*OF_TALKS, "team", "agent", "site", "hour", "weekday", "day")


class Asked(msgspec.Struct, frozen=True):
    """What is asked: days from `start` up to and without `end`, as ordinals; `having`: a word by dimension; `at`: now.

    `back_days`: within how many days coming back is the same contact; `at` is in milliseconds; `but`: days that are left out,
    in their order.
    """

    start: int
    end: int
    at: int
    having: dict[str, str] = {}
    back_days: int = 7
    but: tuple[int, ...] = ()

    def runs(self) -> Iterator[tuple[int, int]]:
        """Stretches of days that are asked about, each up to and without its end."""
        start = self.start
        for day in (*self.but, self.end):
            if start < day:
                yield start, day
            start = day + 1


class Picked:
    """Rows of one table, by number and in their order, and their columns, each read once. `part_of`: what they are some of."""

    def __init__(self, folded: Folded, table: str, rows: Index, part_of: "tuple[Picked, Index] | None" = None) -> None:
        self.folded, self.table, self.rows = folded, table, rows
        self.columns: Columns = getattr(folded, table)
        self._part_of = part_of
        self._read: dict[str, Index] = {}

    def __getitem__(self, name: str) -> Index:
        """A column of these rows."""
        return self._known(name, lambda: _taken(self.columns[name], self.rows))

    def of(self, dimension: str) -> Index:
        """The number of the word, or the hour or day, that each row has."""
        if dimension == "weekday":
            return (self.of("day") + 6) % 7
        if dimension in self.columns.kinds:
            return self[dimension]
        return self._known(f"talk {dimension}", lambda: self.folded.talks[dimension][self["talk"]].astype(np.int64, copy=False))

    def _known(self, name: str, read: Callable[[], Index]) -> Index:
        if self._part_of is not None:
            whole, places = self._part_of
            return (whole.of(name[5:]) if name.startswith("talk ") else whole[name])[places]
        found = self._read.get(name)
        if found is None:
            found = read()
            if _values_kept(self.folded) + len(self.rows) <= MOST_VALUES:
                self._read[name] = found
        return found

    @property
    def values(self) -> int:
        """How many values it keeps."""
        return len(self.rows) * (1 + len(self._read))

    def only(self, keep: NDArray[np.bool_]) -> "Picked":
        """Those of them that are to be kept."""
        return self if keep.all() else self.at(np.flatnonzero(keep))

    def at(self, places: Index) -> "Picked":
        """Those at these places."""
        whole, before = self._part_of or (self, None)
        return Picked(self.folded, self.table, self.rows[places], (whole, places if before is None else before[places]))


def _taken(column: NDArray[Any], rows: Index) -> Index:  # Any: a column of whatever width
    """A column of rows, which are in their order; of rows that follow one another it is not copied."""
    follow = len(rows) and rows[-1] - rows[0] == len(rows) - 1
    taken = column[rows[0] : rows[-1] + 1] if follow else column[rows]
    return taken.astype(np.int64, copy=False)


def picked(folded: Folded, table: str, asked: Asked) -> Picked:
    """The rows of the period that have what is asked."""
    key = (table, asked.start, asked.end, asked.but, *asked.having.items())
    found = folded.picks.get(key)
    if found is None:
        found = Picked(folded, table, _rows(folded, table, asked))
        most = MOST_VALUES - len(found.rows)
        while folded.picks and (len(folded.picks) >= MOST_KEPT or _values_kept(folded) > most):
            del folded.picks[next(iter(folded.picks))]
        if most >= 0:
            folded.picks[key] = found
    assert isinstance(found, Picked)
    return found


def _values_kept(folded: Folded) -> int:
    """How many values the picks keep that were made since the last entry."""
    return sum(one.values for one in folded.picks.values() if isinstance(one, Picked))


def _rows(folded: Folded, table: str, asked: Asked) -> Index:
    columns: Columns = getattr(folded, table)
    codes = {dimension: wanted(folded, dimension, word) for dimension, word in asked.having.items()}
    found = [np.zeros(0, np.int64)]
    for start, end in asked.runs():
        for first, last in columns.spans(start, end):
            day = columns["day"][first:last]
            keep = (day >= start) & (day < end)
            for dimension, code in codes.items():
                keep &= _stretch(folded, columns, dimension, first, last) == code
            found.append(np.flatnonzero(keep) + first)
    rows = np.concatenate(found)
    return np.sort(rows) if asked.but else rows


def _stretch(folded: Folded, columns: Columns, dimension: str, first: int, last: int) -> NDArray[Any]:  # Any: as `_taken`
    """A dimension of rows that follow one another."""
    if dimension == "weekday":
        return (columns["day"][first:last] + 6) % 7
    if dimension in columns.kinds:
        return columns[dimension][first:last]
    return folded.talks[dimension][columns["talk"][first:last]]


Kept = TypeVar("Kept")


def kept(folded: Folded, key: tuple[object, ...], reckon: Callable[[], Kept]) -> Kept:
    """What `reckon` gives, kept until the next entry: a few things at most."""
    if key not in folded.kept:
        if len(folded.kept) >= MOST_KEPT:
            folded.kept.clear()
        folded.kept[key] = reckon()
    return cast("Kept", folded.kept[key])


def narrowed(found: Picked, having: Mapping[str, str]) -> Picked:
    """Those that have what is asked; none where a word was never seen."""
    for dimension, word in having.items():
        found = found.only(found.of(dimension) == wanted(found.folded, dimension, word))
    return found


def wanted(folded: Folded, dimension: str, word: str) -> int:
    """The number of a dimension's word; -1, which no row has, where it is none."""
    if dimension in folded.labels:
        return folded.labels[dimension].known(word)
    return int(word) if word.isdecimal() and len(word) < 9 else -1


def words_of(folded: Folded, dimension: str, codes: Index) -> list[str]:
    """The words, or the numbers of hours, weekdays and days, of codes."""
    if dimension in folded.labels:
        return [folded.labels[dimension].words[code] for code in codes]
    return [str(code) for code in codes]
