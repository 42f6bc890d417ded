"""A list that is read again and again gives each thing once, and nothing that came late is skipped."""

from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from contracts.channel import NOW
from rapport.channels.watermark import OVERLAP, Found, Watermark, cursor_of, fresh, read_back, since, watermark

pytestmark = pytest.mark.anyio


def found(name, minutes=0.0):
    return Found(name, NOW + timedelta(minutes=minutes), name.encode())


def names(things):
    return [one.name for one in things]


def pages(*listed):
    """A list in pages, and how many were asked for."""
    asked = []

    async def turn(token):
        number = int(token or 0)
        asked.append(number)
        return listed[number], str(number + 1) if number + 1 < len(listed) else ""

    return turn, asked


def test_what_was_given_is_not_given_again_and_what_came_late_is():
    first, mark = fresh(Watermark(), [found("c", 3), found("a", 1)], NOW + timedelta(minutes=5))

    later, _ = fresh(mark, [found("c", 3), found("b", 2), found("a", 1)], NOW + timedelta(minutes=6))

    assert (names(first), names(later)) == (["a", "c"], ["b"])


def test_a_thing_that_changed_has_another_name_and_is_given_again():
    _, mark = fresh(Watermark(), [found("a@1")], NOW)

    later, _ = fresh(mark, [found("a@2", 1)], NOW + timedelta(minutes=2))

    assert names(later) == ["a@2"]


def test_the_cursor_forgets_what_no_reading_goes_back_to():
    _, mark = fresh(Watermark(), [found("old", -60), found("new")], NOW)

    assert len(mark.seen) == 1
    assert since(mark, NOW, timedelta(days=7)) == NOW - OVERLAP


def test_a_time_in_the_future_does_not_make_us_deaf_until_then():
    _, mark = fresh(Watermark(), [found("wrong clock", 60 * 24 * 365)], NOW)

    later, _ = fresh(mark, [found("next", 1)], NOW + timedelta(minutes=2))

    assert mark.at == NOW
    assert names(later) == ["next"]


@pytest.mark.parametrize("cursor", [None, b"", b"garbage", b"[" * 5000, b"[]", b'{"at": 7}', b'{"at": "2026-11-16T10:00:00"}'])
def test_a_cursor_that_is_none_begins_anew(cursor):
    assert watermark(cursor) == Watermark()


async def test_a_reading_ends_at_a_page_that_is_older_as_a_whole():
    turn, asked = pages(
        [found("d", 4), found("c", 3)], [found("pinned", -90), found("b", 2)], [found("old", -90)], [found("x", -99)]
    )

    read = await read_back(turn, NOW)

    assert (names(read), asked) == (["d", "c", "b"], [0, 1, 2])


async def test_an_empty_page_in_the_middle_ends_nothing():
    turn, _ = pages([found("b", 2)], [], [found("a", 1)])

    assert names(await read_back(turn, NOW)) == ["b", "a"]


@pytest.mark.long
@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 14)), max_size=40), st.lists(st.integers(0, 700), max_size=12))
def test_each_thing_is_given_exactly_once_whenever_one_reads_and_however_late_it_is_shown(things, readings):
    # a thing is written at a second, and shown up to 14 minutes later: less than the overlap
    given_names, mark = [], Watermark()
    for minute in [*sorted(readings), 10_000]:
        now = NOW + timedelta(minutes=minute)
        shown = [found(f"{at}-{late}-{n}", at) for n, (at, late) in enumerate(things) if at + late <= minute]
        until = since(mark, now, timedelta(days=30))
        new, mark = fresh(mark, [one for one in shown if one.at >= until], now)
        mark = watermark(cursor_of(mark))
        given_names += names(new)

    assert sorted(given_names) == sorted(f"{at}-{late}-{n}" for n, (at, late) in enumerate(things))
