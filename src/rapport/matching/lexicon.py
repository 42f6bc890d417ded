"""What a skill or an interest, by its name, has to do with a word: 1 for its own word, less for one that only hints at it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from rapport.matching.stems import stem, stems_in, words_in
from rapport.matching.themes import SAYS_NOTHING, THEMES

OWN = 1.0  # the name itself, in any form
SPOKEN = 0.9  # a word by which people speak of it
PART = 0.6  # one of several words of the name
HINT = 0.4  # a word that speaks of it among other things

_PLAIN_PARTS = frozenset(stem(word) for word in SAYS_NOTHING.split(", "))
# The skill `it` is no pronoun: names that are everyday words are matched by their theme alone.
_EVERYDAY = frozenset({"it", "red", "pr", "hr", "us"})


def _theme_index() -> tuple[dict[str, list[int]], tuple[dict[str, float], ...]]:
    names: dict[str, list[int]] = {}
    words: list[dict[str, float]] = []
    for place, (called, spoken, hints) in enumerate(THEMES):
        for name in called.split(", "):
            names.setdefault(_key(name), []).append(place)
        strengths = {stem(word): HINT for word in hints.split(", ")}
        strengths |= {stem(word): SPOKEN for word in spoken.split(", ")}
        words.append(strengths)
    return names, tuple(words)


def _key(name: str) -> str:
    return "-".join(stem(word) for word in words_in(name))


_NAMES, _WORDS = _theme_index()


@lru_cache(maxsize=4096)
def words_of(name: str) -> Mapping[str, float]:
    """The stems that speak of a skill or interest of this name, each with how strongly, in (0, 1]."""
    parts = [word for word in words_in(name) if len(word) > 1]
    telling = [stem(word) for word in parts if stem(word) not in _PLAIN_PARTS] or [stem(word) for word in parts]
    found: dict[str, float] = {}
    whole = stem("".join(parts))
    themes = (
        _NAMES.get(_key(name)) or _NAMES.get(whole) or sorted({theme for part in telling for theme in _NAMES.get(part, [])})
    )
    for theme in themes:
        for word, strength in _WORDS[theme].items():
            found[word] = max(strength, found.get(word, 0.0))
    for part, word in zip(telling, [word for word in parts if stem(word) in telling], strict=False):
        if word not in _EVERYDAY:
            found[part] = max(OWN if len(telling) == 1 else PART, found.get(part, 0.0))
    if whole not in _EVERYDAY:
        found[whole] = OWN
    return MappingProxyType(found)


def relate(names: Iterable[str]) -> dict[str, tuple[tuple[int, float], ...]]:
    """For every stem that speaks of any of `names`: which of them, by position, and how strongly."""
    found: dict[str, list[tuple[int, float]]] = {}
    for place, name in enumerate(names):
        for word, strength in words_of(name).items():
            found.setdefault(word, []).append((place, strength))
    return {word: tuple(places) for word, places in found.items()}


@lru_cache(maxsize=4096)
def intent_stems(intent: str) -> tuple[str, ...]:
    """The stems that an intent's name, such as `wifi_problem` or `billing.dispute`, gives as evidence of skills."""
    return tuple(part for part in stems_in(intent) if part not in _PLAIN_PARTS)


def is_telling(word: str) -> bool:
    """Whether a stem says anything of what somebody is good at."""
    return word not in _PLAIN_PARTS and len(word) > 1
