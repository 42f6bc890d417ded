"""Card numbers are covered before the first write: test numbers that the schemes publish; other long numbers stay."""

import pytest

from rapport.ledger.cards import covered

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mi tarjeta 4111 1111 1111 1111, gracias", "mi tarjeta [card ••1111], gracias"),
        ("5555-5555-5555-4444", "[card ••4444]"),
        ("amex 378282246310005 y 6011111111111117", "amex [card ••0005] y [card ••1117]"),
        ("pedido 4111111111111112", "pedido 4111111111111112"),
        ("guía 9400111899223197428490", "guía 9400111899223197428490"),
        ("+34 600 123 456 789 01", "+34 600 123 456 789 01"),
        ("0000000000000000", "0000000000000000"),
        ("4111 1111 1111 1111 12/27", "[card ••1111] 12/27"),
        ("4111111111111111 123", "[card ••1111] 123"),
        ("5500 0000 0000 0004 09/28", "[card ••0004] 09/28"),
        ("2 4111 1111 1111 1111 y 5555 5555 5555 4444", "2 [card ••1111] y [card ••4444]"),
        ("4111 1111 1111 1111 5555 5555 5555 4444", "[card ••1111] [card ••4444]"),
        ("4111\xa01111\xa01111\xa01111, 4111  1111  1111  1111", "[card ••1111], [card ••1111]"),
        ("ES14 2100 4111 1111 1111 1111", "ES14 2100 4111 1111 1111 1111"),
    ],
)
def test_the_number_of_a_card_is_covered_and_what_is_no_card_stays(said, kept):
    assert covered(said) == kept


@pytest.mark.parametrize("group", ["4" * 1_000_000, "4 " * 50_000])
def test_any_amount_of_digits_stays_as_it_is(group):
    assert covered(group) == group
