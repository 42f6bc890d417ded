"""What we said in one language and say otherwise in the other: found where it differs, and not where it is the same."""

from datetime import date

import pytest

from rapport.replies.claims import contradictions
from rapport.replies.lengths import lengths
from replies.test_judging import TODAY, told

pytestmark = pytest.mark.pure


def said_otherwise(before, now):
    return [now[hit.start : hit.end] for hit in contradictions(now, TODAY, told(before))]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("El desayuno se sirve hasta las 11:00.", "Breakfast is served until 10:30.", "10:30"),
        ("Breakfast is served until 10 am.", "Servimos el desayuno hasta las 11 de la mañana.", "hasta las 11 de la mañana"),
        ("La cena empieza a las 8 de la noche.", "Dinner starts at 9 pm.", "at 9 pm."),
        ("El estacionamiento cuesta 12 euros por día.", "Parking costs €15 per day.", "€15"),
        ("Parking is 1,500.00 USD a month.", "El estacionamiento cuesta 1.200 dólares al mes.", "1.200 dólares"),
        ("Su reembolso llega el 12 de marzo.", "Your refund arrives on 14 March.", "14 March"),
        ("El técnico viene mañana.", "The technician comes on Friday.", "Friday"),
        (
            "Se admiten mascotas en las habitaciones.",
            "Pets are not allowed in the rooms.",
            "Pets are not allowed in the rooms.",
        ),
        (
            "The pool isn’t heated in winter.",
            "La alberca está climatizada en invierno.",
            "La alberca está climatizada en invierno.",
        ),
        ("Los reembolsos tardan 5 días hábiles.", "Refunds take 10 business days.", "10 business days"),
        ("La garantía dura dos años.", "The warranty lasts 12 months.", "12 months"),
        ("Damos un descuento del 20 % a los socios.", "Members get a discount of 10%.", "10%"),
    ],
)
def test_what_contradicts_us_in_the_other_language_is_found(before, now, words):
    assert said_otherwise(before, now) == [words]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("El desayuno se sirve hasta las 11:00.", "Breakfast is served until 11 am."),
        ("La cena empieza a las 8 de la noche.", "Dinner starts at 20:00."),
        ("La cena es hasta las 8.", "Dinner is until 8 pm."),  # which of the two is not said
        ("El check-out es hasta el mediodía.", "Checkout is until 12:00."),
        ("El estacionamiento cuesta 1.500,00 €.", "Parking costs €1,500.00."),
        ("El traslado cuesta 20 dólares.", "The shuttle costs $20."),
        ("El traslado cuesta 350 pesos.", "The shuttle costs 20 USD."),  # another currency: nobody can say
        ("Su reembolso llega el 12 de marzo.", "Your refund arrives on March 12."),
        ("Your refund arrives on 03/04.", "Su reembolso llega el 4 de marzo."),  # month first, as in the United States
        ("El técnico viene mañana.", "The technician comes today."),  # said the day before
        ("Los reembolsos tardan 48 horas.", "Refunds take two days."),
        ("Los reembolsos tardan de 5 a 7 días.", "Refunds take 6 days."),
        ("La garantía dura un año.", "The warranty lasts 12 months."),
        ("Se admiten mascotas en las habitaciones.", "Pets are allowed in the rooms."),
        ("Se admiten mascotas en las habitaciones.", "Pets are not allowed in the rooms except dogs."),
        ("Se admiten mascotas en las habitaciones.", "No problem, pets are allowed in the rooms."),
        ("La alberca abre a las 9:00.", "The gym opens at 7:00."),
        ("La sucursal abre a las 9:00.", "The restaurant opens at 13:00."),
        ("El servicio cuesta 12 euros.", "The repair costs 90 EUR."),
    ],
)
def test_the_same_in_the_other_language_or_another_thing_is_left_alone(before, now):
    assert said_otherwise(before, now) == []


def test_in_one_language_a_length_that_lies_within_another_is_left_alone():
    assert said_otherwise("Refunds take 5 to 7 days.", "Refunds take 6 days.") == []
    assert said_otherwise("Refunds take 5 to 7 days.", "Refunds take 10 days.") == ["10 days"]


def test_lengths_are_told_in_one_unit_and_never_backwards():
    assert [one.value for one in lengths("2 weeks, dos dias, 7 to 5 days, 3 business days, 90 minutos, un ano")] == [
        "336 hour", "48 hour", "120 hour", "3 workday", "1.5 hour", "12 month",
    ]  # fmt: skip


def test_a_leap_day_and_a_day_of_last_year_break_nothing():
    assert (
        list(contradictions("Breakfast is served on 29 February.", date(2026, 2, 28), told("El desayuno se sirve el 28-02.")))
        == []
    )
