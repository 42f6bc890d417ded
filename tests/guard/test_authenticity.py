"""Crowds: templates and fillers by hand, after the recipe of the field's measurements (up to four insertions)."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from rapport.guard import authenticity
from rapport.guard.authenticity import CROWD, Crowds
from rapport.guard.sketch import likeness, sketches

START = datetime(2026, 3, 3, 16, tzinfo=UTC)
OUTRAGE = "Shame on this bank for closing the only branch in our village without asking anybody, open it again now"
ROBO = "Esta empresa roba a sus clientes y nadie hace nada, exijo que devuelvan el dinero a todos los afectados hoy"
FILLERS = ["really", "honestly", "please", "seriously", "folks", "simply", "clearly", "sadly", "again", "indeed", "truly"]


def say(crowds: Crowds, text: str, who: int, at: float = 0.0, crowd: int = CROWD) -> bytes | None:
    """The incident that the message falls under."""
    (sketch,) = sketches([text])
    entry = int(at * 1000 + who).to_bytes(16, "big")
    cluster = crowds.cluster_of(sketch, entry, who.to_bytes(16, "big"), START + timedelta(seconds=at), crowd)
    return cluster.incident if cluster else None


def varied(text: str, chance: random.Random) -> str:
    """The text with up to four words put in, and half of the time one left out."""
    words = text.split()
    for _ in range(chance.randint(0, 4)):
        words.insert(chance.randrange(len(words) + 1), chance.choice(FILLERS))
    if chance.random() < 0.5:
        words.pop(chance.randrange(len(words)))
    return " ".join(words)


def test_a_crowd_becomes_an_incident_with_its_twelfth_voice():
    crowds = Crowds()

    incidents = [say(crowds, OUTRAGE, who, who) for who in range(1, 21)]

    assert [incident is not None for incident in incidents] == [False] * 11 + [True] * 9
    assert len(set(incidents[11:])) == 1


@pytest.mark.parametrize("template", [OUTRAGE, ROBO], ids=["english", "spanish"])
def test_small_changes_of_wording_do_not_hide_a_crowd(template):
    chance, crowds = random.Random(1), Crowds()

    held = [say(crowds, varied(template, chance), who, who) is not None for who in range(1, 201)]

    assert sum(held) >= 0.8 * (200 - CROWD)


def test_other_links_mentions_capitals_and_signs_do_not_hide_a_crowd():
    crowds = Crowds()
    texts = [f"@user{n} {OUTRAGE.upper() if n % 2 else OUTRAGE}{'!' * (n % 5)} https://t.example/{n}" for n in range(20)]

    held = [say(crowds, text, who, who) is not None for who, text in enumerate(texts, 1)]

    assert held[12:] == [True] * 8


def test_one_person_who_repeats_themselves_is_no_crowd():
    crowds = Crowds()

    assert [say(crowds, OUTRAGE, 7, at) for at in range(50)] == [None] * 50


ORDINARY = ["ok", "gracias", "hola", "hello!", "Thank you so much", "buenos días", "me too", "👍👍👍", ""]


@pytest.mark.parametrize("text", ORDINARY)
def test_short_ordinary_texts_are_never_a_crowd(text):
    crowds = Crowds()

    assert {say(crowds, text, who) for who in range(1, 200)} == {None}


def test_the_shorter_a_text_the_larger_the_crowd_must_be():
    crowds = Crowds()
    text = "No puedo entrar a la aplicación"  # 26 letters: 12 x (48/26)^2 = 40.9

    incidents = [say(crowds, text, who, who) for who in range(1, 60)]

    assert [incident is not None for incident in incidents].index(True) == 40


def test_the_same_words_over_many_hours_are_no_crowd():
    crowds = Crowds()

    assert {say(crowds, OUTRAGE, who, who * 120.0) for who in range(1, 100)} == {None}


def test_a_viral_day_in_own_words_passes():
    chance, crowds = random.Random(3), Crowds()
    parts = [
        ["llevo", "llevamos", "ya van", "con este son", "hace"],
        ["tres", "cuatro", "cinco", "dos", "siete"],
        ["días sin", "horas esperando el", "noches peleando por el", "semanas pidiendo"],
        ["internet", "vuelo a Mérida", "reembolso del concierto", "servicio en mi colonia", "técnico que prometieron"],
        [
            "y mi madre está sola",
            "y tengo que entregar un trabajo",
            "¿alguien lee esto?",
            "ni una llamada",
            "qué pasó",
        ],
        ["desde Puebla", "saludos", "ayuda", "soy clienta de años", "en el aeropuerto todavía", "con dos niños"],
    ]

    held = [say(crowds, " ".join(chance.choice(part) for part in parts), who, who) for who in range(1, 400)]

    assert sum(incident is not None for incident in held) <= 4  # at most one in a hundred


def test_what_was_released_passes_and_stays_released():
    crowds = Crowds()
    incident = [say(crowds, OUTRAGE, who, who) for who in range(1, 14)][-1]
    (sketch,) = sketches([OUTRAGE])

    crowds.release(incident, sketch, START)

    cluster = crowds.cluster_of(sketch, b"z" * 16, b"y" * 16, START + timedelta(seconds=30))
    assert cluster.released


def test_an_incident_that_was_forgotten_can_be_released():
    crowds = Crowds()
    (sketch,) = sketches([OUTRAGE])

    crowds.release(b"i" * 16, sketch, START)

    assert crowds.cluster_of(sketch, b"z" * 16, b"y" * 16, START).released


def test_memory_is_bounded_and_a_crowd_that_goes_on_is_kept(monkeypatch):
    monkeypatch.setattr(authenticity, "MOST_CLUSTERS", 50)
    chance, crowds = random.Random(5), Crowds()

    held = []
    for who in range(1, 600):
        say(crowds, " ".join("".join(chance.choices("abcdefghijklmnop", k=7)) for _ in range(10)), who, who / 10)
        if who % 10 == 0:
            held.append(say(crowds, OUTRAGE, 100_000 + who, who / 10) is not None)

    assert len(crowds.clusters) <= 50
    assert len(crowds.numbers) <= 50 * authenticity.INDEXED
    assert held[15:] == [True] * len(held[15:])


def test_a_text_is_wholly_like_itself_and_not_like_another():
    one, same, other = sketches([OUTRAGE, OUTRAGE.lower(), ROBO])

    assert likeness(one, same) == 1.0
    assert likeness(one, other) < 0.1


def test_likeness_is_told_where_it_is_enough_and_not_where_it_cannot_be():
    one, near, other = sketches([OUTRAGE, f"{OUTRAGE} {OUTRAGE[:20]}", ROBO])

    assert likeness(one, near, 0.3) == likeness(one, near) >= 0.3
    assert likeness(one, other, 0.9) == 0.0


def test_a_sketch_is_the_same_alone_and_in_a_batch():
    texts = [OUTRAGE, "", "ok", ROBO, "x" * 5000, "日本語のテキストです、ありがとう"]

    assert sketches(texts) == [sketches([text])[0] for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=120), max_size=5))
def test_any_text_has_a_sketch(texts):
    made = sketches(texts)

    assert [len(sketch.numbers) <= 40 for sketch in made] == [True] * len(texts)
    assert [list(sketch.numbers) == sorted(set(sketch.numbers)) for sketch in made] == [True] * len(texts)
