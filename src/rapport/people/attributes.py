"""Attributes of a person: their values checked, merged, and read while they hold."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rapport.errors import BadInput
from rapport.model.attribute import Attribute, Value
from rapport.model.person import Person

MOST_ITEMS = 64
MOST_LETTERS = 400
THEMSELVES = "self"  # the source of what a person says of themselves: nothing that is learnt takes its place


def read_value(value: Any) -> Value | None:  # Any: plain JSON from outside
    """The value as an attribute holds it; None where it is of no kind that an attribute can have."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _finite(value)
    if isinstance(value, str):
        return value[:MOST_LETTERS]
    if isinstance(value, list | tuple):
        return [str(item)[:MOST_LETTERS] for item in value[:MOST_ITEMS]]
    if isinstance(value, Mapping) and all(_is_number(level) for level in value.values()):
        levels = {str(key)[:MOST_LETTERS]: _finite(level) for key, level in list(value.items())[:MOST_ITEMS]}
        found = {name: level for name, level in levels.items() if level is not None}
        return found if len(found) == len(levels) else None
    return None


def _finite(number: float) -> float | None:
    """The number as a row can hold it; None where it is none, or larger than any."""
    try:
        return float(number) if math.isfinite(number) else None
    except OverflowError:
        return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_attributes(attributes: Mapping[str, Any]) -> dict[str, Value]:  # Any: plain JSON from outside
    """The attributes, each value of a kind that can be used. Raises BadInput, naming the first that is not."""
    checked: dict[str, Value] = {}
    for name, value in attributes.items():
        read = read_value(value)
        if read is None:
            raise BadInput(
                f"attribute {name} must be a number, text, true, false, a list of texts or levels by name, got {value!r}"
            )
        checked[name] = read
    return checked


def merged(old: Value | None, new: Value) -> Value:
    """What is believed when `new` is learnt beside `old`: lists and levels grow, all else is replaced."""
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *(item for item in new if item not in old)][:MOST_ITEMS]
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{name: max(level, old.get(name, 0.0)) for name, level in new.items()}}
    return new


def held(person: Person | None, name: str, at: datetime) -> Attribute | None:
    """The person's attribute of this name, if it still holds at `at`."""
    for attribute in person.attributes if person else ():
        if attribute.name == name and (attribute.expires is None or attribute.expires > at):
            return attribute
    return None


def with_attribute(attributes: tuple[Attribute, ...], new: Attribute) -> tuple[Attribute, ...]:
    """The attributes with `new` in place of its namesake, without those that had expired when it was learnt."""
    kept = [a for a in attributes if a.name != new.name and (a.expires is None or a.expires > new.at)]
    return (*kept, new)
