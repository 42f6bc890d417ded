"""Patterns: phrases with parts that may vary, `{want|need} to {|really} leave`, found in a message in one pass over its words.

A pattern is never written out into all that it stands for, which may be thousands of phrases. It is tried only where the words
of one of its parts, the one that says most, are in the message; its work is bounded by the words times the parts.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from rapport.understanding.words import STOP_WORDS

_PART = re.compile(r"\{([^}]*)\}")


class Found(NamedTuple):
    """A pattern that was found: its first word's place, how many words, and what it means."""

    start: int
    size: int
    meaning: str


class _Slot:
    """One part: its choices by their first word. `free`: it may be left out."""

    def __init__(self, choices: Iterable[str]) -> None:
        split = [tuple(choice.split()) for choice in choices]
        self.free = () in split
        self.choices = [choice for choice in split if choice]
        self.by_first: dict[str, list[tuple[str, ...]]] = {}
        for choice in self.choices:
            self.by_first.setdefault(choice[0], []).append(choice)


class _Pattern(NamedTuple):
    """`beside`: one of these is in what it is found in, beside its key. `starts`: the words with which it can begin."""

    beside: frozenset[str]
    starts: frozenset[str]
    slots: tuple[_Slot, ...]
    meaning: str


class Patterns:
    """Patterns of folded words, each with a meaning.

    Raises:
        ValueError: a pattern has nothing but parts that may be left out.
    """

    def __init__(self, patterns: Iterable[tuple[str, str]]) -> None:
        self._by_key: dict[str, list[_Pattern]] = {}
        for text, meaning in patterns:
            pieces = _PART.split(text)
            slots = tuple(
                _Slot(piece.split("|") if place % 2 else [word])
                for place, piece in enumerate(pieces)
                for word in ([piece] if place % 2 else piece.split())
            )
            needed = [slot for slot in slots if not slot.free]
            if not needed:
                raise ValueError(f"a pattern needs a part that may not be left out, got {text!r}")
            key, *others = sorted(needed, key=_says, reverse=True)
            beside = frozenset(max(choice, key=_telling) for choice in (others or [key])[0].choices)
            pattern = _Pattern(beside, _starts(slots), slots, meaning)
            for choice in key.choices:
                known = self._by_key.setdefault(max(choice, key=_telling), [])
                if pattern not in known:
                    known.append(pattern)
        self.keys = frozenset(self._by_key)  # a text without any of these has no pattern

    def found(self, words: list[str]) -> list[Found]:
        """What is in `words`, in order; a word belongs to the longest pattern that begins first."""
        keys = self.keys.intersection(words)
        if not keys:
            return []
        said = set(words)
        hits: list[Found] = []
        for key in keys:
            for beside, starts, slots, meaning in self._by_key[key]:
                if beside.isdisjoint(said) or starts.isdisjoint(said):
                    continue
                for place, word in enumerate(words):
                    if word in starts and (end := _end(words, place, slots)) > place:
                        hits.append(Found(place, end - place, meaning))
        return _apart(hits) if len(hits) > 1 else hits


def _says(slot: _Slot) -> tuple[bool, int]:
    """How much a part says: as much as the word that tells most in the choice that tells least."""
    return min(max(map(_telling, choice)) for choice in slot.choices)


def _telling(word: str) -> tuple[bool, int]:
    """How much a word tells: a long one more than a short one, one that every message has least."""
    return word not in STOP_WORDS, len(word)


def _starts(slots: tuple[_Slot, ...]) -> frozenset[str]:
    """The words with which the slots can begin."""
    found: set[str] = set()
    for slot in slots:
        found.update(slot.by_first)
        if not slot.free:
            break
    return frozenset(found)


def _end(words: list[str], place: int, slots: tuple[_Slot, ...]) -> int:
    """Where the longest match of the slots that begins at `place` ends; -1 where there is none."""
    ends = {place}
    for slot in slots:
        after = set(ends) if slot.free else set()
        for at in ends:
            for choice in slot.by_first.get(words[at], ()) if at < len(words) else ():
                if len(choice) == 1 or tuple(words[at : at + len(choice)]) == choice:
                    after.add(at + len(choice))
        if not after:
            return -1
        ends = after
    return max(ends)


def _apart(hits: list[Found]) -> list[Found]:
    """Hits that share no word; of those that begin together the longest, and of equals the one that means nothing."""
    free = 0
    kept: list[Found] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.size, hit.meaning)):
        if hit.start >= free:
            kept.append(hit)
            free = hit.start + hit.size
    return kept
