"""Inverted lists: for each slot, where the needs stand that list it. One pool of numbers, a segment for each slot.

A need that leaves is not taken out of the lists: its place in `Graph.slots` no longer says that slot, so its entry is stale and
is passed over. A segment that is full is cleaned of what is stale first, and moves to the end of the pool with more room
when that does not help.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

LEAST = 64  # room of a new segment, which needs that list the slot fill


def rank(grouped: Ints) -> Ints:
    """The how-manyth of its run each is: (n,), from 0. Equals must stand together."""
    begins = np.flatnonzero(np.concatenate([[True], grouped[1:] != grouped[:-1]])) if len(grouped) else np.zeros(0, np.int64)
    return np.asarray(np.arange(len(grouped)) - np.repeat(begins, np.diff(np.append(begins, len(grouped)))), np.int64)


class Lists:
    """The pool and its segments. `entries`: flat places in `Graph.slots`; segment `slot` is [begin, begin + listed)."""

    def __init__(self, slots: int) -> None:
        self.begin: Ints = np.arange(slots, dtype=np.int64) * LEAST
        self.room: Ints = np.full(slots, LEAST, np.int64)
        self.listed: Ints = np.zeros(slots, np.int64)
        self.entries: Ints = np.zeros(max(LEAST, slots * LEAST), np.int64)
        self.used = slots * LEAST

    def grow(self, slots: int) -> None:
        """Make segments for more slots."""
        more = slots - len(self.begin)
        self.begin = np.concatenate([self.begin, self.used + np.arange(more, dtype=np.int64) * LEAST])
        self.room = np.concatenate([self.room, np.full(more, LEAST, np.int64)])
        self.listed = np.concatenate([self.listed, np.zeros(more, np.int64)])
        self._reserve(more * LEAST)
        self.used += more * LEAST

    def add(self, slots: Ints, entries: Ints, stands: Ints) -> bool:
        """List each entry under its slot; whether the pool is another array than before.

        `stands`: flat, what each entry stands for; it tells which old entries are stale.
        """
        nth: Ints | int = 0
        named, more = slots, np.ones_like(slots)
        if (slots[1:] <= slots[:-1]).any():
            order = np.argsort(slots, kind="stable")
            slots, entries = slots[order], entries[order]
            nth = rank(slots)
            last = np.append(slots[1:] != slots[:-1], True)
            named, more = slots[last], nth[last] + 1
        counts = self.listed.take(named) + more
        full = counts > self.room.take(named)
        moved = False
        if full.any():
            for slot, wanted in zip(named[full].tolist(), more[full].tolist(), strict=True):
                moved |= self._make_room(slot, wanted, stands)
            counts = self.listed.take(named) + more
        self.entries[self.begin.take(slots) + self.listed.take(slots) + nth] = entries
        self.listed[named] = counts
        return moved

    def of(self, slot: int) -> Ints:
        """The entries under a slot, stale ones too."""
        return self.entries[self.begin[slot] : self.begin[slot] + self.listed[slot]]

    def rebuild(self, slots: Ints, entries: Ints) -> None:
        """List these entries and nothing else; each slot any number of times."""
        number = len(self.begin)
        order = np.lexsort((entries, slots))
        self.listed = np.bincount(slots, minlength=number).astype(np.int64)
        self.room = LEAST + 2 * self.listed
        self.begin = np.cumsum(self.room) - self.room
        self.used = int(self.room.sum())
        self.entries = np.zeros(max(LEAST, self.used + self.used // 4), np.int64)
        within = np.arange(len(slots)) - np.repeat(np.cumsum(self.listed) - self.listed, self.listed)
        self.entries[self.begin[slots[order]] + within] = entries[order]

    def _make_room(self, slot: int, more: int, stands: Ints) -> bool:
        """Clean a full segment, and move it where it would soon be full again; whether the pool is another array."""
        begin, count = int(self.begin[slot]), int(self.listed[slot])
        held = self.entries[begin : begin + count]
        held = np.sort(held[stands[held] == slot])
        held = held[np.diff(held, prepend=-1) > 0]
        room, moved = int(self.room[slot]), False
        if 2 * (len(held) + more) > room:
            room = 4 * (len(held) + more)
            moved = self._reserve(room)
            begin, self.used = self.used, self.used + room
            self.begin[slot], self.room[slot] = begin, room
        self.entries[begin : begin + len(held)] = held
        self.listed[slot] = len(held)
        return moved

    def _reserve(self, more: int) -> bool:
        """Have so much room at the end of the pool; whether the pool is another array."""
        if self.used + more <= len(self.entries):
            return False
        entries = np.zeros(2 * (self.used + more), np.int64)
        entries[: self.used] = self.entries[: self.used]
        self.entries = entries
        return True
