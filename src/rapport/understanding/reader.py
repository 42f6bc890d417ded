"""Reader: texts in, readings out, a batch at once: the heads and the rules together."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.model.reading import Reading
from rapport.understanding import intent, language, model_files, personal_data
from rapport.understanding.actionable import Actionable
from rapport.understanding.emotion import FEELINGS, Emotion
from rapport.understanding.features import rows_of
from rapport.understanding.person import Person
from rapport.understanding.urgency import Urgency
from rapport.understanding.weighing import MOST_WORDS, Weighing
from rapport.understanding.words import Prepared, meaning_of, prepare

AT_ONCE = 256  # texts a pass, so that its working arrays stay small
MOST_EVIDENCE = 8
WORDS_OF_INTENT = 3
PERSON = "person"

Floats = NDArray[np.float32]


class Reader:
    """Reads what a message says. Built once from trained arrays (`train`) and rules; remembers words, never a message."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], version: str) -> None:  # Any: each array has its own type
        self.version = version
        weights: Floats = arrays["weights"].astype(np.float32) * arrays["scale"]
        self._weighing = Weighing(rows_of(arrays["buckets"]), arrays["rarity"].astype(np.float32), weights)
        self._bias: Floats = arrays["bias"].astype(np.float32)
        names = [str(name).partition(":") for name in arrays["names"]]
        heads = [name[0] for name in names]
        self._heads = {head: slice(*_span(heads, head)) for head in ("intent", "language", "emotion")}
        self._names = {head: tuple(n[2] for n in names[part]) for head, part in self._heads.items()}
        self._starts = [part.start for part in self._heads.values()]
        self._head_of = np.repeat(np.arange(len(self._heads)), [part.stop - part.start for part in self._heads.values()])
        self._heat = arrays["heat"].astype(np.float32)[self._head_of]
        self._emotion = Emotion(model_files.table("emotion.toml"))
        self._urgency = Urgency(model_files.table("urgency.toml"))
        self._person = Person(model_files.table("person.toml"))
        self._actionable = Actionable(model_files.table("actionable.toml"))

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The reading of each text, in their order. Never raises: what cannot be read is not known."""
        readings: list[Reading] = []
        waiting: list[Prepared] = []
        words = 0
        for text in map(prepare, texts):
            if len(waiting) == AT_ONCE or words + len(text.words) > MOST_WORDS:
                readings += self._read(waiting)
                waiting, words = [], 0
            waiting.append(text)
            words += len(text.words)
        return readings + self._read(waiting) if waiting else readings

    def _read(self, prepared: list[Prepared]) -> list[Reading]:
        weighed = self._weighing.of([text.words for text in prepared])
        likely = self._likely(weighed.scores)
        part = self._heads["intent"]
        owner = np.repeat(part.start + likely[:, part].argmax(axis=1), [len(text.words) for text in prepared])
        shares: list[float] = weighed.added[np.arange(len(owner)), owner].tolist()  # of each word, in its message's intent
        readings = []
        start = 0
        for text, known in zip(prepared, likely.tolist(), strict=True):
            weights = shares[start : start + len(text.words)]
            start += len(text.words)
            readings.append(self._reading(text, known, weights))
        return readings

    def _likely(self, scores: Floats) -> Floats:
        """The probability of each answer: (messages, columns), those of one head add up to one."""
        cooled = (scores + self._bias) / self._heat
        shown = np.exp(cooled - np.maximum.reduceat(cooled, self._starts, axis=1)[:, self._head_of])
        likely: Floats = shown / np.add.reduceat(shown, self._starts, axis=1)[:, self._head_of]
        return likely

    def _reading(self, text: Prepared, likely: list[float], weights: list[float]) -> Reading:
        """What one text says. `likely`: (columns,) of each answer of each head; `weights`: of each word, for its intent."""
        if not text.words and not text.raw.strip():
            return Reading(version=self.version)
        spoken = language.known(likely[self._heads["language"]], self._names["language"], text.words)
        urgent, pressing = self._urgency.of(text.words, text.shown, text.raw)
        asked = self._person.asked(text.words)
        name, sure = "", 0.0
        if text.words:
            name, sure = intent.known(likely[self._heads["intent"]], self._names["intent"])
        if asked and not name:
            name, sure = PERSON, max(sure, 0.5)
        feeling, strength = self._emotion.of(text.words, text.raw, likely[self._heads["emotion"]])
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


def _weightiest(shown: Sequence[str], weights: Sequence[float]) -> tuple[str, ...]:
    """The words that spoke most for the intent, at most three; none that spoke much less than the first."""
    most = max(weights, default=0.0)
    ranked = sorted([pair for pair in zip(weights, shown, strict=False) if pair[0] > most / 4], reverse=True)
    return tuple([word for weight, word in ranked[:WORDS_OF_INTENT] if weight > 0 and len(word) > 1])


def _span(heads: Sequence[str], head: str) -> tuple[int, int]:
    first = heads.index(head)
    return first, first + heads.count(head)


def shipped() -> Reader:
    """The reader with the weights that come with Rapport."""
    arrays, version = model_files.weights()
    reader = Reader(arrays, version)
    assert reader._names["emotion"] == FEELINGS  # the order that Emotion relies on
    return reader
