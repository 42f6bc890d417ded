"""People's HTML made harmless: what stays, and that no markup costs more time than it should."""

import time

import pytest

from rapport.channels.markup import LONGEST, harmless, is_deeper

HOSTILE = {
    "divisions in divisions": "<div>" * 50_000,
    "divisions with ends of others between them": "<div></b>" * 20_000,
    "bold in bold": "<b><i>" * 20_000,
    "tables in tables": "<table><tr><td>" * 10_000,
    "paragraphs without an end": "<p>" * 80_000,
    "angle brackets": "<" * 200_000,
    "a deep one of many": ("<i>" * 90 + "x" + "</i>" * 90) * 300,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_markup_is_cleaned_or_given_up_at_once(source):
    began = time.process_time()

    kept = harmless(source)

    assert time.process_time() - began < 2.0
    assert kept is None or len(kept) <= LONGEST


def test_words_and_their_order_stay():
    source = "<h1>Hola</h1><table><tr><td>uno</td><td>dos</td></tr></table><blockquote>tres</blockquote>"

    assert harmless(source) == (
        "<h1>Hola</h1><table><tbody><tr><td>uno</td><td>dos</td></tr></tbody></table><blockquote>tres</blockquote>"
    )


@pytest.mark.parametrize(
    "tag", ["img src=https://t.example/p.gif", "link rel=prefetch href=//t", "video poster=//t", "base href=//t"]
)
def test_nothing_that_is_fetched_stays(tag):
    assert harmless(f"<{tag}><p style='background:url(//t)' background=//t>hola</p>") == "<p>hola</p>"


def test_depth_counts_what_is_open_and_no_element_that_ends_by_itself():
    assert not is_deeper("<div></div>" * 500 + "<p>a<br>" * 500, 10)
    assert is_deeper("<div>" * 11, 10)
