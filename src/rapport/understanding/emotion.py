"""Emotion: anger, sadness, fear, joy or neutral, and how strong: a word list and a linear head, together.

Thin by design: 130 examples and 250 words. A denied word ("not happy") does not count for its feeling, and counts a little
as anger when it denies joy. Irony is beyond it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.understanding.phrases import Phrases
from rapport.understanding.urgency import is_shouted

FEELINGS = ("anger", "fear", "joy", "neutral", "sadness")
SHOWN = tuple((place, feeling) for place, feeling in enumerate(FEELINGS) if feeling != "neutral")
SHOWN_FROM = 0.32
CALM_BELOW = 0.5  # what a head is less sure of than this is no feeling by itself
OF_EXAMPLES, DENIED_JOY, SIGN, LOUDER = 0.6, 0.35, 0.6, 1.25


class Emotion:
    """The word list, ready to be asked. `table`: feeling → hundredths → phrases, `not`, and `signs`: feeling → emoji."""

    def __init__(self, table: Mapping[str, Mapping[str, Any]]) -> None:  # Any: phrases, or a string of signs
        self._phrases: Phrases[tuple[str, float]] = Phrases(
            (phrase, (feeling, int(weight) / 100))
            for feeling in FEELINGS
            for weight, phrases in table.get(feeling, {}).items()
            for phrase in phrases
        )
        self._denials = frozenset(table["not"]["0"])
        self._signs = {sign: feeling for feeling, signs in table["signs"].items() for sign in signs}

    @property
    def anchors(self) -> frozenset[str]:
        """The words without which no phrase is found."""
        return self._phrases.anchors

    def of(self, words: list[str], raw: str, likely: Sequence[float], marked: bool = True) -> tuple[str, float]:
        """The feeling and its strength in [0, 1]. `marked`: `anchors` are among the words.

        `likely`: (feelings,) what the head thinks, in the order of FEELINGS.
        """
        calm: dict[str, float] = {}
        for start, _, (feeling, weight) in self._phrases.found(words) if marked else ():
            if start and not self._denials.isdisjoint(words[max(0, start - 2) : start]):
                if feeling != "joy":
                    continue
                feeling, weight = "anger", DENIED_JOY
            calm[feeling] = calm.get(feeling, 1.0) * (1.0 - weight)
        if not raw.isascii() and not self._signs.keys().isdisjoint(raw):
            for feeling in {self._signs[sign] for sign in raw if sign in self._signs}:
                calm[feeling] = calm.get(feeling, 1.0) * (1.0 - SIGN)
        if calm:
            shown = [1.0 - calm.get(name, 1.0) * (1.0 - OF_EXAMPLES * likely[place]) for place, name in SHOWN]
            strength = max(shown)
            feeling = SHOWN[shown.index(strength)][1]
        elif (best := max(likely[0], likely[1], likely[2], likely[4])) < CALM_BELOW:
            return "neutral", round(1.0 - (1.0 - (1.0 - OF_EXAMPLES * best)), 4)
        else:
            strength = 1.0 - (1.0 - OF_EXAMPLES * best)
            feeling = FEELINGS[likely.index(best)]
        if strength < SHOWN_FROM or not (words or calm):
            return "neutral", round(1.0 - strength, 4)
        return feeling, round(min(1.0, strength * LOUDER) if is_shouted(raw) else strength, 4)
