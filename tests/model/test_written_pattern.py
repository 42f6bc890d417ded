"""Patterns that a centre writes: RE2 runs them, so none takes more than the text is long."""

import time

import pytest

from rapport.errors import BadInput
from rapport.model.written_pattern import check_banned, found, pattern_in

pytest.importorskip("re2")


def test_a_pattern_stands_between_slashes():
    assert [pattern_in(word) for word in (r"/EMP-\d{6}/", " /a/ ", "and/or", "/", "//", "plain")] == [
        r"EMP-\d{6}",
        "a",
        "",
        "",
        "",
        "",
    ]


def test_a_pattern_is_found_with_its_place_in_any_case():
    assert list(found(r"emp-\d{2}", "ñ EMP-12 y emp-34")) == [(2, 8), (11, 17)]
    assert list(found(r"EMP-\d+|\b", "to EMP-1")) == [(3, 8)]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "([a-z]+)*1", "(.*a){12}b"])
def test_no_pattern_takes_longer_than_the_text_is_long(pattern):
    begun = time.thread_time()

    assert list(found(pattern, "a" * 200_000 + "!")) == []
    assert time.thread_time() - begun < 2.0  # of CPU; other engines would need years


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("/(/", "no pattern that RE2 knows: missing"),
        ("/(?=a)b/", "no pattern that RE2 knows"),
        (r"/(a)\1/", "no pattern that RE2 knows"),
        ("/x*/", "found in an empty text"),
        ("/" + "a" * 501 + "/", "at most 500 letters, got 501"),
        ("/(a{1000}){1000}/", "no pattern that RE2 knows"),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_reason_and_never_found(word, why):
    with pytest.raises(BadInput, match=why):
        check_banned(word)
    assert list(found(pattern_in(word), "a" * 50)) == []


def test_a_plain_word_is_always_sound():
    check_banned("and/or (")
