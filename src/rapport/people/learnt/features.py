"""What a person did and said, as the features that a rule can be made of; pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rapport.people.lexicon import plain

LONGEST_VALUE = 40  # letters of a value that a rule may ask for
SHORTEST_WORD, LONGEST_WORD = 4, 24
MESSAGE = "message"  # what a rule of words is of, in place of a kind of event
_WORD = re.compile(r"[^\W\d_]+")


class Feature(msgspec.Struct, frozen=True, order=True):
    """An event of a kind, one whose `key` says `value`, or (`event` is `message`) a word of theirs."""

    event: str
    key: str = ""
    value: str = ""
    word: str = ""


def of_event(kind: str, data: Mapping[str, Any]) -> set[Feature]:  # Any: plain JSON
    """What an event says: that it was, and each short value of its data."""
    found = {Feature(kind)}
    for key, value in data.items():
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, bool):
                found.add(Feature(kind, key, "true" if one else "false"))
            elif isinstance(one, str) and 0 < len(one) <= LONGEST_VALUE and "@" not in one:
                found.add(Feature(kind, key, plain(one)))
    return found


def of_text(text: str) -> set[Feature]:
    """The words of a message."""
    return {Feature(MESSAGE, word=word) for word in words_of(text) if SHORTEST_WORD <= len(word) <= LONGEST_WORD}


def words_of(text: str) -> set[str]:
    """The words of a text: small letters, no accents."""
    return set(_WORD.findall(plain(text)))


def together(parts: Iterable[set[Feature]]) -> frozenset[Feature]:
    """Everything that a person did and said, each once."""
    return frozenset[Feature]().union(*parts)
