"""Splitting holds the limit, loses nothing, and cuts where a reader would pause."""

import pytest
from hypothesis import given, strategies as st

from rapport.channels.splitting import split

texts = st.text(st.characters(codec="utf-8"), max_size=400)


@given(texts, st.integers(1, 60))
def test_every_part_is_within_the_room_and_all_letters_are_there_in_order(text, room):
    parts = split(text, room)

    assert all(0 < len(part) <= room for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(texts, st.integers(4, 60))
def test_the_room_may_be_counted_in_bytes(text, room):
    assert all(len(part.encode()) <= room for part in split(text, room, lambda part: len(part.encode())))


@pytest.mark.parametrize(
    ("text", "room", "parts"),
    [
        ("uno dos tres", 12, ["uno dos tres"]),
        ("uno dos tres", 8, ["uno dos", "tres"]),
        ("Ya vamos. Espere ahí por favor.", 20, ["Ya vamos.", "Espere ahí por", "favor."]),
        ("Primero esto.\n\nDespués aquello y más.", 30, ["Primero esto.", "Después aquello y más."]),
        ("línea una\nlínea dos y", 15, ["línea una", "línea dos y"]),
        ("aaaabbbb", 4, ["aaaa", "bbbb"]),
        ("", 5, []),
        ("   ", 5, []),
    ],
)
def test_a_text_is_cut_at_the_greatest_pause(text, room, parts):
    assert split(text, room) == parts


@pytest.mark.parametrize("sign", ["👩‍👩‍👧", "e\u0301", "👍🏽", "🇲🇽"], ids=["family", "accent", "thumb", "flag"])
def test_a_sign_made_of_several_characters_is_not_cut(sign):
    parts = split("x" * 7 + sign * 4, 8 + len(sign) // 2)

    assert all(part.replace(sign, "").strip("x") == "" for part in parts)


def test_no_room_is_refused():
    with pytest.raises(ValueError, match="room must be at least 1, got 0"):
        split("hola", 0)
