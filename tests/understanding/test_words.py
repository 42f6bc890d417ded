"""Normalised words: what a person takes for the same is the same."""

import re

import pytest
from hypothesis import given, strategies as st

from rapport.understanding.words import MOST_WORDS, meaning_words, own_words, prepare, split


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("La habitación está sucia", ["la", "habitacion", "esta", "sucia"]),
        ("I don't know, it’s broken", ["i", "dont", "know", "its", "broken"]),
        ("Wi-Fi, wi fi y WIFI", ["wifi", "wifi", "y", "wifi"]),
        ("w i f i", ["wifi"]),
        ("c-a-n-c-e-l", ["cancel"]),
        ("Graaaacias!!!", ["gracias"]),
        ("ｆｕｌｌ ｗｉｄｔｈ", ["full", "width"]),
        ("wi\u200bfi \u202eoculto\u202c", ["wifi", "oculto"]),
        ("a\x00b", ["ab"]),
        ("#WifiFail en el #hotel", ["wifi", "fail", "en", "el", "hotel"]),
        ("@acme mi factura https://t.example/x ana@example.com", ["mi", "factura"]),
        ("año 2026", ["ano", "2026"]),
        ("👍 ok", ["ok"]),
        ("", []),
    ],
)
def test_spellings_of_one_word_become_one(written, words):
    assert prepare(written).words == words


def test_words_are_shown_as_they_were_written():
    assert prepare("¿Qué PASÓ con el niño?").shown == ["qué", "pasó", "con", "el", "niño"]


def test_meaning_words_leave_out_what_carries_none():
    assert meaning_words("Third night and the wifi in my room still drops") == ("third", "night", "wifi", "room", "drops")
    assert meaning_words("No me funciona el wifi de la habitación 512, ¿me ayudan?") == (
        "funciona",
        "wifi",
        "habitacion",
        "ayudan",
    )


def test_meaning_words_come_once_in_order_and_are_at_most_64():
    assert meaning_words("wifi room wifi") == ("wifi", "room")
    assert len(meaning_words(" ".join(f"word{n}" for n in range(500)))) == MOST_WORDS


def test_only_what_the_writer_says_now_is_read_of_an_email():
    mail = "Thanks!\n\nOn Mon, 3 Mar 2026, Acme wrote:\n> Is your card blocked?\n> Please say."

    assert prepare(mail).words == ["thanks"]


def test_a_message_that_is_all_quotation_is_read_whole():
    assert own_words("> my card is blocked") == "> my card is blocked"


def test_a_megabyte_is_cut_before_any_work_on_it():
    assert len(prepare("abc " * 250_000).words) == 1_000


@given(st.text())
def test_any_text_is_split_and_both_forms_have_the_same_number_of_words(text):
    prepared = prepare(text)

    assert len(prepared.words) == len(prepared.shown)


@given(st.text())
def test_preparing_what_was_prepared_changes_nothing(text):
    once = " ".join(prepare(text).shown)

    assert meaning_words(once) == meaning_words(" ".join(prepare(once).shown))


@given(st.text(max_size=80))
def test_a_text_is_split_at_whatever_is_neither_letter_nor_digit(text):
    assert split(text) == re.findall(r"[^\W_]+", text)


@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_western_texts_are_split_in_the_same_way(text):
    assert split(text) == re.findall(r"[^\W_]+", text)
