"""Further heads: sentiment, spam, noise and pressing; more columns of the same pass over hashed features.

Their weights are a file of their own, as texts of others helped to learn them (docs/understanding.md). Features that the first
heads do not know get rows of their own here, as rare as unknown ones were, so the first heads say what they said before.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.model.reading import SPAM_FROM
from rapport.model.signal import Shown
from rapport.understanding.features import SPACE
from rapport.understanding.linear import Floats
from rapport.understanding.shown import spread
from rapport.understanding.tone import TONES, Tone
from rapport.understanding.weighing import Weighed
from rapport.understanding.words import Prepared

SENTIMENTS = ("negative", "neutral", "positive")
YES_OR_NO = ("spam", "noise", "pressing")
COLUMNS = (*SENTIMENTS, *YES_OR_NO)
FELT_FROM = 0.5  # a sentiment that is less sure is not known
LEAST = {"spam": SPAM_FROM, "noise": 0.9, "pressing": 0.8}  # probabilities from which a message is taken for it
PRESSED = 0.5  # how urgent it is then, where rules found less
MOST_WORDS_OF_NOISE = 12
ASKING_NOTHING = ("", "thanks", "praise")  # intents
WORDS = 3
SHAPES = ("link", "money", "!", "capitals", "digits", "glad", "sorry", *TONES)
TONE = np.float32(0.3)  # weight of the numbers of kind and unkind words
GLAD = frozenset("😀😁😂😃😄😆😊😍🥰😘🤩🙌👏🎉❤💕💖💯👍🔝✨🥳🤗😻😋💪🙏")
SORRY = frozenset("😠😡🤬😢😭😞😔😤😒🙄😩😫😖😣😕☹💔👎🤮🤢🤦😰😨😱🤡💩")

_DIGIT = re.compile(r"\d")

Arrays = Mapping[str, NDArray[Any]]  # Any: each array has its own type


class Regard(NamedTuple):
    """What the further heads say of one text; probabilities in [0, 1]. `because`: the words of each that says something."""

    sentiment: str = ""
    sure: float = 0.0
    spam: float = 0.0
    noise: float = 0.0
    pressing: float = 0.0
    because: tuple[Shown, ...] = ()


NOTHING_SAID = Regard()


class Further:
    """The heads, ready to be asked. `arrays`: of `further.npz`; `first`: the place of their first column."""

    def __init__(self, arrays: Arrays, first: int, tone: Tone) -> None:
        self._bias: Floats = arrays["bias"].astype(np.float32)
        self._shapes: Floats = arrays["shapes"].astype(np.float32)
        self._heat: Floats = arrays["heat"].astype(np.float32)
        self._tone = tone
        self._columns = slice(first, first + len(COLUMNS))

    def of(self, texts: Sequence[Prepared], weighed: Weighed) -> list[Regard]:
        """What they say of each text."""
        cooled = (weighed.scores[:, self._columns] + self._bias + shapes_of(texts, self._tone) @ self._shapes) / self._heat
        felt = np.exp(cooled[:, :3] - np.maximum.reduce(cooled[:, :3], axis=1, keepdims=True))
        best = felt.argmax(axis=1).tolist()
        sure = np.round(1 / np.add.reduce(felt, axis=1, dtype=np.float64), 4).tolist()
        doubt = np.minimum(np.maximum(-cooled[:, 3:], -30), 30)
        yes = np.round(1 / (1 + np.exp(doubt, dtype=np.float64)), 4).tolist()
        made, start = [], 0
        for text, place, one, said in zip(texts, best, sure, yes, strict=True):
            stop = start + len(text.words)
            part = weighed.added[start:stop, self._columns]
            made.append(_regard(text, place, one, said, part) if text.words else NOTHING_SAID)
            start = stop
        return made


def _regard(text: Prepared, best: int, sure: float, said: Sequence[float], added: Floats) -> Regard:
    """What is said of a text, with the words where it is something. `added`: (words, COLUMNS)."""
    sentiment = SENTIMENTS[best] if sure >= FELT_FROM else ""
    told: list[tuple[str, Sequence[float]]] = []
    if sentiment in ("negative", "positive"):
        told.append((sentiment, (added[:, best] - np.add.reduce(added[:, :3], axis=1) / 3).tolist()))
    told += [(name, added[:, 3 + nth].tolist()) for nth, name in enumerate(YES_OR_NO[:2]) if said[nth] >= LEAST[name]]
    because = tuple([Shown(name, ", ".join(words)) for name, part in told if (words := weightiest(text.shown, part))])
    spam, noise, pressing = said
    return Regard(sentiment, sure, spam, noise, pressing, because)


def weightiest(shown: Sequence[str], weights: Sequence[float]) -> tuple[str, ...]:
    """The words that spoke most for an answer, at most three; none that spoke much less than the first, none twice."""
    left = list(weights)
    least = max(left) / 4
    found: dict[str, None] = {}
    for _ in range(WORDS):
        most = max(left)
        if most <= least or most <= 0:
            break
        place = left.index(most)
        left[place] = 0.0
        if len(shown[place]) > 1:
            found[shown[place]] = None
    return tuple(found)


def pressed(urgency: float, regard: Regard) -> float:
    """The urgency that rules found, or that of a message like those that cannot wait."""
    return max(urgency, PRESSED) if regard.pressing >= LEAST["pressing"] else urgency


def asks_nothing(
    text: Prepared, regard: Regard, intent: str, urgency: float, signals: Sequence[Shown], thanking: frozenset[str]
) -> bool:
    """Whether a short message that shows nothing but thanks asks for nothing: a wrong yes leaves somebody unanswered.

    `thanking`: the words that may stand beside thanks; with any other one the message asks.
    """
    if regard.noise < LEAST["noise"] or len(text.words) > MOST_WORDS_OF_NOISE or intent not in ASKING_NOTHING:
        return False
    if not thanking.issuperset(text.words) or any(one.kind != "thanks" for one in signals):
        return False
    return pressed(urgency, regard) < PRESSED and regard.sentiment != "negative" and "?" not in text.raw


def shapes_of(texts: Sequence[Prepared], tone: Tone) -> Floats:
    """How each text is written, and its kind and unkind words: (texts, SHAPES)."""
    found = np.array([(*_shape(text.raw), *tone.words(text.words)) for text in texts], dtype=np.float32)
    found[:, -len(TONES) :] *= TONE
    return found


def _shape(raw: str) -> tuple[float, ...]:
    plain = raw.isascii()
    return (
        1.0 if "://" in raw or "www." in raw or "t.me/" in raw or "wa.me/" in raw else 0.0,
        1.0 if "$" in raw or (not plain and ("€" in raw or "£" in raw)) else 0.0,
        min(raw.count("!"), 3) / 3,
        1.0 if len(raw) >= 12 and raw.isupper() else 0.0,
        1.0 if _DIGIT.search(raw) else 0.0,
        0.0 if plain or GLAD.isdisjoint(raw) else 1.0,
        0.0 if plain or SORRY.isdisjoint(raw) else 1.0,
    )


def joined(first: Arrays, further: Arrays) -> dict[str, NDArray[Any]]:
    """The arrays of a reader with the further heads' weights as its last columns."""
    first = spread(first)
    buckets = first["buckets"]
    more = np.setdiff1d(further["buckets"], buckets)
    both = np.concatenate((buckets, more))
    place = np.zeros(SPACE, dtype=np.intp)
    place[both] = np.arange(len(both)) + 2
    rarity = np.concatenate((first["rarity"], first["rarity"][(more >= SPACE // 2).astype(np.intp)]))
    old, new = first["weights"], further["weights"]
    weights = np.zeros((len(rarity), old.shape[1] + new.shape[1]), dtype=np.int8)
    weights[: len(old), : old.shape[1]] = old
    weights[place[further["buckets"]], old.shape[1] :] = new
    scale = np.concatenate((first["scale"], further["scale"]))
    return {**first, "buckets": both, "rarity": rarity, "weights": weights, "scale": scale}
