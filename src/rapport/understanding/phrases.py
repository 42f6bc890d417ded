"""Phrases: a list of words and phrases found in a message in one pass over its words, longest first."""

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

Meaning = TypeVar("Meaning")


class Hit(NamedTuple, Generic[Meaning]):
    """A phrase that was found: its first word's place, how many words, and what it means."""

    start: int
    size: int
    meaning: Meaning


class Phrases(Generic[Meaning]):
    """Phrases of folded words, each with a meaning. Each is looked for by its longest word, which few messages have."""

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self._by_anchor: dict[str, list[tuple[int, list[str], Meaning]]] = {}
        for phrase, meaning in phrases:
            words = phrase.split()
            before = max(range(len(words)), key=lambda place: len(words[place]))
            self._by_anchor.setdefault(words[before], []).append((before, words, meaning))
        self.anchors = frozenset(self._by_anchor)  # a text without any of these has no phrase

    def found(self, words: list[str]) -> list[Hit[Meaning]]:
        """What is in `words`, in order; a word belongs to the longest phrase that begins first."""
        met = self.anchors.intersection(words)
        if not met:
            return []
        hits: list[Hit[Meaning]] = []
        for place in [place for place, word in enumerate(words) if word in met]:
            for before, phrase, meaning in self._by_anchor[words[place]]:
                start = place - before
                size = len(phrase)
                if size == 1 or (start >= 0 and words[start : start + size] == phrase):
                    hits.append(Hit(start, size, meaning))
        return _apart(hits) if len(hits) > 1 else hits


def _apart(hits: list[Hit[Meaning]]) -> list[Hit[Meaning]]:
    """Hits that share no word."""
    free = 0
    kept: list[Hit[Meaning]] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.size)):
        if hit.start >= free:
            kept.append(hit)
            free = hit.start + hit.size
    return kept
