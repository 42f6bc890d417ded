"""What every parser does with what a network says."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from contracts.channel import GARBAGE, NOW, storable
from rapport.channels.wire import honest, key_if_any, key_of, line, opened, unreadable
from rapport.model.message import Unreadable


class Thing(msgspec.Struct):
    name: str


DECODER = msgspec.json.Decoder(Thing)


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE.keys())
def test_bytes_that_cannot_be_read_are_kept_with_the_reason(raw):
    kept = opened(raw, DECODER, NOW)

    assert isinstance(kept, Unreadable)
    assert (kept.raw, bool(kept.reason), storable(kept)) == (raw, True, True)
    assert kept.key == opened(raw, DECODER, NOW + timedelta(days=1)).key


def test_a_key_is_the_networks_own_name_and_never_longer_than_it_may_be():
    assert key_of("t1_abc") == "t1_abc"
    assert len(key_of("x" * 501)) <= 80
    assert key_of("x" * 501) != key_of("x" * 502)
    assert key_of("\0")
    assert key_if_any("") == key_if_any(None) == ""


@pytest.mark.parametrize(
    ("text", "said"), [(None, ""), (" Ana \n\t Ruiz\0 ", "Ana Ruiz"), ("x" * 10**6, "x" * 200), ("\ud800", "�")]
)
def test_a_name_is_one_line_of_bounded_length(text, said):
    assert line(text) == said


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (None, NOW),
        (NOW - timedelta(days=1), NOW - timedelta(days=1)),
        (datetime(2026, 11, 16, 9), datetime(2026, 11, 16, 9, tzinfo=UTC)),
        (NOW + timedelta(seconds=1), NOW),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-23))), NOW),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=23))), NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW),
    ],
)
def test_a_time_is_believed_unless_it_cannot_be(told, believed):
    assert honest(told, NOW) == believed


def test_a_reason_is_storable_and_short():
    assert storable(unreadable(b"x", "\ud800\0" * 5000, NOW))
    assert len(unreadable(b"x", "y" * 5000, NOW).reason) == 500
