"""Names of people compared: spelling, short forms, which of two names are common; Spanish, Portuguese and English."""

import re
import unicodedata
from functools import lru_cache

# Short forms that stand for the whole name.
SHORT = {
    "pepe": "jose", "paco": "francisco", "pancho": "francisco", "lupe": "guadalupe", "lupita": "guadalupe", "nacho": "ignacio",
    "beto": "alberto", "memo": "guillermo", "chema": "josemaria", "lalo": "eduardo", "tono": "antonio", "toni": "antonio",
    "quique": "enrique", "kike": "enrique", "concha": "concepcion", "lola": "dolores", "maite": "mariateresa", "ze": "jose",
    "alex": "alejandro", "ale": "alejandra", "rafa": "rafael", "dani": "daniel", "fer": "fernanda", "chico": "francisco",
    "bob": "robert", "rob": "robert", "bill": "william", "will": "william", "liz": "elizabeth", "beth": "elizabeth",
    "kate": "katherine", "mike": "michael", "dave": "david", "jim": "james", "tom": "thomas", "tony": "anthony",
}  # fmt: skip
# Names that so many bear that to share one says little.
_COMMON_WORDS = """
garcia hernandez martinez lopez gonzalez rodriguez perez sanchez ramirez cruz flores gomez silva santos oliveira souza
smith johnson williams brown jones maria jose juan ana luis carlos joao john mary
"""
COMMON = frozenset(_COMMON_WORDS.split())
PARTICLES = frozenset({"de", "la", "las", "los", "del", "da", "do", "dos", "das", "y", "e", "van", "von"})
LEAST_TYPED = 4  # letters of a word in which one typing error is let pass
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(20_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name: small letters, no accents, short forms in full; none where it is an address or a number."""
    if "@" in name or any(char.isdigit() for char in name):
        return ()
    plain = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
    return tuple(SHORT.get(word, word) for word in _WORD.findall(plain) if word not in PARTICLES)


def is_near(one: str, other: str) -> bool:
    """Whether two words differ by one letter that was added, left out, changed or swapped with its neighbour, at most."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < LEAST_TYPED:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if len(one) == len(other):
        swapped = one[at : at + 2] == other[at : at + 2][::-1]
        return one[at + 1 :] == other[at + 1 :] or (swapped and one[at + 2 :] == other[at + 2 :])
    short, long = sorted((one, other), key=len)
    return short[at:] == long[at + 1 :]


def agreement(one: str, other: str) -> str:
    """How two names agree: `same`, `near`, `part`, `family` (all but the first word), `differ`; "": nothing is known."""
    a, b = words_of(one), words_of(other)
    if not a or not b:
        return ""
    if set(a) == set(b):
        return "same" if len(set(a)) > 1 else "part"
    if not _fits(a[0], b[0]):
        crossed = len(a) > 1 and len(b) > 1 and _fits(a[0], b[-1]) and _fits(a[-1], b[0])
        return "near" if crossed else "family" if _matched(a[1:], b[1:]) else "differ"
    if len(a) == 1 or len(b) == 1:
        return "part"
    matched = _matched(a[1:], b[1:])
    if not matched:
        return "differ"
    return "near" if matched == min(len(a), len(b)) - 1 else "part"


def is_common(name: str) -> bool:
    """Whether all its words are names that many bear."""
    return set(words_of(name)) <= COMMON


def _fits(one: str, other: str) -> bool:
    """Whether two words may be one: nearly the same, or an initial."""
    return is_near(one, other) or (min(len(one), len(other)) == 1 and one[0] == other[0])


def _matched(some: tuple[str, ...], others: tuple[str, ...]) -> int:
    left = list(others)
    for word in some:
        found = next((other for other in left if _fits(word, other)), None)
        if found is not None:
            left.remove(found)
    return len(others) - len(left)
