"""Claims: what a text says that can be compared, and where a draft says otherwise than we did before.

Compared are amounts, shares, days, hours and yes against no, where both sentences are about the same nouns. Words are compared,
not understood: what is said in other words, or in the other language, is not found.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from rapport.model.statement import Claim
from rapport.replies.rules import Hit, Told
from rapport.replies.sentences import folded, nouns, sentences
from rapport.replies.values import values

MOST = 40  # claims of a text
MOST_QUOTED = 120
ALIKE = 0.5  # share of the nouns of the shorter sentence that both must have
YES_NO_ALIKE = 0.75  # for yes against no, where nothing but a small word differs
COMPARED = ("amount", "share", "date", "hour")
_NO = re.compile(r"(?<!\w)(?:not|no|never|cannot|can't|don't|doesn't|isn't|aren't|won't|nunca|ni|sin|tampoco|without)(?!\w)")
_ASKS = re.compile(r"\?\s*$")
_PLACE = re.compile(r"(until|till|hasta|to|a)\s(?:las\s)?$|(from|desde|de)\s(?:las\s)?$")


def claims_of(text: str, today: date) -> tuple[Claim, ...]:
    """What a text claims; `today`: what `tomorrow` in it counts from. Questions claim nothing."""
    found: list[Claim] = []
    for at, said in sentences(text):
        if _ASKS.search(said) or len(found) >= MOST:
            continue
        plain = folded(said)
        quote = " ".join(said.split())[:MOST_QUOTED]
        named = [one for one in values(plain, today, is_folded=True) if one.kind in COMPARED]
        bare = plain
        for one in named:
            bare = bare[: one.start] + " " * (one.end - one.start) + bare[one.end :]
        about = " ".join(nouns(bare))
        if not about:
            continue
        for one in named:
            kind = f"hour {_role(plain, one.start)}".strip() if one.kind == "hour" else one.kind
            found.append(Claim(kind, about, one.value, quote, at + one.start, at + one.end))
        if not named and len(about.split()) >= 2:
            value = "no" if _NO.search(plain) else "yes"
            found.append(Claim("yes-no", about, value, quote, at, at + len(said.rstrip())))
    return tuple(found[:MOST])


def _role(plain: str, start: int) -> str:
    """Whether an hour is an end (`until`) or a beginning (`from`); "" where nothing says."""
    before = _PLACE.search(plain[max(0, start - 10) : start])
    word = plain[start : start + 8]
    if word.startswith(("until", "till", "hasta")):
        return "until"
    if word.startswith(("from", "desde")):
        return "from"
    return ("until" if before[1] else "from") if before else ""


def contradictions(text: str, today: date, told: Iterable[Told]) -> Iterator[Hit]:
    """Where a draft says otherwise than we did, each with what we said and when; the latest first, one for each place."""
    mine = claims_of(text, today)
    told = sorted(told, key=lambda one: one.on, reverse=True)
    seen: set[tuple[int, int]] = set()
    for claim in mine:
        theirs = {c.value for c in mine if c.kind == claim.kind and _alike(c, claim)}
        for before in told:
            other = next((c for c in before.claims if _differs(claim, c, theirs)), None)
            if other is not None and (claim.start, claim.end) not in seen:
                seen.add((claim.start, claim.end))
                yield Hit("contradiction", claim.start, claim.end, _says(before, other.quote), about=other.quote)


def _says(before: Told, quote: str) -> str:
    day = before.on.isoformat()
    return f"On {day} we said in public: “{quote}”" if before.is_public else f"On {day} we said to them: “{quote}”"


def _differs(mine: Claim, other: Claim, values_now: set[str]) -> bool:
    return mine.kind == other.kind and other.value not in values_now and _alike(mine, other)


def _alike(one: Claim, other: Claim) -> bool:
    a, b = set(one.about.split()), set(other.about.split())
    needed = YES_NO_ALIKE if one.kind == "yes-no" else ALIKE
    return len(a & b) / max(1, min(len(a), len(b)) if one.kind != "yes-no" else max(len(a), len(b))) >= needed
