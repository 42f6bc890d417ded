"""Patterns that a centre writes: `/EMP-\\d{6}/` among banned words. RE2 runs them, whose work is linear in the text.

No pattern, however it is written, holds a reply up: RE2 knows no back-references and no look-around, and says so at once.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from rapport.errors import BadInput, SetupError

MOST_LETTERS = 500  # of a pattern
MOST_MEMORY = 1 << 20  # bytes that one may take when it is made ready


def pattern_in(word: str) -> str:
    """The pattern that a banned word is, without its slashes; "" where it is a plain word."""
    said = word.strip()
    return said[1:-1] if len(said) > 2 and said.startswith("/") and said.endswith("/") else ""


def check_banned(word: str) -> None:
    """Raise BadInput where a banned word is written as a pattern and is none."""
    if pattern := pattern_in(word):
        _ready(pattern)


def is_pattern(word: str) -> bool:
    """Whether a banned word is a pattern that can be looked for; any other is a plain word, slashes and all."""
    try:
        check_banned(word)
    except BadInput:
        return False
    return bool(pattern_in(word))


def found(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a pattern is in a text, capitals or not; never at nothing. What is no pattern is not found."""
    try:
        ready = _ready(pattern)
    except BadInput:
        return
    for match in ready.finditer(text):
        if match.start() < match.end():
            yield match.start(), match.end()


@lru_cache(maxsize=256)
def _ready(pattern: str) -> Any:  # Any: RE2 has no types
    try:
        import re2  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise SetupError("a pattern among banned words needs google-re2, which is not installed") from None
    if len(pattern) > MOST_LETTERS:
        raise BadInput(f"a pattern has at most {MOST_LETTERS} letters, got {len(pattern)}")
    options = re2.Options()
    options.log_errors, options.max_mem, options.case_sensitive = False, MOST_MEMORY, False
    try:
        ready = re2.compile(pattern, options)
    except re2.error as error:
        why = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadInput(f"/{pattern}/ is no pattern that RE2 knows: {why}") from None
    if ready.search("") is not None:
        raise BadInput(f"/{pattern}/ is found in an empty text, so everywhere")
    return ready
