"""Claims: what a text says that can be compared, and where a draft says otherwise than we did before.

Compared are amounts, shares, days, hours, lengths of time and yes against no, where both sentences are about the same nouns, in
Spanish and English alike. Words are compared, not understood: what is said in words that are on no list of ours is not found.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from rapport.model.statement import Claim
from rapport.replies.both_languages import lengths_agree, may_agree, speaks_alike
from rapport.replies.lengths import lengths
from rapport.replies.rules import Hit, Told
from rapport.replies.sentences import folded, nouns, sentences
from rapport.replies.values import Found, values

MOST = 40  # claims of a text
MOST_QUOTED = 120
ALIKE = 0.5  # share of the nouns of the shorter sentence that both must have
YES_NO_ALIKE = 0.75  # for yes against no, where nothing but a small word differs
COMPARED = ("amount", "share", "date", "hour")
_NO = re.compile(r"(?<!\w)(?:not|no|never|cannot|\w{2,6}n['’]t|nunca|ni|sin|tampoco|without)(?!\w)")
_POLITE = re.compile(r"(?<!\w)(?:no problem|no worries|sin problema|no se preocupe|no te preocupes|no doubt|sin duda)(?!\w)")
_ASKS = re.compile(r"\?\s*$")
_PLACE = re.compile(r"(?<!\w)(until|till|hasta|to|a)\s(?:las\s)?$|(?<!\w)(from|desde|de)\s(?:las\s)?$")


def claims_of(text: str, today: date) -> tuple[Claim, ...]:
    """What a text claims; `today`: what `tomorrow` in it counts from. Questions claim nothing."""
    found: list[Claim] = []
    for at, said in sentences(text):
        if _ASKS.search(said) or len(found) >= MOST:
            continue
        plain = folded(said)
        quote = " ".join(said.split())[:MOST_QUOTED]
        named = [one for one in values(plain, today, is_folded=True) if one.kind in COMPARED]
        named += [Found("length", one.value, one.start, one.end) for one in lengths(plain)]
        bare = plain
        for one in named:
            bare = bare[: one.start] + " " * (one.end - one.start) + bare[one.end :]
        about = " ".join(nouns(bare))
        if not about:
            continue
        for one in named:
            kind = f"hour {_role(plain, one.start)}".strip() if one.kind == "hour" else one.kind
            value = one.value.replace("24:", "00:", 1) if one.kind == "hour" else one.value  # midnight has two names
            found.append(Claim(kind, about, value, quote, at + one.start, at + one.end))
        if not named and len(about.split()) >= 2:
            value = "no" if _NO.search(_POLITE.sub(" ", plain)) else "yes"
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
        theirs = [c.value for c in mine if c.kind == claim.kind and _alike(c, claim)]
        for before in told:
            other = next((c for c in before.claims if _differs(claim, c, theirs)), None)
            if other is not None and (claim.start, claim.end) not in seen:
                seen.add((claim.start, claim.end))
                yield Hit("contradiction", claim.start, claim.end, _says(before, other.quote), about=other.quote)


def _says(before: Told, quote: str) -> str:
    day = before.on.isoformat()
    return f"On {day} we said in public: “{quote}”" if before.is_public else f"On {day} we said to them: “{quote}”"


def _differs(mine: Claim, other: Claim, values_now: list[str]) -> bool:
    if mine.kind != other.kind or other.value in values_now:
        return False
    if mine.kind == "length" and any(lengths_agree(value, other.value) for value in values_now):
        return False
    if _alike(mine, other):
        return True
    return not any(may_agree(mine.kind, value, other.value) for value in values_now) and speaks_alike(mine, other)


def _alike(one: Claim, other: Claim) -> bool:
    a, b = set(one.about.split()), set(other.about.split())
    needed = YES_NO_ALIKE if one.kind == "yes-no" else ALIKE
    return len(a & b) / max(1, min(len(a), len(b)) if one.kind != "yes-no" else max(len(a), len(b))) >= needed
