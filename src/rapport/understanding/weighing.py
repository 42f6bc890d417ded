"""Weighing: what the words of messages speak for, added up from what each word does alone.

The features of a word depend on nothing beside it but those of its pairs, and a score is a sum over features. So what a word
adds is worked out when it is first met; people use the same words again and again. The sums are those of `features.matrix`.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.understanding.features import found_in, matrix, paired

MOST_WORDS = 8_192  # are remembered, of the words of a pass and those before; a pass has at most so many
MOST_LETTERS = 1_000_000  # in all of them
MOST_PAIRS = 65_536
SHIFT = 1 << 16  # two places as one number
NO_PAIR = -1
UNMET = (-1, 0.0)

Floats = NDArray[np.float32]


class Weighed(msgspec.Struct):
    """`scores`: (messages, columns). `added`: (words, columns) what each word of the batch adds, with the pair it begins.

    A message's `added` make its score when they are divided by its length, which is the same for all of them: the root of the
    sum of its `squares`, (words,). `marks`: (messages,) the marks of a message's words, together.
    """

    scores: Floats
    added: Floats
    squares: Floats
    marks: list[int]


class Weighing:
    """Adds up words. `rows`, `rarity`: see `features.matrix`; `weights`: (features, columns); `mark`: 8 bits of a word."""

    def __init__(
        self, rows: NDArray[np.int32], rarity: Floats, weights: Floats, mark: Callable[[str], int] = lambda word: 0
    ) -> None:
        self._rows, self._rarity, self._weights, self._mark = rows, rarity, weights, mark
        self._places: dict[str, int] = {}
        self._pairs: dict[int, tuple[int, float]] = {NO_PAIR: (0, 0.0)}  # the row of two places' pair, its weight squared
        self._letters = 0
        self._added: Floats = np.empty((MOST_WORDS, weights.shape[1]), dtype=np.float32)
        self._squares: Floats = np.empty(MOST_WORDS, dtype=np.float32)
        self._hashes = np.empty(MOST_WORDS, dtype=np.uint64)
        self._marks = np.empty(MOST_WORDS, dtype=np.uint8)

    def of(self, messages: Sequence[Sequence[str]]) -> Weighed:
        """The scores of messages, each a sequence of folded words; at most MOST_WORDS of these together."""
        places = self._places_of([word for words in messages for word in words])
        added, squares = self._added.take(places, axis=0), self._squares.take(places)
        filled = [nth for nth, words in enumerate(messages) if words]
        if not filled:
            return Weighed(np.zeros((len(messages), added.shape[1]), dtype=np.float32), added, squares, [0] * len(messages))
        starts = np.array([0, *accumulate([len(messages[nth]) for nth in filled[:-1]])])
        self._add_pairs(places, starts[1:] - 1, added, squares)
        length = np.sqrt(np.add.reduceat(squares, starts))
        summed = np.asarray(np.add.reduceat(added, starts, axis=0) / length[:, None], dtype=np.float32)
        marks = np.bitwise_or.reduceat(self._marks.take(places), starts)
        if len(filled) == len(messages):
            return Weighed(summed, added, squares, marks.tolist())
        scores = np.zeros((len(messages), added.shape[1]), dtype=np.float32)
        scores[filled] = summed
        all_marks = np.zeros(len(messages), dtype=np.uint8)
        all_marks[filled] = marks
        return Weighed(scores, added, squares, all_marks.tolist())

    def _add_pairs(self, places: NDArray[np.intp], last: NDArray[np.intp], added: Floats, squares: Floats) -> None:
        """Add to each word the pair that it begins; `last` of a message begin none."""
        keys = places[:-1] * SHIFT + places[1:]
        if len(last):
            keys[last] = NO_PAIR
        wanted = keys.tolist()
        found = [self._pairs.get(key, UNMET) for key in wanted]
        if UNMET in found:
            self._learn_pairs(wanted)
            found = [self._pairs[key] for key in wanted]
        squares[:-1] += np.array([pair[1] for pair in found], dtype=np.float32)
        telling = [nth for nth, pair in enumerate(found) if pair[0] > 1]
        if telling:
            rows = np.array([found[nth][0] for nth in telling])
            added[telling] += self._rarity.take(rows)[:, None] * self._weights.take(rows, axis=0)

    def _learn_pairs(self, keys: Iterable[int]) -> None:
        """Remember those that are new; of too many only these."""
        new = [key for key in dict.fromkeys(keys) if key not in self._pairs]
        if len(self._pairs) + len(new) > MOST_PAIRS:
            self._pairs = {NO_PAIR: (0, 0.0)}
            new = [key for key in dict.fromkeys(keys) if key != NO_PAIR]
        places = np.array(new, dtype=np.intp)
        row = self._rows.take(paired(self._hashes.take(places // SHIFT), self._hashes.take(places % SHIFT)))
        weight = self._rarity.take(row)
        self._pairs.update(zip(new, zip(row.tolist(), (weight * weight).tolist(), strict=True), strict=True))

    def _places_of(self, words: list[str]) -> NDArray[np.intp]:
        places = self._places
        found = list(map(places.get, words))
        if None in found:
            new = list(dict.fromkeys([word for word, place in zip(words, found, strict=True) if place is None]))
            if len(places) + len(new) > MOST_WORDS or self._letters > MOST_LETTERS:
                places.clear()
                self._pairs = {NO_PAIR: (0, 0.0)}
                self._letters = 0
                new = list(dict.fromkeys(words))
            self._learn(new)
            found = list(map(places.get, words))
        return np.array(found, dtype=np.intp)

    def _learn(self, words: list[str]) -> None:
        found = found_in([[word] for word in words])
        seen = matrix(found, self._rows, self._rarity)
        first, after = len(self._places), len(self._places) + len(words)
        length = seen.length.astype(np.float32)
        self._added[first:after] = (seen.sparse(len(self._weights)) @ self._weights) * length[:, None]
        self._squares[first:after] = length * length
        self._hashes[first:after] = found.hashes
        self._marks[first:after] = list(map(self._mark, words))
        self._places.update(zip(words, range(first, after), strict=True))
        self._letters += sum(map(len, words))
