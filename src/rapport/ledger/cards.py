"""Payment cards: their numbers are covered before anything is written, all but the last four digits.

A number counts as a card's where its length and first digits are those of a scheme (ISO/IEC 7812; Visa, Mastercard, American
Express, Discover, JCB, Diners, UnionPay, Maestro) and Luhn's check holds. Order numbers of other lengths stay as they are.
"""

import re

from rapport.ledger.cleaning import clean

COVERED = "[card ••"
_RUN = re.compile(r"(?<![\d+])\d(?:[ .\-]?\d){12,18}(?!\d)")
_SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17}|(?:50|5[6-9]|6[37])\d{14}"
)


def kept(text: str) -> str:
    """What people wrote as it may be written down: cards covered, and what PostgreSQL can hold."""
    return covered(clean(text))


def covered(text: str) -> str:
    """The text with each card's number as `[card ••1111]`."""
    if _RUN.search(text) is None:  # most texts end here
        return text
    return _RUN.sub(_cover, text)


def _cover(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return f"{COVERED}{digits[-4:]}]" if _SCHEMES.fullmatch(digits) and _passes(digits) else found[0]


def _passes(digits: str) -> bool:
    """Luhn's check; no card has one digit only."""
    doubled = [int(d) if place % 2 == 0 else sum(divmod(2 * int(d), 10)) for place, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 and len(set(digits)) > 1
