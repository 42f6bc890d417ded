"""Attributes: what a value may be, and how what is learnt joins what is known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from rapport.errors import BadInput
from rapport.model.attribute import Attribute
from rapport.model.person import Person
from rapport.people.attributes import check_attributes, held, merged, read_value, with_attribute
from rapport.people.lexicon import KNOWLEDGE, plain, slug, spoken_of

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_numbers_texts_lists_and_levels_are_values():
    assert check_attributes({"a": 1, "b": "x", "c": True, "d": ["x", 2], "e": {"wifi": 1}}) == {
        "a": 1.0,
        "b": "x",
        "c": True,
        "d": ["x", "2"],
        "e": {"wifi": 1.0},
    }


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400], ids=["nan", "infinite", "huge"])
def test_a_number_that_no_row_can_hold_is_no_value_alone_or_as_a_level(number):
    assert read_value(number) is None
    assert read_value({"wifi": 1, "vpn": number}) is None


@pytest.mark.parametrize("value", [None, {"a": "text"}, {"a": True}, {"a": None}])
def test_what_is_no_value_is_refused_by_its_name(value):
    with pytest.raises(BadInput, match="attribute loyalty must be"):
        check_attributes({"loyalty": value})


def test_lists_grow_without_doubles_and_levels_only_rise():
    assert merged(["running"], ["golf", "running"]) == ["running", "golf"]
    assert merged({"wifi": 0.9}, {"wifi": 0.2, "tv": 0.5}) == {"wifi": 0.9, "tv": 0.5}
    assert merged("silver", "gold") == "gold"


def test_an_attribute_holds_until_it_expires():
    person = Person(b"p", attributes=(Attribute("tier", "vip", "test", NOON, expires=NOON + timedelta(days=1)),))

    assert held(person, "tier", NOON) is not None
    assert held(person, "tier", NOON + timedelta(days=1)) is None
    assert held(None, "tier", NOON) is None


def test_a_new_attribute_takes_the_place_of_its_namesake_and_of_what_expired():
    old = Attribute("tier", "silver", "test", NOON)
    gone = Attribute("visit", True, "test", NOON, expires=NOON + timedelta(hours=1))
    new = Attribute("tier", "gold", "test", NOON + timedelta(hours=2))

    assert with_attribute((old, gone), new) == (new,)


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_plain_json_is_read_or_is_none(value):
    read_value(value)


@given(st.text())
def test_any_text_can_be_looked_up(text):
    assert set(spoken_of(text)) <= set(KNOWLEDGE)
    assert slug(text) == slug(slug(text))


def test_accents_and_case_make_no_difference():
    assert plain("MARATÓN Año") == "maraton ano"
    assert {k.name for k in spoken_of("MARATÓN")} == {"running"}


def test_a_phrase_must_stand_whole():
    assert {k.name for k in spoken_of("looking for formal wear")} == {"formal-wear"}
    assert spoken_of("formal weariness") == {}
