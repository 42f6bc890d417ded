"""Check digits that more than one part of the house looks at: Luhn's of payment cards, and 97's of bank accounts.

Sources: ISO/IEC 7812-1 annex B (Luhn), ISO 13616 and ISO/IEC 7064 (mod 97-10).
"""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # the sum of the digits of twice as much


def luhn_parts(digits: str, doubled: int) -> list[int]:
    """What each digit adds in Luhn's sum where those at even (0) or odd (1) places, from the left, are doubled."""
    plain = [int(digit) for digit in digits]
    plain[doubled::2] = [_DOUBLED[digit] for digit in plain[doubled::2]]
    return plain


def passes_luhn(digits: str) -> bool:
    """Whether ten divides Luhn's sum: every second digit is doubled, from the last but one."""
    return sum(luhn_parts(digits, len(digits) % 2)) % 10 == 0


def passes_97(account: str) -> bool:
    """Whether an account number, country and check digits first, leaves 1 divided by 97. Plain letters and digits."""
    return int("".join([str(int(sign, 36)) for sign in account[4:] + account[:4]])) % 97 == 1
