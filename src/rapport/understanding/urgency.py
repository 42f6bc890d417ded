"""Urgency: how surely a message cannot wait, by rules that can be read: danger, time pressure, repetition, harm, shouting.

Each finding alone makes us `weight` sure; together they do as independent reasons do: 1 - product of (1 - weight).
The rules are in `lexicon/urgency.toml`, Spanish and English.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.understanding.phrases import Phrases

MOST_EVIDENCE = 4
CALM_AT_MOST = 0.1
SHOUTING = 0.15


class Urgency:
    """The rules, ready to be asked. `table`: kind of finding → hundredths → phrases."""

    def __init__(self, table: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        rules = [
            (phrase, (kind, int(weight) / 100))
            for kind, weights in table.items()
            for weight, phrases in weights.items()
            for phrase in phrases
        ]
        self._phrases: Phrases[tuple[str, float]] = Phrases(rules)

    @property
    def anchors(self) -> frozenset[str]:
        """The words without which nothing is found."""
        return self._phrases.anchors

    def of(self, words: list[str], shown: list[str], raw: str, marked: bool = True) -> tuple[float, tuple[str, ...]]:
        """The urgency in [0, 1], and the words that made it, the weightiest first. `marked`: `anchors` are among the words."""
        hits = self._phrases.found(words) if marked else []
        if not hits:
            return (round(1.0 - (1.0 - SHOUTING), 4) if words and is_shouted(raw) else 0.0), ()
        found: dict[Any, tuple[float, str]] = {}  # Any: the words of a phrase; one that is said twice counts once
        calm = safe = True
        for start, size, (kind, weight) in hits:
            if kind == "calm":
                calm = False
                continue
            safe = safe and kind != "safety"
            found[tuple(words[start : start + size])] = (weight, " ".join(shown[start : start + size]))
        spared = 1.0
        for weight, _ in found.values():
            spared *= 1.0 - weight
        if words and is_shouted(raw):
            spared *= 1.0 - SHOUTING
        urgency = 1.0 - spared
        if not calm and safe:
            urgency = min(urgency, CALM_AT_MOST)
        evidence = sorted(found.values(), key=lambda one: -one[0])[:MOST_EVIDENCE]
        return round(urgency, 4), tuple([text for weight, text in evidence if weight >= 0.3])


def is_shouted(raw: str) -> bool:
    """Whether it is written in capitals, or with three and more exclamation marks."""
    if raw.count("!") >= 3:
        return True
    return len(raw) >= 12 and raw.isupper()
