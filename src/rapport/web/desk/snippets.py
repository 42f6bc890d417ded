"""What of a text is shown where it was found: the stretch around the first word that was asked for, with the words marked."""

import re
import unicodedata

import msgspec

ROUND = 90  # characters on each side of the first word that is found
_WORD = re.compile(r"\w+")


class Run(msgspec.Struct, frozen=True):
    """A stretch of a text; `mark`: one of the words that were asked for."""

    text: str
    mark: bool = False


def folded(text: str) -> str:
    """The text without accents and capitals, letter for letter: as long as it was."""
    return "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char


def snippet(text: str, words: tuple[str, ...]) -> tuple[Run, ...]:
    """The stretch around the first word, in runs; the beginning of the text where none of the words stands in it as such."""
    flat = " ".join(text.split())
    plain = folded(flat)
    asked = [part for word in words for part in _WORD.findall(folded(word))]
    found = [(m.start(), m.end()) for m in _WORD.finditer(plain) if any(_is(m[0], word) for word in asked)]
    begin = max(0, found[0][0] - ROUND) if found else 0
    end = min(len(flat), (found[0][1] if found else 0) + ROUND)
    runs = [Run("…")] if begin else []
    at = begin
    for start, stop in found:
        if start < at or stop > end:
            continue
        runs += [Run(flat[at:start]), Run(flat[start:stop], mark=True)]
        at = stop
    return (*runs, Run(flat[at:end] + ("…" if end < len(flat) else "")))


def _is(word: str, asked: str) -> bool:
    """Whether a word is the one that was asked for, or another form of it: alike but for an ending of three letters or less."""
    if word == asked:
        return True
    stem = asked[: max(3, len(asked) - 2)] if len(asked) > 3 else asked
    return word.startswith(stem) and abs(len(word) - len(asked)) <= 3
