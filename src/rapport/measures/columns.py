"""Columns: rows kept as one array for each field, which grow; and labels, which a column keeps as numbers.

Times are whole milliseconds since 1970 in UTC, NEVER where it has not happened. All sums of times are sums of whole numbers, so
whoever reckons them in another order gets the same.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEVER = -1
FIRST_ROOM = 1 << 14  # rows
FURTHER = 64  # times the room that a table has once it is full
OPEN = {  # columns of what has not happened, or was not said, while a row is new
    "answered", "taken", "resolved", "first_resolved", "again", "satisfied", "effort", "recommends", "solved", "asked", "told",
    "replied", "last_replied", "ended", "until",
}  # fmt: skip
BLOCK = 4096  # rows of which the first and last day are remembered
Array = NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int16] | NDArray[np.int8]


class Codes(dict[str, int]):
    """The number of each word: the next one of a word that is asked for and was not seen before."""

    def __init__(self) -> None:
        super().__init__({"": 0})
        self.words: list[str] = [""]

    def __missing__(self, word: str) -> int:
        """The number of a new word."""
        text = str(word)  # of a word that is one of an enumeration
        found = self[text] = len(self.words)
        self.words.append(text)
        return found


class Labels:
    """Words as numbers, in the order in which they were first seen; 0 is "". `codes`: the number of each, to fold with."""

    def __init__(self) -> None:
        self.codes = Codes()
        self.words = self.codes.words

    def code(self, word: str) -> int:
        """The number of a word."""
        return self.codes[word]

    def known(self, word: str) -> int:
        """The number of a word that was seen; -1 where it was not."""
        return self.codes.get(word, -1)


class Columns:
    """A table of `size` rows; `kinds` are its columns and their types. A new row is all zeros, and NEVER in columns of OPEN.

    `touched`: rows that were changed. `cells`: the same values one by one, as plain numbers: many times as quick to fold into.
    The room of a table is addresses, which the system backs with memory where rows are written: a large table is never copied,
    so nobody waits while it grows.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = dict(kinds)
        self.size = self._ready = self.room = 0
        self.touched: list[int] = []
        self.arrays: dict[str, Array] = {name: np.zeros(0, kind) for name, kind in kinds.items()}
        self.cells: dict[str, memoryview] = {}
        self._have(FIRST_ROOM)
        self._first = np.zeros(0, np.int64)  # day of each whole block
        self._last = np.zeros(0, np.int64)

    def add(self) -> int:
        """The number of a new row."""
        row = self.size
        if row == self._ready:
            self._make_ready()
        self.size = row + 1
        return row

    def _make_ready(self) -> None:
        """Have new rows that say of nothing that it happened."""
        if self._ready == self.room:
            try:
                self._have(self.room * FURTHER)
            except MemoryError:  # where addresses are counted as memory
                self._have(self.room * 2)
        until = min(self._ready + BLOCK, self.room)
        for name in self.kinds.keys() & OPEN:
            self.arrays[name][self._ready : until] = NEVER
        self._ready = until

    def changed(self) -> list[int]:
        """The days of rows that were touched since this was asked last; none where rows have no day."""
        rows, self.touched = self.touched, []
        days: list[int] = np.unique(self["day"][rows]).tolist() if rows and "day" in self.kinds else []
        return days

    def hold(self, columns: Mapping[str, Any], size: int) -> None:  # Any: arrays of whatever type, or one value
        """Have so many rows with these values; columns of which nothing is said are 0."""
        room = FIRST_ROOM
        while room <= size:
            room *= FURTHER
        self.size = 0
        self._have(room)
        for name, array in self.arrays.items():
            array[:size] = columns.get(name, 0)
        self.size = self._ready = size

    def _have(self, room: int) -> None:
        """Have room for so many rows."""
        arrays: dict[str, Array] = {}
        for name, kind in self.kinds.items():
            arrays[name] = np.zeros(room, kind)
            arrays[name][: self.size] = self[name]
        self.arrays, self.room = arrays, room
        self.cells = {name: array.data for name, array in arrays.items()}

    def __getitem__(self, name: str) -> Array:
        """The column of that name, of all rows."""
        return self.arrays[name][: self.size]

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Stretches of rows outside of which no day is from `start` up to and without `end`. A row keeps its first day."""
        whole = self.size // BLOCK
        if len(self._first) < whole:
            fresh = self["day"][len(self._first) * BLOCK : whole * BLOCK].reshape(-1, BLOCK)
            self._first = np.concatenate((self._first, fresh.min(axis=1)))
            self._last = np.concatenate((self._last, fresh.max(axis=1)))
        blocks = np.flatnonzero((self._first < end) & (self._last >= start))
        if len(blocks):
            yield int(blocks[0]) * BLOCK, (int(blocks[-1]) + 1) * BLOCK
        if whole * BLOCK < self.size:
            yield whole * BLOCK, self.size

    def between(self, start: int, end: int) -> NDArray[np.int64]:
        """The numbers of rows whose day is from `start` up to and without `end`."""
        found = [self._within(first, last, start, end) for first, last in self.spans(start, end)]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def _within(self, first: int, last: int, start: int, end: int) -> NDArray[np.int64]:
        day = self["day"][first:last]
        return np.flatnonzero((day >= start) & (day < end)).astype(np.int64) + first


TALKS = {  # one row for each conversation
    "opened": "i8", "due": "i8", "answered": "i8", "taken": "i8", "resolved": "i8", "first_resolved": "i8", "again": "i8",
    "day": "i4", "hour": "i1", "account": "i4", "brand": "i4", "kind": "i2", "channel": "i2", "language": "i2", "intent": "i4",
    "team": "i4", "agent": "i4", "site": "i4", "disposition": "i4", "transfers": "i2", "reopened": "i2", "works": "i2",
    "satisfied": "i1", "effort": "i1", "recommends": "i1", "solved": "i1", "asked": "i8", "told": "i8",
}  # fmt: skip
WORKS = {  # one row for each interaction
    "talk": "i8", "started": "i8", "replied": "i8", "last_replied": "i8", "ended": "i8", "waited": "i8",
    "day": "i4", "hour": "i1", "agent": "i4", "team": "i4", "site": "i4", "slot": "i2", "disposition": "i4",
    "bot": "i1", "passed_on": "i1",
}  # fmt: skip
WAITS = {  # one row for each time that a person waited for an answer
    "talk": "i8", "since": "i8", "until": "i8", "first": "i1",
    "agent": "i4", "team": "i4", "site": "i4", "day": "i4", "hour": "i1",
}  # fmt: skip
SPELLS = {"talk": "i8", "begun": "i8", "ended": "i8"}  # one row for each time that a conversation was open
PRESENT = {  # one row for each time that an agent was present
    "agent": "i4", "team": "i4", "site": "i4", "begun": "i8", "ended": "i8", "day": "i4",
}  # fmt: skip
