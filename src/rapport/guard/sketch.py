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
FEW = 3  # texts that are quicker one by one

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
    if len(texts) <= FEW:
        return [_alone(plain(text)) for text in texts]
    made: list[Sketch] = []
    for start in range(0, len(texts), _AT_ONCE):
        made += _together([plain(text) for text in texts[start : start + _AT_ONCE]])
    return made


def _alone(text: str) -> Sketch:
    codes = _codes(text)
    codes = codes[_LETTERS.take(codes, mode="clip")]
    if len(codes) < GRAM:
        return Sketch((), len(codes))
    return Sketch(tuple(sorted(set(_grams(codes).tolist()))[:NUMBERS]), len(codes))


def _together(texts: list[str]) -> list[Sketch]:
    codes = _codes("\n".join(texts) + "\n")
    codes = codes[_LETTERS.take(codes, mode="clip") | (codes == _END)]
    ends = np.flatnonzero(codes == _END)
    lengths = np.diff(ends, prepend=-1) - 1
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths + 1)
    whole = np.ones(len(codes), dtype=bool)
    whole[ends[:, None] - np.arange(GRAM)] = False  # what begins here goes on in the next text
    grams = _grams(np.concatenate((codes, np.zeros(GRAM - 1, dtype=np.uint32))))
    keys = np.sort((owner << np.uint64(32) | grams)[whole])
    keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
    starts = np.searchsorted(keys, np.arange(len(texts), dtype=np.uint64) << np.uint64(32)).tolist()
    numbers = (keys & np.uint64(0xFFFFFFFF)).tolist()
    stops = [*starts[1:], len(numbers)]
    return [
        Sketch(tuple(numbers[start : min(stop, start + NUMBERS)]), length)
        for length, start, stop in zip(lengths.tolist(), starts, stops, strict=True)
    ]


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)


def _grams(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A number for the four characters that begin at each place: (characters - 3,)."""
    count = len(codes) - GRAM + 1
    mixed = codes * np.uint32(0x9E3779B1)
    grams = mixed[:count] ^ codes[1 : count + 1]
    for place in range(2, GRAM):
        grams *= np.uint32(0x85EBCA6B)
        grams ^= mixed[place : count + place]
    grams ^= grams >> np.uint32(15)
    grams *= np.uint32(0xC2B2AE35)
    grams ^= grams >> np.uint32(13)
    return grams


def likeness(one: Sketch, other: Sketch, at_least: float = 0.0) -> float:
    """The share of 4-grams that two texts have in common, in [0, 1]; 0 where it is surely below `at_least`."""
    common = set(one.numbers).intersection(other.numbers)
    compared = min(NUMBERS, len(one.numbers) + len(other.numbers) - len(common))
    if not common or len(common) < at_least * compared:
        return 0.0
    last = sorted({*one.numbers, *other.numbers})[compared - 1]
    return sum([number <= last for number in common]) / compared
