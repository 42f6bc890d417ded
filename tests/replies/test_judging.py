"""What is looked for beside the text: brands, promises, tone, what we said before, what the person told us."""

import time
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from rapport.model.message import Reach
from rapport.replies import asked_once, brands, promises, tone
from rapport.replies.check import RULES, STRICTNESS, check
from rapport.replies.claims import claims_of, contradictions
from rapport.replies.rules import Given, Told, Writing
from rapport.replies.values import values
from replies.test_check import find, found

TODAY = date(2026, 3, 3)  # a Tuesday


def where(text, hits):
    return [(hit.rule, text[hit.start : hit.end]) for hit in hits]


# ---- brands


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Hotel Reforma thanks you", {}),
        ("At Posada Azul we have a pool", {"wrong-brand": "ask"}),
        ("At posada azúl we have a pool", {"wrong-brand": "ask"}),
        ("We will call you.\n— Posada Azul", {"wrong-brand": "refuse"}),
        ("Un saludo.\nEl equipo de Posada Azul.", {"wrong-brand": "refuse"}),
    ],
)
def test_another_brand_is_asked_about_and_its_signature_refused(text, rules):
    assert found(text, own=("Hotel Reforma",), others=("Posada Azul", "@posada_azul")) == rules


def test_a_name_of_ours_that_holds_anothers_is_ours():
    assert list(brands.look("Reforma Centro is open", ("Reforma Centro",), ("Reforma",))) == []
    assert where("Reforma is open", brands.look("Reforma is open", ("Reforma Centro",), ("Reforma",))) == [
        ("wrong-brand", "Reforma")
    ]


# ---- promises


@pytest.mark.parametrize(
    ("text", "found_at"),
    [
        ("We guarantee that it arrives.", ["guarantee"]),
        ("Le garantizamos una solución.", []),
        ("Garantizamos una solución.", ["Garantizamos"]),
        ("We will refund 120 EUR.", ["120 EUR"]),
        ("We will refund 20 EUR.", []),
        ("Le devolveremos $1,250.50 hoy.", ["$1,250.50", "hoy"]),
        ("You will get a 20% discount.", ["20%"]),
        ("You will get a 15% discount.", []),
        ("Your invoice is 120 EUR.", []),
        ("The technician will come on Friday.", ["Friday"]),
        ("Le enviaremos un técnico en 2 días.", ["en 2 días"]),
    ],
)
def test_a_promise_is_found_unless_a_playbook_or_policy_allows_it(text, found_at):
    hits = promises.look(text, ("le garantizamos una solución", "Members get 15 % off."), 50.0)

    said = [text[h.start : h.end] for h in hits]
    assert [one for one in said if one in found_at or not found_at] == found_at


def test_a_promise_asks_in_public_and_warns_in_private():
    assert found("We will refund 120 EUR.", today=None) == {"promise": "ask"}
    assert found("We will refund 120 EUR.", Reach.PRIVATE, asked_in=Reach.PRIVATE) == {"promise": "warn"}


# ---- tone


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("That is ridiculous.", "ridiculous"),
        ("Ya le dijimos que no.", "Ya le dijimos"),
        ("Por favor CALME SUS NERVIOS ahora", "CALME SUS NERVIOS"),
        ("No way!!!", "!!!"),
    ],
)
def test_what_may_hurt_is_shown_where_it_stands(text, words):
    assert (("tone", words)) in where(text, tone.look(text))


@pytest.mark.parametrize(
    "text", ["Our VAT ID and the IBAN are on the invoice", "Gracias, ¡qué gusto!", "We are sorry for the delay."]
)
def test_a_plain_tone_is_left_alone(text):
    assert list(tone.look(text)) == []


# ---- hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("a las 2 del mediodía", ["14:00"]),
        ("a las 12 del mediodía", ["12:00"]),
        ("at 12 noon", ["12:00"]),
        ("at 12 (midnight)", ["24:00"]),
        ("a las 12 de la noche", ["24:00"]),
        ("a las 12:30 de la madrugada", ["00:30"]),
        ("at 12 am at night", ["00:00"]),
        ("a las 9 de la noche", ["21:00"]),
        ("from 9:00 to midnight", ["09:00", "24:00"]),
    ],
)
def test_an_hour_is_one_value_with_the_part_of_its_day(text, hours):
    assert [one.value for one in values(text, TODAY) if one.kind == "hour"] == hours


# ---- what we said before


def told(text, on=date(2026, 3, 2), is_public=False):
    return [Told(on, claims_of(text, on), is_public)]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("Breakfast is served until 11:00.", "Breakfast is served until 10:30.", "10:30"),
        ("El desayuno se sirve hasta las 11.", "Servimos el desayuno hasta las 10:30.", "10:30"),
        ("Parking costs 12 EUR a day.", "Parking costs 15 EUR a day.", "15 EUR"),
        ("Your refund arrives on 12 March.", "The refund arrives on 14 March.", "14 March"),
        ("The technician comes tomorrow.", "The technician comes tomorrow.", "tomorrow"),
        ("Pets are allowed in the rooms.", "Pets are not allowed in the rooms.", "Pets are not allowed in the rooms."),
    ],
)
def test_what_contradicts_us_is_found_with_what_we_said(before, now, words):
    (hit,) = contradictions(now, TODAY, told(before))

    assert now[hit.start : hit.end] == words
    assert before.rstrip(".") in hit.about
    assert hit.says.startswith("On 2026-03-02 we said to them: ")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Breakfast is served until 11:00.", "Breakfast is served until 11 am."),
        ("The technician comes tomorrow.", "The technician comes today."),  # said the day before: the same day
        ("Parking costs 12 EUR a day.", "Breakfast costs 15 EUR."),
        ("We open from 9:00 until 18:00.", "We open from 9:00 to 18:00."),
        ("Is breakfast until 11:00?", "Breakfast is until 10:00."),
        ("The bar closes at midnight.", "The bar closes at 12 am."),
        ("El bar cierra a las 12 de la noche.", "El bar cierra a medianoche."),
        ("El almuerzo se sirve a las 2 del mediodía.", "El almuerzo se sirve a las 14:00."),
        ("Pets are allowed in the rooms.", "The pool is not open in winter."),
    ],
)
def test_what_agrees_or_is_about_something_else_is_left_alone(before, now):
    assert list(contradictions(now, TODAY, told(before))) == []


