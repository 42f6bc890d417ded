"""What people write back to a question: an answer, an attempt at one, or something else altogether."""

import pytest

from rapport.replies.surveying.reading_answers import OTHER, UNCLEAR, Read, read_answer

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("recommends", "9", 9),
        ("recommends", "  9/10 ", 9),
        ("recommends", "un 9 de 10, gracias", 9),
        ("recommends", "Ten out of 10!", 10),
        ("recommends", "diez", 10),
        ("satisfied", "muy bien, 5", 5),
        ("satisfied", "5️⃣", 5),
        ("satisfied", "Five stars, thank you so much", 5),
        ("satisfied", "le doy las 5 estrellas", 5),
        ("satisfied", "4\n\nAna López\nenviado desde mi teléfono", 4),
        ("satisfied", "4\n\nUn saludo,\nMaría de la O Peña", 4),
        ("recommends", "9\n\nBest regards\nJ. Smith\nSent from my iPad", 9),
        ("effort", "> Del 1 al 7...\nle doy un siete", 7),
        ("solved", "Sí, quedó resuelto", 1),
        ("solved", "no, todavía no", 0),
        ("solved", "yes thanks", 1),
    ],
)
def test_an_answer_is_its_number(question, text, value):
    assert read_answer(question, text) == Read("answer", value)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("satisfied", "11"),
        ("satisfied", "4 o 5"),
        ("satisfied", "4.5"),
        ("satisfied", "muy bien"),
        ("recommends", "sí, claro"),
        ("solved", "sí y no"),
        ("solved", "7"),
    ],
)
def test_what_is_meant_as_an_answer_and_is_none_is_unclear(question, text):
    assert read_answer(question, text) == UNCLEAR


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("satisfied", "La habitación 5 no tiene luz"),
        ("satisfied", "5, but the wifi is down again"),
        ("satisfied", "¿5 es lo mejor?"),
        ("recommends", "gracias"),
        ("recommends", ""),
        ("solved", "no funciona el wifi"),
        ("solved", "no, the invoice is still wrong"),
        ("recommends", "9 " * 90),
        ("satisfied", "5\n\nLa habitación no tiene luz y hay agua en el suelo, vengan por favor"),
        ("satisfied", "5\n\n¿Y la factura?"),
        ("satisfied", "5\n\nno hay agua"),
        ("satisfied", "5\n\nNO HAY LUZ"),
        ("recommends", "9\n\nAyuda"),
        ("recommends", "9\n\nmi tarjeta robada"),
        ("recommends", "9\n\nThe invoice is wrong"),
        ("satisfied", "a las 5"),
        ("recommends", "por la una"),
    ],
)
def test_whoever_says_anything_else_says_something_else(question, text):
    assert read_answer(question, text) == OTHER
