"""Reader: texts in, readings out, a batch at once: the heads and the rules together."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

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
from rapport.understanding.further import NOTHING_SAID, Arrays, Further, Regard, asks_nothing, joined, pressed, weightiest
from rapport.understanding.own import taught_readings
from rapport.understanding.person import Person
from rapport.understanding.shown import Runs, spread
from rapport.understanding.signals import Signs
from rapport.understanding.tone import Tone
from rapport.understanding.urgency import Urgency
from rapport.understanding.weighing import MOST_WORDS, Weighing
from rapport.understanding.words import Prepared, meaning_of, prepare

AT_ONCE = 256  # texts a pass, so that its working arrays stay small
MOST_EVIDENCE = 8
PERSON = "person"
FELT, PRESSING, SHOWING, ASKING = 1, 2, 4, 8  # marks of a word: the rules that look for it

Floats = NDArray[np.float32]


class Heard(NamedTuple):
    """What the heads say of the intent of one text, as `intent.known` does; `weights`: of each word, for the likeliest."""

    intent: str
    sure: float
    weights: Sequence[float]


UNHEARD = Heard("", 0.0, ())


class Reader:
    """Reads what a message says. Built once from trained arrays (`train`) and rules; remembers words, never a message."""

    def __init__(
        self,
        arrays: Arrays,
        version: str,
        second: Second | None = None,
        further: Arrays | None = None,
    ) -> None:
        self.version = f"{version}/{second.version}" if second else version
        self._second = second
        shown = len(arrays["names"]) + len(arrays["shown_bias"])
        tone = Tone(model_files.table("polarity.toml"))
        self._further = Further(further, shown, tone) if further else None
        arrays = joined(arrays, further) if further else spread(arrays)
        weights: Floats = arrays["weights"].astype(np.float32) * arrays["scale"]
        self.weigh = Weigh(rows_of(arrays["buckets"]), arrays["rarity"].astype(np.float32))
        self._bias: Floats = arrays["bias"].astype(np.float32)
        names = [str(name).partition(":") for name in arrays["names"]]
        heads = [name[0] for name in names]
        self._answers, self._shown_bias = len(names), arrays["shown_bias"].astype(np.float32)
        self._signals = slice(self._answers, shown)
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
        self._kind = self._actionable.thanking(tone.pleasant)
        self._weighing = Weighing(self.weigh.rows, self.weigh.rarity, weights, self._mark)

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
        """One question after the other, each of all texts: what an answer needs stays near the processor."""
        weighed = self._weighing.of([text.words for text in prepared])
        likely = self._likely(weighed.scores[:, : self._answers])
        intents = likely[:, self._heads["intent"]]
        if self._second is not None:
            intents = self._second.heard([text.raw if text.words else "" for text in prepared], intents)
        runs = Runs(weighed, [len(text.words) for text in prepared], self._signals, self._shown_bias)
        # digits and signs alone are in no language and about nothing
        lettered = [text.words if any(map(str.isalpha, text.raw)) else [] for text in prepared]
        marks, tongues, feelings = weighed.marks, *(likely[:, self._heads[head]].tolist() for head in ("language", "emotion"))
        may_ask = [self._actionable.is_actionable(text.words, text.raw) for text in prepared]
        columns = zip(
            prepared,
            lettered,
            [language.known(row, self._names["language"], words) for row, words in zip(tongues, lettered, strict=True)],
            self._intents_of(prepared, intents, weighed.added),
            [
                self._emotion.of(one.words, one.raw, row, m & FELT > 0)
                for one, m, row in zip(prepared, marks, feelings, strict=True)
            ],
            [self._urgency.of(one.words, one.shown, one.raw, m & PRESSING > 0) for one, m in zip(prepared, marks, strict=True)],
            [self._shows(one, runs, nth, m) for nth, (one, m) in enumerate(zip(prepared, marks, strict=True))],
            may_ask,
            [personal_data.kinds(text.raw) for text in prepared],
            [meaning_of(text.words) for text in prepared],
            self._further.of(prepared, weighed) if self._further else [NOTHING_SAID] * len(prepared),
            strict=True,
        )
        readings = [self._reading(*row) for row in columns]
        return readings if adapted is None else taught_readings(adapted, prepared, intents, readings, may_ask)

    def _intents_of(self, prepared: Sequence[Prepared], likely: Floats, added: Floats) -> list[Heard]:
        """The likeliest intent of each text. `likely`: (texts, intents); `added`: (words, columns), see `Weighed`."""
        names, first, start = self._names["intent"], self._heads["intent"].start, 0
        heard = []
        for text, place, (second, most) in zip(
            prepared, likely.argmax(axis=1).tolist(), np.partition(likely, -2, axis=1)[:, -2:].tolist(), strict=True
        ):
            stop = start + len(text.words)
            heard.append(Heard(*intent.judged(names[place], most, second), added[start:stop, first + place].tolist()))
            start = stop
        return heard

    def _mark(self, word: str) -> int:
        """What a word may matter to, a bit each: a text without such a word need not be asked."""
        felt, pressing = word in self._emotion.anchors, word in self._urgency.anchors
        showing, asking = word in self._signs.keys, self._person.may_ask(word)
        return FELT * felt | PRESSING * pressing | SHOWING * showing | ASKING * asking

    def _likely(self, scores: Floats) -> Floats:
        """The probability of each answer: (messages, columns), those of one head add up to one."""
        cooled = (scores + self._bias) / self._heat
        shown = np.exp(cooled - np.maximum.reduceat(cooled, self._starts, axis=1)[:, self._head_of])
        likely: Floats = shown / np.add.reduceat(shown, self._starts, axis=1)[:, self._head_of]
        return likely

    def _reading(
        self,
        text: Prepared,
        lettered: Sequence[str],
        spoken: tuple[str, float],
        heard: Heard,
        felt: tuple[str, float],
        pressing: tuple[float, tuple[str, ...]],
        signals: tuple[Shown, ...],
        actionable: bool,
        personal: tuple[str, ...],
        words: tuple[str, ...],
        regard: Regard,
    ) -> Reading:
        """What one text says. `lettered`: its words, none where it has no letter."""
        if not text.words and not text.raw.strip():
            return Reading(version=self.version)
        asked = next((one.words for one in signals if one.kind == ASKED), "")
        name, sure = _about(heard if lettered else UNHEARD, asked)
        return Reading(
            language=spoken[0],
            language_confidence=spoken[1],
            intent=name,
            intent_confidence=sure,
            emotion=felt[0],
            emotion_strength=felt[1],
            urgency=pressed(pressing[0], regard),
            wants_person=bool(asked),
            actionable=bool(asked) or (actionable and not asks_nothing(text, regard, name, pressing[0], signals, self._kind)),
            personal=personal,
            words=words,
            evidence=_evidence(weightiest(text.shown, heard.weights) if name else (), pressing[1], asked),
            version=self.version,
            signals=signals,
            sentiment=regard.sentiment,
            sentiment_confidence=regard.sure,
            spam=regard.spam,
            noise=regard.noise,
            because=regard.because,
        )

    def _shows(self, text: Prepared, runs: Runs, place: int, marks: int) -> tuple[Shown, ...]:
        """What rules find in a text, and what only the head finds. `place`: in `runs`; `marks`: of its words, see `_mark`."""
        asked = self._person.asked(text.words) if marks & ASKING else ""
        ruled = self._signs.of(text.words, text.shown, text.raw, marks & SHOWING > 0)
        ruled = tuple([one for one in ruled if not runs.doubts(place, one.kind)]) if ruled else ruled
        if asked:
            ruled = (Shown(ASKED, asked), *ruled)
        found = runs.of(place)
        if not found:
            return ruled
        known = {one.kind for one in ruled}
        if asked or self._person.declines(text.words):
            known |= {ASKED, HINTED}
        spared = self._signs.spared(text.words)
        more = [
            Shown(kind, " ".join(text.shown[begin:stop]))
            for kind, begin, stop in found
            if kind not in known and not any(phrase in " ".join(text.words[begin:stop]) for phrase in spared)
        ]
        return (*ruled, *more)

    def promised(self, text: str) -> str:
        """The sentence of a text of ours that promises something; "" where none does."""
        ready = prepare(text)
        return self._signs.promised(ready.words, ready.raw)


def _about(heard: Heard, asked: str) -> tuple[str, float]:
    """The intent of a message and how sure it is; who asks for a person, and for nothing else that is known, asks for that."""
    return (PERSON, max(heard.sure, 0.5)) if asked and not heard.intent else (heard.intent, heard.sure)


def _evidence(words: tuple[str, ...], pressing: tuple[str, ...], asked: str) -> tuple[str, ...]:
    """The words that decided: for the intent, for its urgency, and those that ask for a person."""
    if not (pressing or asked):
        return words
    return tuple(dict.fromkeys((*words, *pressing, *((asked,) if asked else ()))))[:MOST_EVIDENCE]


def _span(heads: Sequence[str], head: str) -> tuple[int, int]:
    first = heads.index(head)
    return first, first + heads.count(head)


def shipped(second: Second | None = None) -> Reader:
    """The reader with the weights that come with Rapport; `second`: an encoder of the user's own, asked where it is unsure."""
    arrays, version = model_files.weights()
    further, more = model_files.further()
    reader = Reader(arrays, f"{version}-{more}", second, further)
    assert reader._names["emotion"] == FEELINGS  # the order that Emotion relies on
    return reader
