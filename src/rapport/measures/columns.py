"""Columns: rows kept as one array for each field, which grow; and labels, which a column keeps as numbers.

Times are whole milliseconds since 1970 in UTC, NEVER where it has not happened. All sums of times are sums of whole numbers, so
whoever reckons them in another order gets the same.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

NEVER = -1
FIRST_ROOM = 1024
LARGE = 1 << 20  # rows from which on a table grows by a quarter at a time
OPEN = {  # columns of what has not happened, or was not said, while a row is new
    "answered", "taken", "resolved", "first_resolved", "again", "satisfied", "effort", "recommends", "solved", "asked", "told",
    "replied", "last_replied", "ended", "until",
}  # fmt: skip
BLOCK = 4096  # rows of which the first and last day are remembered
Array = NDArray[np.int64] | NDArray[np.int32] | NDArray[np.int16] | NDArray[np.int8]


class Labels:
    """Words as numbers, in the order in which they were first seen; 0 is ""."""

    def __init__(self) -> None:
        self.words: list[str] = [""]
        self._codes: dict[str, int] = {"": 0}

    def code(self, word: str) -> int:
        """The number of a word."""
        found = self._codes.get(word)
        if found is None:
            found = self._codes[word] = len(self.words)
            self.words.append(word)
        return found

    def known(self, word: str) -> int:
        """The number of a word that was seen; -1 where it was not."""
        return self._codes.get(word, -1)


class Columns:
    """A table of `size` rows; `kinds` are its columns and their types. A new row is all zeros, and NEVER in columns of OPEN.

    `touched`: rows that were changed. `cells`: the same values one by one, as plain numbers: many times as quick to fold into.
    """

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = dict(kinds)
        self.size = self.room = 0
        self.touched: list[int] = []
        self.arrays: dict[str, Array] = {}
        self.cells: dict[str, memoryview] = {}
        self.hold({name: self._grown(name, np.zeros(0, kind), FIRST_ROOM) for name, kind in kinds.items()}, 0)
        self._first = np.zeros(0, np.int64)  # day of each whole block
        self._last = np.zeros(0, np.int64)

    def add(self) -> int:
        """The number of a new row."""
        row = self.size
        if row == self.room:
            self.room += self.room if self.room < LARGE else self.room // 4
            self.hold({name: self._grown(name, array, self.room) for name, array in self.arrays.items()}, row)
        self.size = row + 1
        return row

    def changed(self) -> list[int]:
        """The days of rows that were touched since this was asked last; none where rows have no day."""
        rows, self.touched = self.touched, []
        days: list[int] = np.unique(self["day"][rows]).tolist() if rows and "day" in self.kinds else []
        return days

    def hold(self, arrays: dict[str, Array], size: int) -> None:
        """Have these columns, of which so many rows are filled."""
        self.arrays, self.size, self.room = arrays, size, len(next(iter(arrays.values())))
        self.cells = {name: array.data for name, array in arrays.items()}

    def _grown(self, name: str, array: Array, room: int) -> Array:
        grown: Array = np.empty(room, self.kinds[name])
        grown[: len(array)] = array
        grown[len(array) :] = NEVER if name in OPEN else 0
        return grown

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
