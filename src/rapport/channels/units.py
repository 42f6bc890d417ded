"""Counting text as each network counts it, for `fit`: before approval, so that what is approved is what goes out."""

import re
from collections.abc import Callable

import regex

from rapport.channels.capabilities import Unit

# GSM 03.38: the basic alphabet counts one septet, its extension two.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
_GRAPHEME = regex.compile(r"\X")
_LINK = re.compile(r"https?://[^\s]+")
_LINK_WEIGHT = 23
# Code points that X counts once (twitter-text configuration version 3); all others count twice.
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def is_gsm(text: str) -> bool:
    """Whether GSM-7 can write a text."""
    return all(char in GSM_BASIC or char in GSM_EXTENDED for char in text)


def septets(text: str) -> int:
    """How many septets a text takes in GSM-7; only for what `is_gsm`."""
    return sum(1 + (char in GSM_EXTENDED) for char in text)


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _weight(text: str) -> int:
    return sum(1 if any(low <= ord(char) <= high for low, high in _LIGHT) else 2 for char in text)


def _weighted(text: str) -> int:
    """As X counts: an emoji made of several code points counts two, a link 23."""
    links = len(_LINK.findall(text))
    rest = _LINK.sub("", text)
    return links * _LINK_WEIGHT + sum(
        min(2, _weight(sign)) if len(sign) > 1 else _weight(sign) for sign in _GRAPHEME.findall(rest)
    )


def _gsm(text: str) -> int:
    return septets(text) if is_gsm(text) else 2 * _utf16(text)


MEASURES: dict[Unit, Callable[[str], int]] = {
    Unit.CHARS: len,
    Unit.GRAPHEMES: lambda text: len(_GRAPHEME.findall(text)),
    Unit.BYTES: lambda text: len(text.encode("utf-8", "surrogatepass")),
    Unit.UTF16: _utf16,
    Unit.WEIGHTED: _weighted,
    Unit.GSM: _gsm,
}


def measure(text: str, unit: Unit) -> int:
    """The length of a text in a network's unit."""
    return MEASURES[unit](text)
