"""Reader: texts in, readings out, a batch at once: the heads and the rules together."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.model.reading import Reading
from rapport.understanding import intent, language, model_files, personal_data
from rapport.understanding.actionable import Actionable
from rapport.understanding.emotion import FEELINGS, Emotion
from rapport.understanding.features import SPACE, Matrix, found_in, matrix
from rapport.understanding.linear import softmax
from rapport.understanding.person import Person
from rapport.understanding.urgency import Urgency
from rapport.understanding.words import Prepared, meaning_of, prepare

AT_ONCE = 256  # texts a pass, so that its working arrays stay small
MOST_EVIDENCE = 8
WORDS_OF_INTENT = 3
PERSON = "person"

Floats = NDArray[np.float32]


class Reader:
    """Reads what a message says. Built once from trained arrays (`train`) and rules; holds nothing of any message."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], version: str) -> None:  # Any: each array has its own type
        self.version = version
        self._rows = _rows(arrays["buckets"])
        self._rarity = arrays["rarity"].astype(np.float32)
        self._weights: Floats = arrays["weights"].astype(np.float32) * arrays["scale"]
        self._bias: Floats = arrays["bias"].astype(np.float32)
        names = [str(name).partition(":") for name in arrays["names"]]
        self._heads = {head: slice(*_span([n[0] for n in names], head)) for head in ("intent", "language", "emotion")}
        self._names = {head: tuple(n[2] for n in names[part]) for head, part in self._heads.items()}
        self._heat = dict(zip(("intent", "language", "emotion"), arrays["heat"].tolist(), strict=True))
        self._emotion = Emotion(model_files.table("emotion.toml"))
        self._urgency = Urgency(model_files.table("urgency.toml"))
        self._person = Person(model_files.table("person.toml"))
        self._actionable = Actionable(model_files.table("actionable.toml"))

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The reading of each text, in their order. Never raises: what cannot be read is not known."""
        readings: list[Reading] = []
        for start in range(0, len(texts), AT_ONCE):
            readings += self._read([prepare(text) for text in texts[start : start + AT_ONCE]])
        return readings

    def _read(self, prepared: list[Prepared]) -> list[Reading]:
        found = found_in([text.words for text in prepared])
        seen = matrix(found, self._rows, self._rarity)
        scores = seen.times(self._weights) + self._bias
        likely = {head: softmax(scores[:, part] / self._heat[head]) for head, part in self._heads.items()}
        intents = intent.known(likely["intent"], self._names["intent"])
        languages = language.known(likely["language"], self._names["language"], [text.words for text in prepared])
        feelings = likely["emotion"].tolist()
        shares = self._shares(seen, likely["intent"].argmax(axis=1), int(found.words.sum()))
        readings = []
        start = 0
        for place, text in enumerate(prepared):
            weights = shares[start : start + len(text.words)]
            start += len(text.words)
            readings.append(self._reading(text, languages[place], intents[place], feelings[place], weights))
        return readings

    def _reading(
        self, text: Prepared, spoken: tuple[str, float], meant: tuple[str, float], feelings: list[float], weights: list[float]
    ) -> Reading:
        """What one text says. `spoken`, `meant`: a language, an intent, each with its probability; `weights`: of each word."""
        if not text.words and not text.raw.strip():
            return Reading(version=self.version)
        urgent, pressing = self._urgency.of(text.words, text.shown, text.raw)
        asked = self._person.asked(text.words)
        name, sure = meant if text.words else ("", 0.0)
        if asked and not name:
            name, sure = PERSON, max(sure, 0.5)
        feeling, strength = self._emotion.of(text.words, text.raw, feelings)
        evidence = (*(_weightiest(text.shown, weights) if name else ()), *pressing, *((asked,) if asked else ()))
        return Reading(
            language=spoken[0],
            language_confidence=spoken[1],
            intent=name,
            intent_confidence=sure,
            emotion=feeling,
            emotion_strength=strength,
            urgency=urgent,
            wants_person=bool(asked),
            actionable=bool(asked) or self._actionable.is_actionable(text.words, text.raw),
            personal=personal_data.kinds(text.raw),
            words=meaning_of(text.words),
            evidence=tuple(dict.fromkeys(evidence))[:MOST_EVIDENCE],
            version=self.version,
        )

    def _shares(self, seen: Matrix, chosen: NDArray[np.intp], words: int) -> list[float]:
        """What each word of the batch added to the score of its message's likeliest intent."""
        column = self._heads["intent"].start + chosen
        added = seen.data * self._weights[seen.rows, np.repeat(column, np.diff(seen.ends))]
        shares: list[float] = np.bincount(seen.word, added, words)[:words].tolist()
        return shares


def _weightiest(shown: Sequence[str], weights: Sequence[float]) -> tuple[str, ...]:
    """The words that spoke most for the intent, at most three; none that spoke much less than the first."""
    ranked = sorted(zip(weights, shown, strict=False), reverse=True)[:WORDS_OF_INTENT]
    return tuple([word for weight, word in ranked if weight > 0 and weight > ranked[0][0] / 4 and len(word) > 1])


def _rows(buckets: NDArray[np.uint32]) -> NDArray[np.int32]:
    """The row of each bucket: those that training saw in their order from 2 on; 0 for other pieces, 1 for other words."""
    rows = np.zeros(SPACE, dtype=np.int32)
    rows[SPACE // 2 :] = 1
    rows[buckets] = np.arange(len(buckets), dtype=np.int32) + 2
    return rows


def _span(heads: Sequence[str], head: str) -> tuple[int, int]:
    first = heads.index(head)
    return first, first + heads.count(head)


def shipped() -> Reader:
    """The reader with the weights that come with Rapport."""
    arrays, version = model_files.weights()
    reader = Reader(arrays, version)
    assert reader._names["emotion"] == FEELINGS  # the order that Emotion relies on
    return reader
