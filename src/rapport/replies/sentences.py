"""Sentences of a text, folded for comparing: without case and accents, and each letter where it was."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files

LONGEST = 600  # letters of a sentence: what has no full stop is cut, so that no comparison grows without bound
MOST = 120  # sentences that are looked at
_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEW = 5  # letters that stay of a word's end when it is cut to its stem

STOP = frozenset(
    word for words in tomllib.loads((files("rapport.replies") / "words" / "stop.toml").read_text()).values() for word in words
)


@lru_cache(4096)
def _fold(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter.lower())[:1]
    return base if len(base) == 1 else " "


def folded(text: str) -> str:
    """The text in small letters without accents, each letter where it was."""
    return "".join(map(_fold, text)) if not text.isascii() else text.lower()


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence with where it begins; at most MOST, each at most LONGEST letters."""
    at = count = 0
    for end in (*(m.end() for m in _END.finditer(text)), len(text)):
        while at < end and count < MOST:
            piece = text[at : min(end, at + LONGEST)]
            if piece.strip():
                count += 1
                yield at, piece
            at += len(piece)
        at = max(at, end)


def stem(word: str) -> str:
    """The beginning of a folded word that its forms share: plural ends are cut, long words to seven letters."""
    for end in ("ces", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= _FEW - 1:
            word = word[: -len(end)] + ("z" if end == "ces" else "")
            break
    return word[:7]


def nouns(sentence: str) -> tuple[str, ...]:
    """The stems of the words of a folded sentence that carry meaning, in their order, each once; at most eight."""
    return tuple(dict.fromkeys(stem(word) for word in _WORD.findall(sentence) if word not in STOP))[:8]


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """What finds any of these phrases as whole words in a folded text; nothing where there is none."""
    listed = sorted({folded(phrase).strip() for phrase in phrases if phrase.strip()}, key=len, reverse=True)
    inner = "|".join(re.escape(phrase).replace(r"\ ", r"\s{1,3}") for phrase in listed)
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)" if inner else r"(?!)")
