"""Quoting: for a phrase that is told, sentences in which it stands, as examples."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from rapport.measures.stories.episodes import Read
from rapport.measures.stories.sentences import Sentence
from rapport.measures.stories.told import Contrast, Quote, Rising

QUOTES = 3
MIDDLING = 12  # words: a sentence of about so many says something and is soon read
Told = TypeVar("Told", Rising, Contrast)


def quoted(found: Sequence[tuple[Told, list[int]]], reads: Sequence[Read], *, theirs: bool) -> tuple[Told, ...]:
    """The phrases with their examples. `found`: each with the numbers of its talks among `reads`; `theirs`: of which side."""
    return tuple(
        msgspec.structs.replace(one, quotes=_quotes(one.phrase, [reads[n] for n in numbers], theirs=theirs))
        for one, numbers in found
    )


def _quotes(phrase: str, reads: Sequence[Read], *, theirs: bool) -> tuple[Quote, ...]:
    """Sentences with the phrase, one of each person, those of about MIDDLING words first."""
    people: dict[bytes, Sentence] = {}
    for read in reads:
        for sentence in _holding(phrase, read, theirs=theirs):
            people.setdefault(read.talk.person + read.talk.id, sentence)
    ranked = sorted(
        ((abs(len(sentence.words) - MIDDLING), key[:16], key[16:], sentence) for key, sentence in people.items()),
        key=lambda found: found[:3],
    )
    seen: dict[bytes, Quote] = {}
    for _, person, talk, sentence in ranked:
        seen.setdefault(person, Quote(sentence.text, talk, sentence.line.id))
        if len(seen) == QUOTES:
            break
    return tuple(seen.values())


def _holding(phrase: str, read: Read, *, theirs: bool) -> Iterator[Sentence]:
    looked = f" {phrase} "
    return (one for one in read.of(read.lines, theirs=theirs) if looked in f" {' '.join(one.words)} ")
