"""Attributes as matching may use them: of a type, not expired, believed, and never a protected one; of many in columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.matching.language.columns import Column, Mask, column_of
from rapport.matching.protected import is_protected
from rapport.model.attribute import Attribute, AttributeType, Value

BELIEVED = 0.5  # what is believed less than this is no attribute to an expression
_INFERRED = ("message", "event:", "signal:", "model:")  # how the source of what nobody said begins


def is_inferred(attribute: Attribute) -> bool:
    """Whether it was concluded from what happened; else somebody declared it."""
    return attribute.source.startswith(_INFERRED)


def type_of(value: Value) -> AttributeType:
    """The type that a value has of its own; a level is a number, a time is a text."""
    if isinstance(value, bool):
        return AttributeType.FLAG
    if isinstance(value, int | float):
        return AttributeType.NUMBER
    if isinstance(value, str):
        return AttributeType.TEXT
    return AttributeType.LEVELS if isinstance(value, dict) else AttributeType.SET


def misfit(value: Value, wanted: AttributeType) -> str:
    """What to write in place of a value that is not of the type; "" where it is."""
    cure, fits = _FITS[wanted]
    return "" if fits(value) else cure


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_level(value: Any) -> bool:  # Any: an attribute value
    return _is_number(value) and 0 <= value <= 1


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


_FITS: Mapping[AttributeType, tuple[str, Any]] = {  # Any: a test of an attribute value
    AttributeType.LEVEL: ("write a number from 0 to 1", _is_level),
    AttributeType.LEVELS: (
        "write levels from 0 to 1 by name, as `wifi=0.9;billing=0.1`",
        lambda value: isinstance(value, dict) and all(map(_is_level, value.values())),
    ),
    AttributeType.SET: ("write a list, as `es;en`", lambda value: isinstance(value, list)),
    AttributeType.TEXT: ("write a text", lambda value: isinstance(value, str)),
    AttributeType.NUMBER: ("write a number", _is_number),
    AttributeType.TIME: ("write a date or a time, as `2026-03-01` or `2026-03-01T10:00:00+00:00`", _is_time),
    AttributeType.FLAG: ("write true or false", lambda value: isinstance(value, bool)),
}


def record_of(attributes: Iterable[Attribute], now: datetime, own: tuple[str, ...] = ()) -> dict[str, Value]:
    """The values that expressions may read: what holds `now`, is believed and not protected. `own`: the tenant's own names."""
    return {
        attribute.name: attribute.value
        for attribute in attributes
        if attribute.confidence >= BELIEVED and _holds(attribute, now) and not is_protected(attribute.name, own)
    }


def _holds(attribute: Attribute, now: datetime) -> bool:
    return attribute.expires is None or attribute.expires > now


@dataclass(frozen=True, slots=True)
class Believed:
    """One attribute of many persons or conversations, with where it comes from. Every array is over them.

    Where there is none: `at`, in Unix seconds, is NaN, `confidence`, in [0, 1], is 0, and `sources` has "".
    """

    column: Column
    at: NDArray[np.float64]
    confidence: NDArray[np.float64]
    inferred: Mask
    sources: list[str]


def believed(of_each: Sequence[Sequence[Attribute]], name: str, now: datetime, own: tuple[str, ...] = ()) -> Believed:
    """The column of the attribute called `name`; empty for a protected one, and where it has expired."""
    hidden = is_protected(name, own)
    found = [
        None if hidden else next((a for a in attributes if a.name == name and _holds(a, now)), None) for attributes in of_each
    ]
    count = len(found)
    return Believed(
        column_of([attribute.value if attribute else None for attribute in found]),
        np.fromiter((attribute.at.timestamp() if attribute else np.nan for attribute in found), np.float64, count),
        np.fromiter((attribute.confidence if attribute else 0.0 for attribute in found), np.float64, count),
        np.fromiter((attribute is not None and is_inferred(attribute) for attribute in found), np.bool_, count),
        [attribute.source if attribute else "" for attribute in found],
    )
