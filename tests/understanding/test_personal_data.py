"""Personal data: test numbers of the card schemes, the IBAN registry's examples, and identity numbers computed by hand."""

import time

import pytest
from hypothesis import given, strategies as st

from rapport.understanding.personal_data import Found, find, is_card, is_dni, is_iban, kinds, mask


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mi tarjeta es 4111 1111 1111 1111", ("card",)),
        ("card 5500-0055-5555-5559 please", ("card",)),
        ("mi tarjeta es [card ••1111]", ("card",)),
        ("amex 378282246310005", ("card",)),
        ("not a card 4111 1111 1111 1112", ()),
        ("IBAN ES91 2100 0418 4502 0005 1332", ("iban",)),
        ("GB82WEST12345698765432", ("iban",)),
        ("write to ana.lopez+x@example.com.mx", ("email",)),
        ("mi DNI es 12345678Z", ("dni",)),
        ("DNI 12.345.678-Z", ("dni",)),
        ("DNI 12345678A", ()),
        ("NIE X1234567L", ("nie",)),
        ("CURP GODE561231HDFRRN09", ("curp",)),
        ("RFC GODE561231GR8", ("rfc",)),
        ("SSN 536-90-4399", ("ssn",)),
        ("SSN 000-12-3456", ("phone",)),  # never given out, yet nine digits that somebody grouped
        ("llámame al 55 1234 5678", ("phone",)),
        ("mi móvil es 612 345 678", ("phone",)),
        ("612345678", ("phone",)),
        ("+34 612 345 678", ("phone",)),
        ("call (212) 555-0143 ext 12", ("phone",)),
        ("+52 1 55 1234 5678", ("phone",)),
        ("2125550143", ("phone",)),
        ("I paid 299 dollars on 2026-03-03", ()),
        ("reserva del 03/03/2026 al 05/03/2026", ()),
        ("room 512, order 4471", ()),
        ("el 2026-03-03 10:30 llegó", ()),
        ("from 192.0.2.17", ("ip",)),
        ("@115712 no me responden", ()),
        ("", ()),
    ],
)
def test_each_kind_is_found_and_its_likes_are_not(text, found):
    assert kinds(text) == found


def test_a_find_says_where_it_stands():
    text = "card 4111111111111111 and mail a@b.co"

    assert find(text) == [Found("card", 5, 21), Found("email", 31, 37)]


def test_masking_leaves_everything_else():
    assert mask("soy Ana, 612 345 678, ana@example.com.") == "soy Ana, [phone], [email]."
    assert mask("nada que ocultar") == "nada que ocultar"


@pytest.mark.parametrize("number", ["0000000000000000", "1111111111111111"])
def test_a_row_of_one_digit_is_no_card(number):
    assert not is_card(number)


def test_checks_follow_their_standards():
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE88 3704 0044 0532 0130 00")
    assert not is_dni("Z1234567A")
    assert is_dni("Z1234567R")  # Z stands for 2: 21234567 mod 23 is 1, the letter R


@pytest.mark.slow
@pytest.mark.parametrize("text", ["1" * 1_000_000, "12 " * 350_000, "a@" * 500_000, "1-" * 500_000, "AB12 " * 200_000])
def test_a_megabyte_made_to_hurt_is_over_in_time(text):
    start = time.process_time()

    find(text)

    assert time.process_time() - start < 5


@given(st.text(alphabet="0123456789 -+().@aZx", max_size=200))
def test_finds_are_in_order_and_share_no_character(text):
    found = find(text)

    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))
    assert all(0 <= one.start < one.end <= len(text) for one in found)


@given(st.text())
def test_masking_twice_hides_nothing_more_that_was_personal(text):
    assert kinds(mask(text)) in ((), kinds(text), *[(kind,) for kind in kinds(text)])


def test_accounts_of_mexico_and_companies_of_spain_are_told_by_their_check_digits():
    assert kinds("CLABE 032180000118359719") == ("clabe",)  # 3, 7, 1 by hand: 61, so 9
    assert kinds("CLABE 032180000118359718") == ()
    assert kinds("factura a B12345674") == ("cif",)  # 2, 4, 6 and of the doubled 2, 6, 1, 5: 26, so 4
    assert kinds("factura a B12345675") == ()
