"""Attributes in columns: what holds, is believed and may be used, with where it comes from."""

from datetime import UTC, datetime, timedelta

import numpy as np

from rapport.matching.attributes import believed, is_inferred, record_of, type_of
from rapport.matching.expression import parse
from rapport.matching.language.columns import Columns
from rapport.model.attribute import Attribute, AttributeType

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_attribute(name, value, source="crm", **more):
    return Attribute(name, value, source, more.pop("at", NOW - HOUR), **more)


def test_an_expression_sees_what_holds_is_believed_and_may_be_used():
    attributes = [
        an_attribute("loyalty", "gold"),
        an_attribute("mood", "sour", expires=NOW - HOUR),
        an_attribute("guess", "x", confidence=0.4),
        an_attribute("birthDate", "1980-01-01"),
        an_attribute("chess", "x"),
    ]

    assert record_of(attributes, NOW, own=("chess",)) == {"loyalty": "gold"}


def test_a_column_says_value_source_time_and_confidence_of_each():
    gold = an_attribute("loyalty", "gold", confidence=0.8)
    risk = an_attribute("loyalty", "none", source="signal:left", at=NOW)

    found = believed([[gold], [], [risk]], "loyalty", NOW)

    assert found.column.values == ["gold", None, "none"]
    assert found.confidence.tolist() == [0.8, 0.0, 1.0]
    assert found.inferred.tolist() == [False, False, True]
    assert found.sources == ["crm", "", "signal:left"]
    assert np.isnan(found.at).tolist() == [False, True, False]


def test_a_protected_attribute_has_an_empty_column():
    assert believed([[an_attribute("edad", 60.0)]], "edad", NOW).column.values == [None]


def test_what_was_read_from_messages_events_and_signals_is_inferred():
    sources = ["message", "event:app.opened", "signal:vip", "model:3", "crm", "declared"]

    assert [is_inferred(an_attribute("a", 1.0, source)) for source in sources] == [True, True, True, True, False, False]


def test_a_value_has_a_type_of_its_own():
    values = [True, 1.0, "a", ["a"], {"a": 1.0}]

    assert [type_of(value) for value in values] == [
        AttributeType.FLAG,
        AttributeType.NUMBER,
        AttributeType.TEXT,
        AttributeType.SET,
        AttributeType.LEVELS,
    ]


def test_times_are_compared_as_they_are_written():
    agents = Columns([{"hired": "2024-05-01"}, {"hired": "2026-01-01"}, {}])

    assert parse("hired < '2025-01-01'").mask(agents).tolist() == [True, False, False]
