"""The same said in Spanish and in English: what words mean in both, and values that are the same although written otherwise.

A list of pairs, not a translator: what is not on it is not compared across the languages.
"""

import re
from functools import cache

from rapport.model.statement import Claim
from rapport.replies.lists import pairs
from rapport.replies.sentences import folded, stem

ALIKE = 0.5  # share of the words of the shorter sentence that both must have
YES_NO_ALIKE = 0.75  # of the longer one, for yes against no
FEWEST = 2  # words that yes against no must share
HALF_A_DAY = 12 * 60
UNLESS = re.compile(r"(?<!\w)(?:except|unless|only|excepto|salvo|menos que|solo|solamente|unicamente|a no ser)(?!\w)")


@cache
def _meanings() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """What each stem may mean, by its first English word; and the meanings that say little alone."""
    found: dict[str, tuple[str, ...]] = {}
    listed, weak = pairs()
    for line in listed:
        english, _, spanish = line.partition(" | ")
        name = english.split(", ")[0]
        for word in (*english.split(", "), *spanish.split(", ")):
            for key in {stem(word), stem(f"{word}s")}:  # a short word keeps the end of its plural
                if name not in found.get(key, ()):
                    found[key] = (*found.get(key, ()), name)
    return found, frozenset(weak)


def speaks_alike(one: Claim, other: Claim) -> bool:
    """Whether two claims speak of the same things, in whichever of the two languages each is written."""
    known, weak = _meanings()
    a, b = one.about.split(), other.about.split()
    shared = [word for word in a if any(_means_same(word, said, known) for said in b)]
    strong = [word for word in shared if not set(known.get(word, (word,))) <= weak]
    if one.kind == "yes-no":
        enough = len(shared) >= FEWEST and len(shared) / max(1, len(a), len(b)) >= YES_NO_ALIKE
        return bool(strong) and enough and not _is_conditional(one, other)
    return bool(strong) and len(shared) / max(1, min(len(a), len(b))) >= ALIKE


def _means_same(one: str, other: str, known: dict[str, tuple[str, ...]]) -> bool:
    return one == other or bool(set(known.get(one, ())) & set(known.get(other, ())))


def _is_conditional(*claims: Claim) -> bool:
    """Whether one of them holds in some cases alone: then a yes is no answer to a no."""
    return any(UNLESS.search(folded(claim.quote)) for claim in claims)


def may_agree(kind: str, one: str, other: str) -> bool:
    """Whether two values of a kind may be the same although they are written otherwise; across languages doubt says yes."""
    if one == other:
        return True
    if kind == "amount":
        return one.split()[1] != other.split()[1]
    if kind == "date":
        day, month = other.split("-")
        return one == f"{month}-{day}"
    if kind.startswith("hour"):
        return abs(_minutes(one) - _minutes(other)) == HALF_A_DAY
    if kind == "length":
        return lengths_agree(one, other)
    return False


def lengths_agree(one: str, other: str) -> bool:
    """Whether two lengths of time may be the same: of another kind, or one within the other (`3-5 day` and `4 day`)."""
    (span, unit), (theirs, named) = one.split(), other.split()
    if unit != named:
        return True
    low, _, high = span.partition("-")
    least, _, most = theirs.partition("-")
    return float(low) <= float(most or least) and float(least) <= float(high or low)


def _minutes(hour: str) -> int:
    return int(hour[:2]) * 60 + int(hour[3:])
