"""Promises: sentences that bind the house, with an amount, a share or a day, or with the word itself.

What a playbook, a saved reply or a policy says may be promised; so may a refund up to the policy's limit.
"""

from collections.abc import Iterator
from datetime import date

from rapport.replies.lists import finder
from rapport.replies.rules import WARN, Hit
from rapport.replies.sentences import folded, sentences
from rapport.replies.values import Found, values

ANY_DAY = date(2000, 1, 3)  # a promise is one whichever day it names


def look(text: str, allowed: tuple[str, ...], refund_limit: float) -> Iterator[Hit]:
    """Each promise that nothing allows."""
    house = folded("\n".join(allowed)[:20_000])
    known = {found.value for found in values(house, ANY_DAY, is_folded=True)}
    phrases = {" ".join(folded(phrase).split()) for phrase in allowed if len(phrase) < 200}
    for at, said in sentences(text):
        plain = folded(said)
        if any(phrase and phrase in plain for phrase in phrases):
            continue
        for match in finder("promise", "sure").finditer(plain):
            words = said[match.start() : match.end()]
            yield Hit("promise", at + match.start(), at + match.end(), f"“{words}” binds the house.")
        is_refund = bool(finder("promise", "refund").search(plain))
        if is_refund or finder("promise", "will").search(plain):
            for found in values(plain, ANY_DAY, is_folded=True):
                yield from _of(found, said, at, known, refund_limit if is_refund else 0.0, is_refund)


def _of(found: Found, said: str, at: int, known: set[str], limit: float, is_refund: bool) -> Iterator[Hit]:
    if found.value in known or found.kind == "hour":
        return
    words, start, end = said[found.start : found.end], at + found.start, at + found.end
    if found.kind == "amount" and is_refund:
        if not limit:
            yield Hit("promise", start, end, f"A refund of {words} is promised, and no policy allows it.")
        elif found.number > limit:
            yield Hit("promise", start, end, f"A refund of {words} is promised; the limit is {limit:g}.")
    elif found.kind in ("amount", "share"):
        yield Hit("promise", start, end, f"“{words}” is promised, and no playbook or policy allows it.")
    else:
        yield Hit("promise", start, end, f"“{words}” binds the house to a day.", WARN)
