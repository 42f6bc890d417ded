"""Sketch: a text in at most 40 numbers, so that near-identical texts have most of them in common; whole batches at once.

Each character 4-gram is hashed, and the 40 smallest hashes are kept: the bottom-k sketch of the set of 4-grams. Two sketches
tell how large a share of their 4-grams two texts have in common (their Jaccard similarity), within about .08.
Source: Broder, On the resemblance and containment of documents, 1997, section 4.
Min-hashes in bands were tried: four times the work.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

MOST_CHARACTERS = 1_000  # of a text are compared
GRAM, NUMBERS = 4, 40

_AT_ONCE = 256  # texts a pass, so that its working arrays stay small
_END = 10  # between texts
_LETTERS = np.array([chr(code).isalnum() for code in range(0x3000)] + [True])  # letters and digits; all beyond count as such


class Sketch(msgspec.Struct):
    """`numbers`: the smallest hashes, ascending. `length`: the letters and digits that were compared."""

    numbers: tuple[int, ...]
    length: int


NO_SKETCH = Sketch((), 0)


def plain(text: str) -> str:
    """A text without what a copier varies: capitals, mentions, links."""
    start = text[:MOST_CHARACTERS].casefold()
    if "@" in start or "://" in start:
        return " ".join([part for part in start.split() if "@" not in part and "://" not in part])
    return start.replace("\n", " ")


def sketches(texts: Sequence[str]) -> list[Sketch]:
    """The sketch of each text, of its letters and digits; that of a text with fewer than four of them holds nothing."""
    made: list[Sketch] = []
    for start in range(0, len(texts), _AT_ONCE):
        made += _sketched([plain(text) for text in texts[start : start + _AT_ONCE]])
    return made


def _sketched(texts: list[str]) -> list[Sketch]:
    joined = "\n".join(texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    codes = codes[_LETTERS[np.minimum(codes, len(_LETTERS) - 1)] | (codes == _END)]
    ends = np.flatnonzero(codes == _END)
    lengths = np.diff(ends, prepend=-1) - 1
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths + 1)
    within = np.arange(len(codes)) + GRAM <= np.repeat(ends, lengths + 1)
    grams = _grams(np.concatenate((codes, np.zeros(GRAM - 1, dtype=np.uint32))))
    keys = np.sort((owner << np.uint64(32) | grams)[within])
    keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
    starts = np.searchsorted(keys, np.arange(len(texts), dtype=np.uint64) << np.uint64(32)).tolist()
    numbers = (keys & np.uint64(0xFFFFFFFF)).tolist()
    stops = [*starts[1:], len(numbers)]
    return [
        Sketch(tuple(numbers[start : min(stop, start + NUMBERS)]), length)
        for length, start, stop in zip(lengths.tolist(), starts, stops, strict=True)
    ]


def _grams(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A number for the four characters that begin at each place: (characters - 3,)."""
    count = len(codes) - GRAM + 1
    grams = np.zeros(count, dtype=np.uint32)
    for place in range(GRAM):
        grams = (grams ^ codes[place : place + count]) * np.uint32(0x9E3779B1)
        grams ^= grams >> np.uint32(15)
    return grams


def likeness(one: Sketch, other: Sketch) -> float:
    """The share of 4-grams that two texts have in common, in [0, 1]; 0 where there is nothing to compare."""
    if not one.numbers or not other.numbers:
        return 0.0
    first = set(one.numbers)
    smallest = sorted(first.union(other.numbers))[:NUMBERS]
    last = smallest[-1]
    return sum([number <= last for number in first.intersection(other.numbers)]) / len(smallest)
