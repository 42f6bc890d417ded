"""Stems: words of Spanish and English without accents and endings, so that `gastos`, `gastar` and `gasto` are one.

Crude on purpose: it relates the name of a skill to the words of a message, and a miss costs a point of worth, not an answer.
"""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
# Longest first; the number is how many letters must stay.
_ENDINGS: tuple[tuple[str, int], ...] = (
    ("amientos", 4), ("imientos", 4), ("aciones", 4), ("iciones", 4), ("amiento", 4), ("imiento", 4), ("adores", 4),
    ("adoras", 4), ("acion", 4), ("icion", 4), ("ations", 4), ("iendo", 4), ("aron", 4), ("ieron", 4), ("ation", 4),
    ("mente", 4), ("ments", 4), ("ando", 4), ("endo", 4), ("ador", 4), ("adas", 4), ("ados", 4), ("idas", 4),
    ("idos", 4), ("ings", 3), ("ment", 4), ("ness", 4), ("ada", 4), ("ado", 4), ("ida", 4), ("ido", 4), ("aba", 4),
    ("ing", 3), ("ies", 3), ("ied", 3), ("ers", 4), ("ero", 4), ("es", 3), ("ed", 3), ("er", 3), ("ar", 3), ("ir", 4),
    ("as", 3), ("os", 3), ("an", 4), ("en", 4), ("ly", 4), ("s", 3), ("a", 4), ("o", 4), ("e", 4), ("y", 4), ("i", 4),
)  # fmt: skip


def plain(text: str) -> str:
    """The text in small letters, without accents."""
    text = text.casefold()
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What is left of a word without accents and one ending; two equal last letters become one."""
    word = plain(word)
    if word.isalpha():
        for ending, least in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
                word = word[: -len(ending)]
                break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def words_in(text: str) -> list[str]:
    """The words of a text, in order, without accents; `-`, `_` and `.` part words."""
    return _WORD.findall(plain(text))


@lru_cache(maxsize=16384)
def stems_in(text: str) -> tuple[str, ...]:
    """The stems of a text's words, each once, in order."""
    return tuple(dict.fromkeys(map(stem, words_in(text))))
