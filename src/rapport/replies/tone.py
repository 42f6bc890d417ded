"""Tone: words that may hurt, shouting, blaming; plain lists in both languages, so what is found is there and much is not."""

import re
from collections.abc import Iterator

from rapport.replies.lists import finder
from rapport.replies.rules import WARN, Hit
from rapport.replies.sentences import folded

PARTS = ("angry", "sarcastic", "blaming")
_CAPS = re.compile(r"\b[^\W\d_a-z]{3,}(?:[ ,]{1,3}[^\W\d_a-z]{2,}){2,40}\b")
_LOUD = re.compile(r"[!¡]{3,20}|(?:[!?]{2}){2,10}")


def look(text: str) -> Iterator[Hit]:
    """What may hurt in a text, and where."""
    plain = folded(text)
    for part in PARTS:
        for match in finder("tone", part).finditer(plain):
            says = _says(part, text[match.start() : match.end()])
            yield Hit("tone", match.start(), match.end(), says, "" if part == "angry" else WARN)
    for match in _CAPS.finditer(text):
        if match[0].upper() == match[0]:
            yield Hit("tone", match.start(), match.end(), "Capital letters read as shouting.", WARN)
    for match in _LOUD.finditer(text):
        yield Hit("tone", match.start(), match.end(), "So many marks read as shouting.", WARN)


def _says(part: str, words: str) -> str:
    if part == "angry":
        return f"“{words}” may sound angry."
    if part == "sarcastic":
        return f"“{words}” may sound sarcastic."
    return f"“{words}” may sound as if it were their fault."
