"""Plain text: what a person would read of an HTML, at once and whatever it is."""

import time

import pytest
from hypothesis import given, strategies as st

from rapport.channels.plain import plain_from_html, readable


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Hola,</p><p>¿qué tal?</p>", "Hola,\n\n¿qué tal?"),
        ("uno<br>dos<br/>tres", "uno\ndos\ntres"),
        ("<ul><li>uno<li>dos</ul>", "- uno\n- dos"),
        ("a &lt;b&gt; &amp;amp; &nbsp;c", "a <b> &amp; c"),
        ('<a href="https://example.org/x">aquí</a>', "aquí"),
        ('<span class="invisible">https://</span><span>example.org/a</span>', "https://example.org/a"),
        ("<p>no</p><blockquote><p>sí</p><p>que sí</p></blockquote>", "no\n\n> sí\n\n> que sí"),
        ("<style>p { color: red }</style><p>rojo</p><script>alert(1)</script>", "rojo"),
        ("<!-- <p>nada</p> --><p>algo</p>", "algo"),
        ("<head><title>t</title></head><header>arriba</header>", "arriba"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("5 < 6 y 7 > 2", "5 < 6 y 7 > 2"),
        ("<script>sin fin", "sin fin"),
        ("Las   palabras\n  juntas", "Las palabras juntas"),
    ],
)
def test_markup_becomes_what_a_person_reads(source, text):
    assert plain_from_html(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "<" * 200_000,
        "<!--" * 50_000,
        "<a" * 100_000,
        "<div>" * 100_000,
        "&" * 200_000,
        "<script" * 30_000,
        "<blockquote>" * 50_000,
    ],
    ids=lambda source: source[:12],
)
def test_hostile_markup_takes_no_time(source):
    started = time.process_time()

    plain_from_html(source)

    assert time.process_time() - started < 1


@given(st.text())
def test_whatever_it_is_it_becomes_text_that_can_be_stored(source):
    text = plain_from_html(readable(source))

    assert "\0" not in readable(text)
    readable(text).encode()


def test_a_half_of_a_surrogate_pair_is_replaced_and_a_whole_pair_is_joined():
    assert readable("a\ud800b") == "a\ufffdb"
    assert readable("\ud83d\ude00") == "😀"
    assert readable("a\0b") == "ab"
