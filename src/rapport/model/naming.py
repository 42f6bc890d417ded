"""Naming: what a handle, a telephone number or an address is found by, however it was written: one key for all its spellings.

Telephone rules: a mobile of Brazil has a ninth digit in front since 2016 (Anatel, resolution 553), one of Mexico had a 1 after
the country until 2019 (IFT, numbering plan of 3 August 2019), one of Argentina has a 9 there when it is called from abroad.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rapport.model.ids import derived_id

TELEPHONES = frozenset({"sms", "smstwilio", "voice", "whatsapp", "tel", "phone"})
SHORTEST = 8  # digits; less is no number that the world can call
DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_NO_DIGIT = re.compile(r"\D")


def phone_key(text: str) -> str:
    """Country and number in digits, without what a country's habits add; "" where it is no telephone number."""
    digits = _NO_DIGIT.sub("", text)
    digits = digits[2:] if digits.startswith("00") else digits
    if not SHORTEST <= len(digits) <= 15:
        return ""
    if len(digits) == 13 and digits.startswith("521"):
        return "52" + digits[3:]
    if len(digits) == 13 and digits.startswith("55") and digits[4] == "9" and digits[5] in "6789":
        return digits[:4] + digits[5:]
    if len(digits) == 13 and digits.startswith("549"):
        return "54" + digits[3:]
    return digits


def email_key(text: str) -> str:
    """The mailbox that an address reaches, in small letters, without a `+tag`; "" where it is no address."""
    local, at, domain = text.strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    if not at or not local or "." not in domain:
        return ""
    if domain in DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def key_of(handle: str) -> str:
    """What a handle such as `whatsapp:5215512345678` shares with its owner's others; "" where its name is its network's own."""
    network, _, name = handle.partition(":")
    if network in TELEPHONES:
        key = phone_key(name)
        return f"phone:{key}" if key else ""
    if network == "email":
        key = email_key(name)
        return f"email:{key}" if key else ""
    return ""


def keys_of(handles: Iterable[str], attributes: Mapping[str, Any] | None = None) -> tuple[str, ...]:  # Any: plain JSON
    """Every key of these handles, and of the attributes `email` and `phone` where they are told."""
    found = [key for handle in handles if (key := key_of(handle))]
    for name in ("email", "phone") if attributes else ():
        told = attributes.get(name) if attributes else None
        found += [key] if isinstance(told, str) and (key := key_of(f"{name}:{told}")) else []
    return tuple(dict.fromkeys(found)) if found else ()


def key_id(key: str) -> bytes:
    """The id of the row that says who is known by a key."""
    return derived_id(bytes(16), "known by", key)
