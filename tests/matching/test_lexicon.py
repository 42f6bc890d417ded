"""Skills by the words of a message: the name's own forms, and what people say instead, in Spanish and English."""

import pytest

from rapport.matching.lexicon import words_of
from rapport.matching.stems import stem, stems_in, words_in


@pytest.mark.parametrize(
    "forms",
    [
        "gasto gastos gastar gasté gastando",
        "factura facturas facturación",
        "bill bills billed billing",
        "refund refunds refunded",
        "spend spends spending",
        "run runs running runner",
        "ship shipped shipping",
        "cobro cobros cobrar cobraron",
        "delivery deliveries delivered",
        "tarjeta tarjetas",
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms):
    assert len({stem(form) for form in forms.split()}) == 1


def test_words_part_at_hyphens_dots_and_underscores():
    assert words_in("money-management care.visited wifi_problem ¡Conexión!") == [
        "money", "management", "care", "visited", "wifi", "problem", "conexion",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("skill", "words"),
    [
        ("wifi", "wifi internet router red conexión"),
        ("Wi-Fi", "wifi internet"),
        ("it", "computer ordenador wifi contraseña"),
        ("billing", "invoice factura cobraron minibar cargo"),
        ("money-management", "gastos gastar presupuesto ahorro spending budget"),
        ("budgeting", "gastos spending"),
        ("running", "5k 10K maratón carrera correr runner"),
        ("delivery", "paquete envío shipping parcel"),
        ("nursing", "venda bandage wound herida pastillas"),
        ("formal-wear", "tuxedo traje vestido suit"),
        ("appointments", "cita reschedule"),
        ("credit-cards", "tarjeta card"),
        ("loans", "préstamo loan"),
        ("travel", "vuelo flight maleta"),
        ("devoluciones", "return devolver"),
        ("ventas", "comprar price cotización"),
    ],
)
def test_words_speak_of_a_skill(skill, words):
    related = words_of(skill)

    assert {word: related.get(stem(word), 0.0) for word in words.split() if related.get(stem(word), 0.0) < 0.75} == {}


def test_a_skill_that_no_theme_knows_is_found_by_its_own_name():
    assert words_of("widgets") == {"widget": 1.0}


def test_the_skill_it_is_no_pronoun():
    assert "it" not in words_of("it")


def test_a_plain_part_of_a_name_says_nothing():
    assert words_of("travel support").get(stem("support"), 0.0) == 0.0


def test_each_stem_of_a_text_is_named_once():
    assert stems_in("bill, bills and Billing") == ("bil", "and")
