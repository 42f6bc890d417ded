"""Weighing: what the words of messages speak for, added up from what each word does alone.

The features of a word depend on nothing beside it but those of its pairs, and a score is a sum over features. So what a word
adds is worked out when it is first met; people use the same words again and again. The sums are those of `features.matrix`.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.understanding.features import found_in, matrix, pairs

MOST_WORDS = 8_192  # are remembered, of the words of a pass and those before; a pass has at most so many
MOST_LETTERS = 1_000_000  # in all of them

Floats = NDArray[np.float32]


class Weighed(msgspec.Struct):
    """`scores`: (messages, columns). `added`: (words, columns) what each word of the batch adds, with the pair it begins.

    A message's `added` make its score when they are divided by its length, which is the same for all of them: the root of the
    sum of its `squares`, (words,).
    """

    scores: Floats
    added: Floats
    squares: Floats


class Weighing:
    """Adds up words. `rows`, `rarity`: see `features.matrix`; `weights`: (features, columns)."""

    def __init__(self, rows: NDArray[np.int32], rarity: Floats, weights: Floats) -> None:
        self._rows, self._rarity, self._weights = rows, rarity, weights
        self._places: dict[str, int] = {}
        self._letters = 0
        self._added: Floats = np.empty((MOST_WORDS, weights.shape[1]), dtype=np.float32)
        self._squares: Floats = np.empty(MOST_WORDS, dtype=np.float32)
        self._hashes = np.empty(MOST_WORDS, dtype=np.uint64)

    def of(self, messages: Sequence[Sequence[str]]) -> Weighed:
        """The scores of messages, each a sequence of folded words; at most MOST_WORDS of these together."""
        sizes = np.array([len(words) for words in messages], dtype=np.intp)
        scores = np.zeros((len(messages), self._weights.shape[1]), dtype=np.float32)
        places = self._places_of([word for words in messages for word in words])
        added, squares = self._added[places], self._squares[places]
        if not len(places):
            return Weighed(scores, added, squares)
        ends = np.cumsum(sizes)
        self._add_pairs(self._hashes[places], ends, added, squares)
        filled = sizes > 0
        starts = (ends - sizes)[filled]
        length = np.sqrt(np.add.reduceat(squares, starts))
        scores[filled] = np.add.reduceat(added, starts, axis=0) / length[:, None]
        return Weighed(scores, added, squares)

    def _add_pairs(self, hashes: NDArray[np.uint64], ends: NDArray[np.intp], added: Floats, squares: Floats) -> None:
        """Add to each word the pair that it begins, where both are of one message."""
        row = self._rows[pairs(hashes)]
        weight = self._rarity[row]
        weight[ends[(ends > 0) & (ends < len(hashes))] - 1] = 0
        squares[:-1] += weight * weight
        known = np.flatnonzero((row > 1) & (weight > 0))
        added[known] += weight[known, None] * self._weights[row[known]]

    def _places_of(self, words: list[str]) -> NDArray[np.intp]:
        places = self._places
        new = list(dict.fromkeys([word for word in words if word not in places]))
        if new:
            if len(places) + len(new) > MOST_WORDS or self._letters > MOST_LETTERS:
                places.clear()
                self._letters = 0
                new = list(dict.fromkeys(words))
            self._learn(new)
        return np.array([places[word] for word in words], dtype=np.intp)

    def _learn(self, words: list[str]) -> None:
        found = found_in([[word] for word in words])
        seen = matrix(found, self._rows, self._rarity)
        first, after = len(self._places), len(self._places) + len(words)
        length = seen.length.astype(np.float32)
        self._added[first:after] = (seen.sparse(len(self._weights)) @ self._weights) * length[:, None]
        self._squares[first:after] = length * length
        self._hashes[first:after] = found.hashes
        self._places.update(zip(words, range(first, after), strict=True))
        self._letters += sum(map(len, words))
