"""Tone: a few numbers of how a text is written, beside its words: kind and unkind words, signs, shouting, questions.

The word lists are in `lexicon/polarity.toml`. Every head that is learnt reads these numbers with its words.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.understanding.words import Prepared, prepare

TONES = ("pleasant", "unpleasant", "is pleasant", "is unpleasant", "more pleasant", "more unpleasant")
SHAPES = ("glad signs", "sorry signs", "!", "?", "capitals", "digits", "length")
NUMBERS = (*TONES, *SHAPES)
MOST_COUNTED = 3
REACH = 3  # words before a word in which a denial turns it
TURNED = 0.7  # of an unpleasant word, a pleasant one that is denied

Floats = NDArray[np.float32]


class Tone:
    """The word lists, ready to be asked. `table`: language → pleasant and unpleasant words; `signs`; `denials`.

    `pleasant`: the pleasant words of all languages, folded.
    """

    def __init__(self, table: Mapping[str, Mapping[str, str]]) -> None:
        lists = [table[language] for language in table if language not in ("signs", "denials")]
        self.pleasant = frozenset(word for one in lists for word in _folded(one["pleasant"]))
        self._unpleasant = frozenset(word for one in lists for word in _folded(one["unpleasant"])) - self.pleasant
        self._either = self.pleasant | self._unpleasant
        self._glad, self._sorry = table["signs"]["pleasant"], table["signs"]["unpleasant"]
        self._denials = frozenset(table["denials"]["words"].split())

    def of(self, texts: Sequence[Prepared]) -> Floats:
        """The numbers of each text: (texts, NUMBERS), each in [0, 3] or so."""
        found = np.zeros((len(texts), len(NUMBERS)), dtype=np.float32)
        for place, text in enumerate(texts):
            found[place, : len(TONES)] = self.words(text.words)
            found[place, len(TONES) :] = self._shape(text)
        return found

    def words(self, words: Sequence[str]) -> tuple[float, ...]:
        """The numbers of kind and unkind words: TONES."""
        if self._either.isdisjoint(words):
            return (0.0,) * len(TONES)
        kind, unkind = self._counts(words)
        return (kind, unkind, kind > 0, unkind > 0, kind > unkind, unkind > kind)

    def _counts(self, words: Sequence[str]) -> tuple[float, float]:
        kind = unkind = 0.0
        for place, word in enumerate(words):
            if word in self.pleasant:
                denied = not self._denials.isdisjoint(words[max(0, place - REACH) : place])
                kind, unkind = (kind, unkind + TURNED) if denied else (kind + 1, unkind)
            elif word in self._unpleasant:
                unkind += 1
        return min(kind, MOST_COUNTED), min(unkind, MOST_COUNTED)

    def _shape(self, text: Prepared) -> tuple[float, ...]:
        raw = text.raw
        letters = sum(map(str.isalpha, raw))
        plain = raw.isascii()
        return (
            0.0 if plain else min(sum(map(raw.count, self._glad)), 3) / 2,
            0.0 if plain else min(sum(map(raw.count, self._sorry)), 3) / 2,
            min(raw.count("!"), 3) / 2,
            min(raw.count("?") + raw.count("¿"), 3) / 2,
            sum(map(str.isupper, raw)) / letters if letters else 0.0,
            min(sum(map(str.isdigit, raw)), 10) / 10,
            min(len(text.words), 60) / 30,
        )


def _folded(text: str) -> list[str]:
    """The words of a list, folded as messages are."""
    return [word for line in text.split() for word in prepare(line).words]
