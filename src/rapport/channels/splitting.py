"""Splitting: a text in parts that a network accepts, cut where a reader would pause."""

import re
import unicodedata
from collections.abc import Callable

_PAUSES = (re.compile(r"\n\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s"), re.compile(r"\s"))
_JOINERS = "\u200d\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def split(text: str, room: int, length: Callable[[str], int] = len) -> list[str]:
    """The parts of a text, each at most `room` by `length`: at a paragraph, a line, a sentence, a word, or in need anywhere.

    `length` must not shrink when a text grows. Raises ValueError where `room` is less than 1.
    """
    if room < 1:
        raise ValueError(f"room must be at least 1, got {room}")
    parts, rest = [], text.strip()
    while length(rest) > room:
        end = _longest(rest, room, length)
        end = _pause(rest, end)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts


def _longest(text: str, room: int, length: Callable[[str], int]) -> int:
    """How many characters of the text still fit; at least one."""
    low, high = 1, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= room else (low, middle - 1)
    return low


def _pause(text: str, end: int) -> int:
    """The best place to cut at or before `end`: the greatest pause in the last two thirds, else between two graphemes."""
    for pause in _PAUSES:
        found = [m.start() for m in pause.finditer(text, end // 3, min(end + 1, len(text)))]
        if found and found[-1] > 0:
            return found[-1]
    whole = end
    while whole > 1 and _joined(text, whole):
        whole -= 1
    return whole if whole > 1 else end


def _joined(text: str, at: int) -> bool:
    """Whether the characters on both sides of a place are one sign for the eye."""
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after) or after in _JOINERS or before == "\u200d":
        return True
    flags = [i for i in range(max(0, at - 20), at) if "\U0001f1e6" <= text[i] <= "\U0001f1ff"]
    return bool(flags) and "\U0001f1e6" <= after <= "\U0001f1ff" and flags[-1] == at - 1 and len(flags) % 2 == 1
