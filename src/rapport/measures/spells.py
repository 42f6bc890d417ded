"""Spells: when conversations are open. Blocks whose last spell has ended are passed over, so a backlog is found at once."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rapport.measures.columns import BLOCK, NEVER, SPELLS, Columns

FOR_EVER = np.iinfo(np.int64).max


class Spells(Columns):
    """The table of spells. `closed`: when the last of each whole block ended, as far as it was looked at since."""

    def __init__(self) -> None:
        super().__init__(SPELLS)
        self.closed: NDArray[np.int64] = np.zeros(0, np.int64)
        self.first: NDArray[np.int64] = np.zeros(0, np.int64)  # when the first of each whole block began

    def after(self, at: int) -> Iterator[tuple[int, int]]:
        """Stretches of rows among which those that are open at a moment are found."""
        whole = self.size // BLOCK
        fresh = np.full(whole - len(self.closed), FOR_EVER, np.int64)
        begun = self["begun"][len(self.first) * BLOCK : whole * BLOCK].reshape(-1, BLOCK).min(axis=1, initial=FOR_EVER)
        self.closed, self.first = np.concatenate((self.closed, fresh)), np.concatenate((self.first, begun))
        for block in np.flatnonzero(self.closed == FOR_EVER).tolist():
            ended = self["ended"][block * BLOCK : (block + 1) * BLOCK]
            if not (ended == NEVER).any():
                self.closed[block] = int(ended.max())
        for block in np.flatnonzero((self.closed > at) & (self.first <= at)).tolist():
            yield block * BLOCK, (block + 1) * BLOCK
        yield whole * BLOCK, self.size
