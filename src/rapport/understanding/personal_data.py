"""Personal data in a text: cards, accounts, mail addresses, telephones, identity numbers of Spain, Mexico and the USA.

Greedy on purpose: what is found is kept from the public, and a false find costs little. What has a check digit must pass it.
Every pattern is bounded, so a megabyte of digits takes no longer than a megabyte of words. Sources: ISO/IEC 7812 (Luhn),
ISO 13616 (IBAN, mod 97), Orden INT/2058/2008 (DNI, NIE letter), Orden EHA/451/2008 (CIF), Banxico (CLABE), RENAPO (CURP),
SAT (RFC), SSA (numbers that are never given out).
"""

import re
from collections.abc import Iterator

import msgspec

from rapport.model.check_digits import passes_97, passes_luhn


class Found(msgspec.Struct, frozen=True):
    """Where personal data stands in a text: `text[start:end]`."""

    kind: str  # card, iban, clabe, email, phone, dni, nie, cif, curp, rfc, ssn, ip
    start: int
    end: int


_CARD = re.compile(r"(?<![\d+])\d(?:[ \-.]?\d){11,18}(?!\d)")
_COVERED = re.compile(r"\[card ••\d{4}\]")  # as it was covered when it came in: still somebody's card
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]{4}){2,7}(?:[ \-]?[A-Z0-9]{1,4})?\b", re.I)
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_AT = re.compile(r"\w@\w")  # a mention has nothing before it
_CLABE = re.compile(r"(?<![\d+])\d{3}[ \-]?\d{3}[ \-]?\d{11}[ \-]?\d(?!\d)")
_CIF = re.compile(r"(?<!\w)[ABCDEFGHJNPQRSUVW][ \-]?\d{7}[ \-]?[0-9A-J](?!\w)", re.I)
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_DNI = re.compile(r"\b([XYZ]?)[ \-]?(\d{7,8}|\d{1,2}\.\d{3}\.\d{3})[ \-]?([A-Z])\b", re.I)
_CURP = re.compile(r"\b[A-Z][AEIOUX][A-Z]{2}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[HMX][A-Z]{5}[A-Z\d]\d\b", re.I)
_RFC = re.compile(r"(?<![\w&])[A-ZÑ&]{3,4}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[A-Z\d]{2}[A\d](?!\w)", re.I)
_PHONE = re.compile(
    r"(?<![\w.,$€/#-])(?:\+|00)?\(?\d{1,4}\)?(?:[ .\-/]{0,2}\(?\d{2,6}+\)?+){1,6}+"
    r"(?: ?(?:x|ext\.?|extensi[oó]n) ?\d{1,6})?(?!\w)"
)

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_RUN = re.compile(r"\d(?:[ .\-/()]{0,3}\d){5,}")
_NOT_DIGITS = re.compile(r"\D")
_DATE = re.compile(
    r"(?:(?:19|20)\d\d[-./ ][01]?\d[-./ ][0-3]?\d|[0-3]?\d[-./ ][0-3]?\d[-./ ](?:19|20)\d\d)(?: [0-2]?\d)?"
    r"|(?:19|20)\d\d[-–](?:19|20)\d\d"
)
_IP = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")


def find(text: str) -> list[Found]:
    """The personal data in `text`, in order; no two overlap, the surer kind wins."""
    if "@" not in text and "••" not in text and not _may_hold_numbers(text):
        return []  # most messages end here
    taken: list[Found] = []
    for found in _candidates(text):
        if not any(found.start < other.end and other.start < found.end for other in taken[-64:]):
            taken.append(found)
    return sorted(_apart(taken), key=lambda found: found.start)


def mask(text: str) -> str:
    """The text with each find replaced by its kind: `[card]`."""
    parts: list[str] = []
    at = 0
    for found in find(text):
        parts += [text[at : found.start], f"[{found.kind}]"]
        at = found.end
    return "".join([*parts, text[at:]])


def kinds(text: str) -> tuple[str, ...]:
    """The kinds that are found in `text`, in the order of the alphabet."""
    return tuple(sorted({found.kind for found in find(text)}))


def _may_hold_numbers(text: str) -> bool:
    """Whether seven digits stand together, or six after letters: what every kind but the e-mail address has."""
    if _RUN.search(text) is None:
        return False
    return any(len(run[0]) > 6 or text[max(0, run.start() - 3) : run.start()].isalpha() for run in _RUN.finditer(text))


