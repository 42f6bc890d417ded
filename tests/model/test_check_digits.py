"""Check digits; the numbers are those of the standards' own examples."""

import pytest

from rapport.model.check_digits import luhn_parts, passes_97, passes_luhn


@pytest.mark.parametrize("number", ["79927398713", "4111111111111111", "378282246310005"], ids=["example", "visa", "amex"])
def test_a_number_with_its_check_digit_passes_and_with_another_does_not(number):
    other = number[:-1] + str((int(number[-1]) + 1) % 10)

    assert passes_luhn(number)
    assert not passes_luhn(other)


def test_two_neighbours_that_change_places_are_found():
    assert not passes_luhn("79927398731")


def test_twice_a_digit_adds_the_sum_of_its_digits():
    assert luhn_parts("7992", 0) == [5, 9, 9, 2]
    assert luhn_parts("7992", 1) == [7, 9, 9, 4]


def test_the_account_of_the_standard_passes_and_with_one_digit_changed_does_not():
    assert passes_97("GB29NWBK60161331926819")
    assert not passes_97("GB29NWBK60161331926818")
