"""Lengths as networks count them."""

import pytest

from rapport.channels.capabilities import Unit
from rapport.channels.units import is_gsm, measure

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "unit", "length"),
    [
        ("año", Unit.CHARS, 3),
        ("año", Unit.BYTES, 4),
        (FAMILY, Unit.CHARS, 5),
        (FAMILY, Unit.GRAPHEMES, 1),
        (FAMILY, Unit.UTF16, 8),
        ("👍", Unit.UTF16, 2),
        ("hola", Unit.WEIGHTED, 4),
        ("日本", Unit.WEIGHTED, 4),
        (FAMILY, Unit.WEIGHTED, 2),
        ("mira https://example.com/a/very/long/path?with=words", Unit.WEIGHTED, 5 + 23),
        ("hola ñ", Unit.GSM, 6),
        ("12 €", Unit.GSM, 5),
        ("hola á", Unit.GSM, 12),
        ("👍", Unit.GSM, 4),
        ("", Unit.GSM, 0),
    ],
)
def test_each_network_counts_in_its_own_way(text, unit, length):
    assert measure(text, unit) == length


def test_spanish_accents_are_not_all_in_the_alphabet_of_sms():
    assert is_gsm("Ñandú".replace("ú", "ù"))
    assert not is_gsm("Ñandú")


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("text", ["", "\ud800", "a" * 10_000, "\u202e", "\0"])
def test_whatever_is_counted_has_a_length_that_does_not_shrink(unit, text):
    assert 0 <= measure(text, unit) <= measure(text + "a", unit)