def _candidates(text: str) -> Iterator[Found]:
    """Everything that could be, the surest kinds first."""
    yield from (Found("card", m.start(), m.end()) for m in _COVERED.finditer(text))
    if _AT.search(text):
        yield from (Found("email", m.start(), m.end()) for m in _EMAIL.finditer(text))
    if not _may_hold_numbers(text):
        return
    yield from (Found("iban", m.start(), m.end()) for m in _IBAN.finditer(text) if is_iban(m[0]))
    yield from (Found("curp", m.start(), m.end()) for m in _CURP.finditer(text))
    yield from (Found("rfc", m.start(), m.end()) for m in _RFC.finditer(text))
    yield from (Found("ssn", m.start(), m.end()) for m in _SSN.finditer(text))
    yield from (Found("clabe", m.start(), m.end()) for m in _CLABE.finditer(text) if is_clabe(m[0]))
    yield from (Found("cif", m.start(), m.end()) for m in _CIF.finditer(text) if is_cif(m[0]))
    yield from (Found("card", m.start(), m.end()) for m in _CARD.finditer(text) if is_card(m[0]))
    yield from (Found("ip", m.start(), m.end()) for m in _IP.finditer(text))
    for m in _DNI.finditer(text):
        if is_dni(m[0]):
            yield Found("nie" if m[1] else "dni", m.start(), m.end())
    yield from (Found("phone", m.start(), m.end()) for m in _PHONE.finditer(text) if is_phone(m[0]))


def _apart(found: list[Found]) -> list[Found]:
    """Only what overlaps nothing before it, by kind."""
    order = {id(one): place for place, one in enumerate(found)}
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start, order[id(f)])):
        if kept and one.start < kept[-1].end:
            if order[id(one)] < order[id(kept[-1])]:
                kept[-1] = one
            continue
        kept.append(one)
    return kept


def is_card(text: str) -> bool:
    """Whether the digits are 12 to 19, pass Luhn's check and are not all the same."""
    digits = _NOT_DIGITS.sub("", text)
    return 12 <= len(digits) <= 19 and len(set(digits)) > 1 and passes_luhn(digits)


def is_iban(text: str) -> bool:
    """Whether the international bank account number passes its check: remainder 1 modulo 97."""
    plain = text.replace(" ", "").replace("-", "").upper()
    return 15 <= len(plain) <= 34 and plain.isascii() and passes_97(plain)


def is_clabe(text: str) -> bool:
    """Whether the 18 digits of a Mexican bank account end in their check digit: weights 3, 7, 1, each product modulo 10."""
    digits = [int(d) for d in _NOT_DIGITS.sub("", text)]
    weighed = sum(d * (3, 7, 1)[place % 3] % 10 for place, d in enumerate(digits[:17]))
    return len(digits) == 18 and len(set(digits)) > 1 and (10 - weighed % 10) % 10 == digits[17]


def is_cif(text: str) -> bool:
    """Whether a Spanish company's number ends in its check digit or letter (Orden EHA/451/2008)."""
    plain = re.sub(r"[ \-]", "", text).upper()
    digits = [int(d) for d in plain[1:8]]
    total = sum(digits[1::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[::2])
    check = (10 - total % 10) % 10
    return plain[8] in (str(check), "JABCDEFGHI"[check])


def is_dni(text: str) -> bool:
    """Whether the letter of a Spanish identity number (DNI, or NIE with X, Y or Z before it) is its own."""
    plain = text.replace(" ", "").replace("-", "").replace(".", "").upper()
    number, letter = plain[:-1], plain[-1:]
    if number[:1] in ("X", "Y", "Z"):
        number = str("XYZ".index(number[0])) + number[1:]
    return number.isascii() and number.isdigit() and len(number) == 8 and _DNI_LETTERS[int(number) % 23] == letter


def is_phone(text: str) -> bool:
    """Whether it looks like a telephone number of anywhere, written as people do, and not like a date or an amount."""
    bare = re.split(r"[xe]", text, maxsplit=1)[0]
    digits = _NOT_DIGITS.sub("", bare)
    if _DATE.fullmatch(bare.strip()):
        return False
    if text.startswith(("+", "00")):
        return 8 <= len(digits) <= 17
    if len(digits) == 9:
        return digits[0] in "6789" or bare != digits
    if bare == digits:
        return (len(digits) == 10 and digits[0] != "1") or (len(digits) == 11 and digits[0] in "01")
    return 7 <= len(digits) <= 13
