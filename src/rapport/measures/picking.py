"""Picking: the rows that a question is about, by days and by what they have, and how they are told apart. Pure."""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.measures.columns import Columns
from rapport.measures.folding import Folded

Index = NDArray[np.int64]
OF_TALKS = ("brand", "channel", "kind", "account", "intent", "language")  # what an interaction has of its conversation
MOST_KEPT = 16  # answers to what was asked lately
DIMENSIONS = (*OF_TALKS, "team", "agent", "site", "hour", "weekday", "day")


class Asked(msgspec.Struct, frozen=True):
    """What is asked: days from `start` up to and without `end`, as ordinals; `having`: a word by dimension; `at`: now.

    `back_days`: within how many days coming back is the same contact; `at` is in milliseconds.
    """

    start: int
    end: int
    at: int
    having: dict[str, str] = {}
    back_days: int = 7


class Picked:
    """Rows of one table, by number, and their columns."""

    def __init__(self, folded: Folded, table: str, rows: Index) -> None:
        self.folded, self.table, self.rows = folded, table, rows
        self.columns: Columns = getattr(folded, table)

    def __getitem__(self, name: str) -> Index:
        """A column of these rows."""
        return self.columns[name][self.rows].astype(np.int64, copy=False)

    def of(self, dimension: str) -> Index:
        """The number of the word, or the hour or day, that each row has."""
        if dimension == "weekday":
            return (self.of("day") + 6) % 7
        if dimension in self.columns.kinds:
            return self[dimension]
        return self.folded.talks[dimension][self["talk"]].astype(np.int64, copy=False)

    def only(self, keep: NDArray[np.bool_]) -> "Picked":
        """Those of them that are to be kept."""
        return Picked(self.folded, self.table, self.rows[keep])


def picked(folded: Folded, table: str, asked: Asked) -> Picked:
    """The rows of the period that have what is asked."""
    key = (table, asked.start, asked.end, *asked.having.items())
    rows = folded.picks.get(key)
    if rows is None:
        if len(folded.picks) >= MOST_KEPT:
            folded.picks.clear()
        columns: Columns = getattr(folded, table)
        found = narrowed(Picked(folded, table, columns.between(asked.start, asked.end)), asked.having)
        rows = folded.picks[key] = found.rows
    return Picked(folded, table, rows)


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
