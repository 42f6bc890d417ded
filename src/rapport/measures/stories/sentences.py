"""Sentences of a talk with what each shows: greeting, trouble, thanks, what we do; and the one of a line that says most."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files

import msgspec

from rapport.measures.stories.masking import bare
from rapport.measures.stories.told import Line

KINDS = ("greeting", "closing", "trouble", "complaint", "thanks", "doing", "asking", "sorry")
SHORTEST = 3  # words of a sentence that says something
LONGEST = 280  # letters that are quoted
_SENTENCE = re.compile(r"[^.!?\n…]+(?:[.!?…]+(?=\s|$)|[.](?=\S)[^.!?\n…]*)*[.!?…]*")
_RUN = re.compile(r"([.!?…]{3})[.!?…]+")
_ALONE = re.compile(r"[\w\ue000\ue001]")


class Sentence(msgspec.Struct, frozen=True):
    """A sentence. `words`: folded, "." where something was masked; `shows`: how often each of KINDS."""

    line: Line
    text: str
    words: tuple[str, ...]
    shows: tuple[int, ...]

    def of(self, kind: str) -> int:
        """How often it shows that kind."""
        return self.shows[KINDS.index(kind)]

    @property
    def says(self) -> bool:
        """Whether it says more than a greeting or a farewell."""
        return len(self.words) >= SHORTEST and not self.of("closing") and len(self.words) > 3 * self.of("greeting")


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads((files("rapport.measures.stories") / "words.toml").read_text())


@cache
def vague() -> frozenset[str]:
    """Words that name nothing by themselves."""
    return frozenset(_table()["vague"])


@cache
def _phrases() -> dict[str, list[tuple[int, list[str]]]]:
    """By its first word, each phrase that shows something: the place of its kind among KINDS, and the words after the first."""
    found: dict[str, list[tuple[int, list[str]]]] = {}
    for kind, name in enumerate(KINDS):
        for phrase in sorted(set(_table()[name]), key=lambda phrase: (-len(phrase.split()), phrase)):
            first, *rest = phrase.split()
            found.setdefault(first, []).append((kind, rest))
    return found


def shown(words: Sequence[str]) -> tuple[int, ...]:
    """How often each of KINDS is found in folded words; where two phrases of a kind begin at one word, that counts once."""
    counts, phrases = [0] * len(KINDS), _phrases()
    for place, word in enumerate(words):
        if word in phrases:
            here = {k for k, rest in phrases[word] if not rest or list(words[place + 1 : place + 1 + len(rest)]) == rest}
            for kind in here:
                counts[kind] += 1
    return tuple(counts)


def pieces(text: str) -> Iterator[str]:
    """The sentences of a text, on one line each; what has no letter is none."""
    for piece in _SENTENCE.findall(_RUN.sub(r"\1", text)):
        if _ALONE.search(piece):
            yield " ".join(piece.split())


def sentences(line: Line, fold: Callable[[str], list[str]]) -> list[Sentence]:
    """The sentences of a line, in order."""
    found = []
    for text in pieces(line.text):
        words = tuple(fold(bare(text)))
        if words:
            found.append(Sentence(line, text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…", words, shown(words)))
    return found


def does(sentence: Sentence) -> float:
    """How much a sentence of ours says that we do something; a question, or regret alone, does little."""
    much = 1.5 * min(3, sentence.of("doing")) + min(20, len(sentence.words)) / 20
    much -= 2.0 * ("?" in sentence.text)
    return much - 1.2 * sentence.of("asking") - 0.8 * sentence.of("sorry") - 2.0 * (not sentence.says)


def troubles(sentence: Sentence) -> float:
    """How much a sentence of theirs says that something went wrong."""
    much = 1.0 * min(4, sentence.of("trouble")) + 1.0 * min(2, sentence.of("complaint")) + 0.5 * (sentence.line.mood < 0)
    return much + min(20, len(sentence.words)) / 40 - 1.0 * sentence.of("thanks") - 1.5 * (not sentence.says)
