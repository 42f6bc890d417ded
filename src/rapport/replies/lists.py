"""The lists of `words/`, read once and made ready to look with."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from rapport.replies.sentences import any_of


@cache
def table(name: str) -> dict[str, dict[str, list[str]]]:
    """A list by its file's name."""
    found: dict[str, dict[str, list[str]]] = tomllib.loads((files("rapport.replies") / "words" / f"{name}.toml").read_text())
    return found


@cache
def pairs() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the same is called in both languages, a line for each meaning; and the meanings that say little alone."""
    found: dict[str, list[str]] = tomllib.loads((files("rapport.replies") / "words" / "pairs.toml").read_text())
    return tuple(found["pairs"]), tuple(found["weak"])


@cache
def finder(name: str, part: str) -> re.Pattern[str]:
    """What finds the phrases of one part of a list, of every language, in a folded text."""
    return any_of(phrase for phrases in table(name)[part].values() for phrase in phrases)


@cache
def askers() -> dict[str, re.Pattern[str]]:
    """What finds the words of each kind that a reply can ask for, in a folded text."""
    return {kind: any_of(phrases) for kind, phrases in table("asking")["kinds"].items()}


@cache
def asking_verbs() -> re.Pattern[str]:
    """What finds a request that has no question mark."""
    return any_of(table("asking")["verbs"])
