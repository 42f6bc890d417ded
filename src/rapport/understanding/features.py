"""Features: a batch of messages as one sparse matrix of hashed words, pairs of words and pieces of words; no loop.

Every head reads the same matrix. Hashing is our own arithmetic on code points, so it is the same on every machine and in every
process. Only features that the training saw have a row; what it never saw counts in the length of a message and nowhere else,
so a message of unknown words is far from every intent.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SPACE = 1 << 18  # one half for pieces of words, one for words and pairs
PIECES = (2, 3, 4)  # characters
KINDS = len(PIECES) + 2

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_BREAK = 32  # a space; the line end between messages is smaller
_HALF = np.uint32(SPACE // 2 - 1)


class Found(msgspec.Struct):
    """The features at each character of a batch.

    `buckets`: (characters, kinds) int32, -1 where there is none. `message`: (characters,) the message that each belongs to.
    `hashes`: (words of the batch,) a number of each word. `messages`: how many there are.
    """

    buckets: NDArray[np.int32]
    message: NDArray[np.intp]
    hashes: NDArray[np.uint64]
    messages: int


def found_in(messages: Sequence[Sequence[str]]) -> Found:
    """The features of messages, each a sequence of folded words."""
    joined = "\n".join([" " + " ".join(words) + " " for words in messages]) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    ends = codes == 10
    message = np.cumsum(ends) - ends
    breaks = codes <= _BREAK
    starts = np.flatnonzero(~breaks & np.concatenate(([True], breaks[:-1])))
    buckets = np.full((len(codes), KINDS), -1, dtype=np.int32)
    _pieces(codes, breaks, ends, buckets)
    hashes = _words(codes, breaks, starts, message, buckets)
    return Found(buckets, message, hashes, len(messages))


def _pieces(codes: NDArray[np.uint32], breaks: NDArray[np.bool_], ends: NDArray[np.bool_], buckets: NDArray[np.int32]) -> None:
    """Pieces of two to five characters, with a space first or last only: "wi", " wifi", "wifi "."""
    count = len(codes)
    mixed = codes * np.uint32(0x9E3779B1)
    hashed = mixed + np.uint32(7)
    inner = np.ones(count, dtype=bool)
    for column, size in enumerate(PIECES):
        left = count - size + 1
        if left <= 0:
            return
        if size > 2:
            inner = inner[:left] & ~breaks[size - 2 : size - 2 + left]
        hashed = (hashed[:left] * np.uint32(0x01000193)) ^ mixed[size - 1 : size - 1 + left]
        whole = inner[:left] & ~ends[:left] & ~ends[size - 1 : size - 1 + left]
        final = hashed * np.uint32(0x9E3779B1)
        bucket = ((final ^ (final >> np.uint32(15))) >> np.uint32(7)) & _HALF
        buckets[:left, column] = np.where(whole, bucket.astype(np.int32), -1)


def _words(
    codes: NDArray[np.uint32],
    breaks: NDArray[np.bool_],
    starts: NDArray[np.intp],
    message: NDArray[np.intp],
    buckets: NDArray[np.int32],
) -> NDArray[np.uint64]:
    """Each word, and each pair of neighbours, at the place where it begins; the words' numbers."""
    if not len(starts):
        return np.zeros(0, dtype=np.uint64)
    places = np.arange(len(codes), dtype=np.uint64)
    number = np.zeros(len(codes), dtype=np.intp)
    number[starts] = 1
    begins = places[starts][np.maximum(np.cumsum(number) - 1, 0)]
    part = codes * _powers((places - begins).astype(np.intp))
    part[breaks] = 0
    words: NDArray[np.uint64] = np.add.reduceat(part, starts)
    words = (words ^ (words >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    buckets[starts, len(PIECES)] = in_half(words)
    together = message[starts[:-1]] == message[starts[1:]]
    buckets[starts[:-1][together], len(PIECES) + 1] = pairs(words)[together]
    return words


def _powers(places: NDArray[np.intp]) -> NDArray[np.uint64]:
    """A number for each place in a word, so that words of the same letters in another order, or of other letters, differ."""
    table = np.cumprod(np.full(int(places.max()) + 1, _MULTIPLIER), dtype=np.uint64)
    return table[places]


def pairs(hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
    """The bucket of each word with the one behind it: (words - 1,). `hashes`: (words,)."""
    return paired(hashes[:-1], hashes[1:])


def paired(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.int32]:
    """The bucket of each pair of words: (pairs,), as are both numbers of words."""
    return in_half((first * np.uint64(31) + second) * np.uint64(0x94D049BB133111EB))


def in_half(hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
    """The bucket of each number of a word, or of a pair."""
    half = np.uint64(SPACE // 2 - 1)
    return (((hashes >> np.uint64(40)) & half) + np.uint64(SPACE // 2)).astype(np.int32)


class Matrix(msgspec.Struct):
    """Messages as sparse rows: the values of message m are those from `ends[m]` to `ends[m + 1]`.

    `data`: (values,) weights, each message of length one. `rows`: (values,) of which feature.
    `length`: (messages,) what each message's weights were divided by.
    """

    data: NDArray[np.float32]
    rows: NDArray[np.int32]
    ends: NDArray[np.intp]
    length: NDArray[np.float64]

    def sparse(self, features: int) -> "csr_array":
        """The same as a matrix: (messages, features)."""
        from scipy.sparse import csr_array  # only who learns needs it

        return csr_array((self.data, self.rows, self.ends), shape=(len(self.ends) - 1, features))


def matrix(found: Found, rows: NDArray[np.int32], rarity: NDArray[np.float32]) -> Matrix:
    """What was found, weighted by rarity and made of length one.

    `rows`: (SPACE,) the row of each bucket: 0 for an unknown piece, 1 for an unknown word. `rarity`: (features,) by row.
    """
    there = found.buckets >= 0
    row = rows[found.buckets[there]]
    weight = rarity[row]
    owner = np.repeat(found.message, there.sum(axis=1))
    length = np.sqrt(np.bincount(owner, weight * weight, found.messages))
    known = row > 1
    kept = owner[known]
    data = (weight[known] / length[kept]).astype(np.float32)
    ends = np.concatenate(([0], np.cumsum(np.bincount(kept, minlength=found.messages))))
    return Matrix(data, row[known], ends, length)


def dictionary(found: Found, seen_at_least: int) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The buckets that enough messages have, and each row's rarity, log((1 + n) / (1 + seen in)) + 1; unknown ones first."""
    there = found.buckets >= 0
    owner = np.repeat(found.message, there.sum(axis=1)).astype(np.int64)
    once = np.unique(owner * SPACE + found.buckets[there]) % SPACE
    seen = np.bincount(once, minlength=SPACE)
    buckets = np.flatnonzero(seen >= seen_at_least)
    rarity = np.log((1 + found.messages) / (1 + seen)) + 1
    most = float(np.log(1 + found.messages) + 1)
    return buckets.astype(np.uint32), np.concatenate(([most, most], rarity[buckets])).astype(np.float32)


def rows_of(buckets: NDArray[np.uint32]) -> NDArray[np.int32]:
    """The row of each bucket: those that training saw in their order from 2 on; 0 for other pieces, 1 for other words."""
    rows = np.zeros(SPACE, dtype=np.int32)
    rows[SPACE // 2 :] = 1
    rows[buckets] = np.arange(len(buckets), dtype=np.int32) + 2
    return rows
