"""Reader: texts in, readings out, a batch at once: the heads and the rules together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.model.correction import Correction
from rapport.model.reading import Reading
from rapport.model.signal import ASKED, HINTED, Shown
from rapport.understanding import intent, language, model_files, personal_data
from rapport.understanding.actionable import Actionable
from rapport.understanding.adapting import MARGIN, OWN, Adapted, Taught, Weigh
from rapport.understanding.emotion import FEELINGS, Emotion
from rapport.understanding.encoder.second import Second
from rapport.understanding.features import rows_of
from rapport.understanding.own import taught_readings
from rapport.understanding.person import Person
from rapport.understanding.shown import Run, Runs
from rapport.understanding.signals import Signs
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

    def __init__(
        self,
        arrays: Mapping[str, NDArray[Any]],  # Any: each array has its own type
        version: str,
        second: Second | None = None,
    ) -> None:
        self.version = f"{version}/{second.version}" if second else version
        self._second = second
        weights: Floats = arrays["weights"].astype(np.float32) * arrays["scale"]
        self.weigh = Weigh(rows_of(arrays["buckets"]), arrays["rarity"].astype(np.float32))
        self._weighing = Weighing(self.weigh.rows, self.weigh.rarity, weights)
        self._bias: Floats = arrays["bias"].astype(np.float32)
        names = [str(name).partition(":") for name in arrays["names"]]
        heads = [name[0] for name in names]
        self._answers, self._shown_bias = len(names), arrays["shown_bias"].astype(np.float32)
        self._heads = {head: slice(*_span(heads, head)) for head in ("intent", "language", "emotion")}
        self._names = {head: tuple(n[2] for n in names[part]) for head, part in self._heads.items()}
        self._starts = [part.start for part in self._heads.values()]
        self._head_of = np.repeat(np.arange(len(self._heads)), [part.stop - part.start for part in self._heads.values()])
        self._heat = arrays["heat"].astype(np.float32)[self._head_of]
        self._emotion = Emotion(model_files.table("emotion.toml"))
        self._urgency = Urgency(model_files.table("urgency.toml"))
        self._person = Person(model_files.table("person.toml"))
        self._signs = Signs(model_files.table("signals.toml"))
        self._actionable = Actionable(model_files.table("actionable.toml"))

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that it can tell; "" is none of them."""
        return self._names["intent"]

    def adapted(self, corrections: Iterable[Correction], taught: Taught | None) -> Adapted:
        """What a tenant taught, for `read`."""
        return Adapted(self.intents, self.weigh, corrections, taught)

    def likely_intents(self, messages: Sequence[Sequence[str]]) -> Floats:
        """The shipped head's probabilities of the intents: (messages, intents); of folded words, at most AT_ONCE messages."""
        return self._likely(self._weighing.of(messages).scores[:, : self._answers])[:, self._heads["intent"]]

    def step(self, text: str, intent: str, adapted: Adapted) -> float:
        """How far an intent must rise for its message to lead by MARGIN, in log-odds; `intent` "" is none of those known."""
        words = [prepare(text).words]
        (standing,), _ = adapted.standing(words, self.likely_intents(words))
        place = adapted.names.index(intent) if intent in adapted.names else -1
        mine = standing[place] if place >= 0 else OWN
        others = np.delete(standing, place) if place >= 0 else standing
        return round(max(0.0, float(MARGIN - (mine - others.max()))), 4)

    def read(self, texts: Sequence[str], adapted: Adapted | None = None) -> list[Reading]:
        """The reading of each text, in their order. Never raises: what cannot be read is not known."""
        readings: list[Reading] = []
        waiting: list[Prepared] = []
        words = 0
        for text in map(prepare, texts):
            if len(waiting) == AT_ONCE or words + len(text.words) > MOST_WORDS:
                readings += self._read(waiting, adapted)
                waiting, words = [], 0
            waiting.append(text)
            words += len(text.words)
        return readings + self._read(waiting, adapted) if waiting else readings

    def _read(self, prepared: list[Prepared], adapted: Adapted | None) -> list[Reading]:
        weighed = self._weighing.of([text.words for text in prepared])
        likely = self._likely(weighed.scores[:, : self._answers])
        part, sizes = self._heads["intent"], [len(text.words) for text in prepared]
        if self._second is not None:
            likely[:, part] = self._second.heard([text.raw if text.words else "" for text in prepared], likely[:, part])
        runs = Runs(weighed, sizes, slice(self._answers, None), self._shown_bias)
        owner = np.repeat(part.start + likely[:, part].argmax(axis=1), sizes)
        shares: list[float] = weighed.added[np.arange(len(owner)), owner].tolist()  # of each word, in its message's intent
        readings = []
        start = 0
        for nth, (text, known) in enumerate(zip(prepared, likely.tolist(), strict=True)):
            weights = shares[start : start + len(text.words)]
            start += len(text.words)
            readings.append(self._reading(text, known, weights, runs.of(nth)))
        return readings if adapted is None else taught_readings(adapted, prepared, likely[:, part], readings)

    def _likely(self, scores: Floats) -> Floats:
        """The probability of each answer: (messages, columns), those of one head add up to one."""
        cooled = (scores + self._bias) / self._heat
        shown = np.exp(cooled - np.maximum.reduceat(cooled, self._starts, axis=1)[:, self._head_of])
        likely: Floats = shown / np.add.reduceat(shown, self._starts, axis=1)[:, self._head_of]
        return likely

    def _reading(self, text: Prepared, likely: list[float], weights: list[float], runs: Sequence[Run]) -> Reading:
        """What one text says. `likely`: (columns,) of each answer; `weights`: of each word for its intent; `runs`: `Runs`."""
        if not text.words and not text.raw.strip():
            return Reading(version=self.version)
        lettered = any(map(str.isalpha, text.raw))  # digits and signs alone are in no language and about nothing
        spoken = language.known(likely[self._heads["language"]], self._names["language"], text.words if lettered else ())
        urgent, pressing = self._urgency.of(text.words, text.shown, text.raw)
        signals = self._shows(text, runs)
        asked = next((one.words for one in signals if one.kind == ASKED), "")
        name, sure = "", 0.0
        if text.words and lettered:
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
            signals=signals,
        )

    def _shows(self, text: Prepared, runs: Sequence[Run]) -> tuple[Shown, ...]:
        """What the rules find in a text, and what only the head finds."""
        asked = self._person.asked(text.words)
        ruled = (*((Shown(ASKED, asked),) if asked else ()), *self._signs.of(text.words, text.shown, text.raw))
        if not runs:
            return ruled
        known = {one.kind for one in ruled}
        if asked or self._person.declines(text.words):
            known |= {ASKED, HINTED}
        spared = self._signs.spared(text.words)
        more = [
            Shown(kind, " ".join(text.shown[begin:stop]))
            for kind, begin, stop in runs
            if kind not in known and not any(phrase in " ".join(text.words[begin:stop]) for phrase in spared)
        ]
        return (*ruled, *more)

    def promised(self, text: str) -> str:
        """The sentence of a text of ours that promises something; "" where none does."""
        ready = prepare(text)
        return self._signs.promised(ready.words, ready.raw)


def _weightiest(shown: Sequence[str], weights: Sequence[float]) -> tuple[str, ...]:
    """The words that spoke most for the intent, at most three; none that spoke much less than the first."""
    most = max(weights, default=0.0)
    ranked = sorted([pair for pair in zip(weights, shown, strict=False) if pair[0] > most / 4], reverse=True)
    return tuple([word for weight, word in ranked[:WORDS_OF_INTENT] if weight > 0 and len(word) > 1])


def _span(heads: Sequence[str], head: str) -> tuple[int, int]:
    first = heads.index(head)
    return first, first + heads.count(head)


def shipped(second: Second | None = None) -> Reader:
    """The reader with the weights that come with Rapport; `second`: an encoder of the user's own, asked where it is unsure."""
    arrays, version = model_files.weights()
    reader = Reader(arrays, version, second)
    assert reader._names["emotion"] == FEELINGS  # the order that Emotion relies on
    return reader