def test_a_contradiction_asks_and_never_refuses_by_itself():
    assert found("Breakfast is served until 10:30.", told=tuple(told("Breakfast is served until 11:00.")), today=TODAY) == {
        "contradiction": "ask"
    }


# ---- asked once


@pytest.mark.parametrize(
    ("said", "asks", "answer"),
    [
        ("My order number is A-77120, where is it?", "Could you send us your order number?", "A-77120"),
        ("mi pedido 4471203 no llega", "¿Nos indica su número de pedido?", "4471203"),
        ("Room 512, the wifi drops", "Which room are you in?", "512"),
        ("Estoy en la habitación 512", "¿En qué habitación está?", "512"),
        ("Write me at ana@example.org", "What is your e-mail?", "ana@example.org"),
        ("Hola, me llamo Ana Quiroz y no puedo entrar", "¿Me indica su nombre completo?", "Ana Quiroz"),
        ("reserva número 48817", "Please send your booking number.", "48817"),
    ],
)
def test_a_question_whose_answer_is_on_record_is_shown_with_the_answer(said, asks, answer):
    known = tuple(asked_once.given_in(said, find(said)))

    (hit,) = asked_once.look(asks, known)
    assert hit.about.startswith(answer)


def test_what_another_department_wrote_counts_as_told():
    known = tuple(asked_once.given_by({"room": 512, "hotel": "Reforma"}))

    assert [hit.about for hit in asked_once.look("What is your room number?", known)] == ["512"]


@pytest.mark.parametrize("text", ["Thank you for your order number.", "Is 512 your room number?", "Could you send a photo?"])
def test_what_asks_nothing_that_we_know_is_left_alone(text):
    assert list(asked_once.look(text, (Given("room", "512"), Given("order", "A-1")))) == []


# ---- the rest


def test_another_language_and_the_same_text_to_many_are_warned_about():
    assert found("Good morning and thank you", language="en", speaks="es") == {"wrong-language": "warn"}
    assert found("Good morning", language="en", speaks="es") == {}
    assert found("Good morning", again=9) == {"duplicate": "warn"}


def test_a_closed_window_is_refused_with_the_networks_words():
    assert found("Good morning", window="More than 24 hours since they wrote.") == {"window": "refuse"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$1,250.50", "1250.50 $"),
        ("1.250,50 €", "1250.50 eur"),
        ("1 250 pesos", "1250.00 $"),
        ("12.5%", "12.5 %"),
        ("12 de marzo", "03-12"),
        ("12/03", "03-12"),
        ("2026-03-12", "03-12"),
        ("at 9 pm", "21:00"),
        ("a las 9", "09:00"),
        ("mañana", "03-04"),
        ("el viernes", "03-06"),
    ],
)
def test_values_are_read_as_people_write_them(text, value):
    assert value in [one.value for one in values(text, TODAY)]


PIECES = st.sampled_from(
    [
        *"aáñ .,!?¿$€%019:/-\n\x00<>&\u202e@#\ud800ßİ",
        "will ",
        "refund ",
        "hasta las ",
        "mañana ",
        "order number ",
        "room 5",
        "Azul",
        "NO ",
    ]
)
ANYTHING = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=60)


@settings(max_examples=80, deadline=None)
@given(ANYTHING, ANYTHING)
def test_the_checks_take_any_text_and_point_into_it(text, before):
    writing = Writing(
        text, (text,), Reach.PUBLIC, Reach.PRIVATE, own=("Reforma",), others=("Azul", before[:20]), language="es", speaks="en",
        allowed=(before,), told=(Told(TODAY, claims_of(before, TODAY)),), today=TODAY,
        given=tuple(asked_once.given_in(before, find(before))),
    )  # fmt: skip

    for finding in check(writing, find, {}):
        assert finding.rule in RULES
        assert finding.action in STRICTNESS
        assert finding.start == finding.end == -1 or 0 <= finding.start <= finding.end <= len(text)


HOSTILE = [
    "a " * 5_000,
    "9" * 10_000,
    "$" * 10_000,
    "will refund 1.1.1.1 " * 500,
    "A B C " * 1_700,
    "!?" * 5_000,
    "order number " * 770,
    "<b>" * 3_300,
    "room 1-1-1-1-1-1" * 625,
    "\n" * 10_000,
    "Breakfast is served until 10:30. " * 303,
    " " * 9_990 + "x",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12].strip() or "blank")
def test_ten_thousand_letters_are_judged_in_bounded_work(text):
    writing = Writing(
        text, (text,), Reach.PUBLIC, Reach.PUBLIC, own=("Reforma",), others=("Azul",), allowed=("Members get 15 % off.",),
        told=tuple(told("Breakfast is served until 11:00.")) * 40, today=TODAY, given=(Given("order", "A-1"),),
    )  # fmt: skip

    begun = time.process_time()
    check(writing, lambda _: [], {})
    assert time.process_time() - begun < 5.0  # it takes some 50 ms; what grows with the square of the length takes minutes
