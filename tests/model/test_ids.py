"""Ids say what they name, whichever way they are made, and keep the layout of version 7."""

from datetime import UTC, datetime
from hashlib import blake2b
from uuid import RFC_4122, UUID

from hypothesis import given, strategies as st

from rapport.model.ids import derived_id, following_id, named_id

IDS = st.binary(min_size=16, max_size=16)


@given(IDS, st.integers(0, 200), IDS, st.integers(0, 50))
def test_a_fact_that_follows_is_named_as_anything_else_that_is_derived(parent, kind, subject, nth):
    assert following_id(parent, kind, subject, nth) == derived_id(parent, kind, subject, nth)


@given(IDS, st.text(max_size=20))
def test_an_id_has_the_layout_of_version_7_and_its_parents_time(parent, name):
    made = derived_id(parent, name)

    assert (UUID(bytes=made).version, UUID(bytes=made).variant) == (7, RFC_4122)
    assert made[:6] == parent[:6]


def test_an_id_is_blake2_of_the_names_each_ended_by_a_zero():
    at = datetime(2026, 3, 3, tzinfo=UTC)
    tail = bytearray(blake2b(b"acme\x0042\x00", digest_size=10).digest())
    tail[0], tail[2] = 0x70 | tail[0] & 0x0F, 0x80 | tail[2] & 0x3F

    assert named_id(at, "acme", 42) == int(at.timestamp() * 1000).to_bytes(6, "big") + bytes(tail)
