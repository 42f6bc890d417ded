"""Finding pieces of the centre: what a piece is called, and those that say a word."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from rapport.model.centre import Thing
from rapport.model.playbook import said_in
from rapport.replies.sentences import folded


def title_of(body: bytes, language: str) -> str:
    """What a piece is called in a language; "" where its body gives it no name."""
    said = msgspec.json.decode(body)
    found = said.get("name") or said.get("title") or ""
    return found if isinstance(found, str) else said_in(found, language)


def _said(value: Any) -> Iterator[str]:  # Any: as a piece says it
    """Every text that a piece says, and the name of each number, such as a skill."""
    match value:
        case str():
            yield value
        case list():
            for one in value:
                yield from _said(one)
        case dict():
            for name, one in value.items():
                yield from (name,) if isinstance(one, int | float) and not isinstance(one, bool) else _said(one)


def found_by(things: Sequence[Thing], words: str) -> list[Thing]:
    """The pieces whose name or any of what they say has every one of the words, accents aside."""
    wanted = folded(words).split()
    if not wanted:
        return list(things)
    said = {one.id: folded(" ".join((one.id.partition("/")[2], *_said(msgspec.json.decode(one.body))))) for one in things}
    return [one for one in things if all(word in said[one.id] for word in wanted)]
