"""Payment cards: their numbers are covered before anything is written, all but the last four digits.

A number counts as a card's where its length and first digits are those of a scheme (ISO/IEC 7812; Visa, Mastercard, American
Express, Discover, JCB, Diners, UnionPay, Maestro) and Luhn's check holds. Order numbers of other lengths stay as they are.
People write a card in groups and put other numbers beside it (`4111 1111 1111 1111 12/27`): every row of whole groups that
has a card's length is tried, the longest first. An account number that proves itself (IBAN, ISO 13616) stays.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from rapport.ledger.cleaning import clean
from rapport.model.check_digits import luhn_parts, passes_97

COVERED = "[card ••"
SHORTEST, LONGEST = 13, 19  # digits of a card
_GAP = r"[ .\-\xa0\u2007\u2009\u2011\u2013\u202f]"
_ENOUGH = re.compile(rf"\d(?:{_GAP}{{0,3}}\d){{{SHORTEST - 1}}}")
_GROUP = re.compile(r"\d+")
_RUN = re.compile(rf"(?<![\d+])\d{{1,{LONGEST}}}(?!\d)(?:{_GAP}{{1,3}}\d{{1,{LONGEST}}}(?!\d))*")
_SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}|(?:50|5[6-9]|6[37])\d{14}"
)


def kept(text: str) -> str:
    """What people wrote as it may be written down: cards covered, and what PostgreSQL can hold."""
    return covered(clean(text))


def covered(text: str) -> str:
    """The text with each card's number as `[card ••1111]`."""
    if _ENOUGH.search(text) is None:  # most texts end here
        return text
    return _RUN.sub(_cover, text)


def _cover(found: re.Match[str]) -> str:
    run, before = found[0], found.string[max(0, found.start() - 2) : found.start()]
    groups = list(_GROUP.finditer(run))
    digits = "".join(group[0] for group in groups)
    if len(digits) < SHORTEST or _is_account(before, digits):
        return run
    said, at = [], 0
    edges = [0, *accumulate(len(group[0]) for group in groups)]
    for first, last in _cards(digits, edges):
        said += [run[at : groups[first].start()], f"{COVERED}{digits[edges[last] - 4 : edges[last]]}]"]
        at = groups[last - 1].end()
    return "".join((*said, run[at:]))


def _cards(digits: str, edges: Sequence[int]) -> list[tuple[int, int]]:
    """Cards among groups of digits: the first group of each, and the one after its last. `edges`: 0, and where groups end."""
    sums = [list(accumulate(luhn_parts(digits, doubled), initial=0)) for doubled in (0, 1)]
    found = []
    for first, start in enumerate(edges[:-1]):
        if digits[start] not in "23456":
            continue
        for last in range(bisect_left(edges, start + SHORTEST), bisect_left(edges, start + LONGEST + 1)):
            end = edges[last]
            check = sums[end % 2]  # Luhn: every second digit is doubled, from the last but one
            if (check[end] - check[start]) % 10 == 0 and _is_card(digits[start:end]):
                found.append((start - end, first, last))
    taken: set[int] = set()
    chosen = []
    for _, first, last in sorted(found):
        if taken.isdisjoint(range(first, last)):
            taken.update(range(first, last))
            chosen.append((first, last))
    return sorted(chosen)


def _is_card(digits: str) -> bool:
    """Whether digits that pass Luhn's check are a scheme's; no card has one digit only."""
    return _SCHEMES.fullmatch(digits) is not None and len(set(digits)) > 1


def _is_account(before: str, digits: str) -> bool:
    """Whether digits, after the two letters of a country, are an account's number: 97 divides it with 1 left over."""
    if not (before.isascii() and before.isalpha() and len(before) == 2 and 15 <= len(digits) <= 34):
        return False
    return passes_97(before + digits)
