"""EventKind: what departments may write of one kind of journey event, as a JSON Schema; and what in an event does not fit it.

Of JSON Schema (draft 2020-12) we read the words that describe plain data, listed in WORDS; others stop the file that says them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any

import msgspec

WORDS = frozenset(
    {"$schema", "$id", "title", "description", "default", "examples", "format"}  # say something, ask nothing
    | {"type", "properties", "required", "additionalProperties", "enum", "const", "items", "minimum", "maximum"}
    | {"minLength", "maxLength", "minItems", "maxItems"}
)
TYPES: Mapping[str, Callable[[Any], bool]] = {  # Any: plain JSON
    "object": lambda v: isinstance(v, Mapping),
    "array": lambda v: isinstance(v, list | tuple),
    "string": lambda v: isinstance(v, str),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "integer": lambda v: (isinstance(v, int) and not isinstance(v, bool)) or (isinstance(v, float) and v.is_integer()),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
}
MOST_DAYS = 36_525  # a hundred years
DEEPEST = 8
DEEPEST_DATA = 40
EARLIEST, AHEAD = datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=1)
Schema = dict[str, Any]  # Any: plain JSON


class EventKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of event, such as `hotel.checked_in`. `schema`: what its data must be; `before`: earlier ones that still pass.

    `keep_days`: for how long an event that comes from now on is kept and told; 0: as long as the person is known.
    """

    id: str
    title: dict[str, str] = {}
    schema: Schema = {}
    before: tuple[Schema, ...] = ()
    keep_days: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError where a schema cannot be read."""
        for schema in (self.schema, *self.before):
            check_schema(schema)
        if self.keep_days < 0:
            raise ValueError(f"keep_days is {self.keep_days:g}; write 0 or more days")


def check_schema(schema: Schema, at: str = "schema", depth: int = 0) -> None:
    """Raise ValueError where a schema says what we do not read, naming the place and the nearest known word."""
    if depth > DEEPEST:
        raise ValueError(f"{at} is more than {DEEPEST} levels deep; make it flatter")
    for word in schema:
        if word not in WORDS:
            near = get_close_matches(word, WORDS, 1)
            raise ValueError(f"{at} says {word!r}, which is not read here" + (f"; did you mean {near[0]}?" if near else ""))
    for kind in _listed(schema.get("type", ())):
        if kind not in TYPES:
            raise ValueError(f"{at} has the type {kind!r}; write one of {', '.join(TYPES)}")
    for name, inner in schema.get("properties", {}).items():
        check_schema(inner, f"{at}.properties.{name}", depth + 1)
    if isinstance(schema.get("items"), dict):
        check_schema(schema["items"], f"{at}.items", depth + 1)


def misfit(kind: EventKind | None, data: Mapping[str, Any]) -> str:  # Any: plain JSON
    """What in an event's data does not fit its kind, in a sentence without the value; "" where it fits or none is known."""
    if kind is None:
        return ""
    first = next(_faults(kind.schema, data, "data"), "")
    if not first or any(next(_faults(schema, data, "data"), "") == "" for schema in kind.before):
        return ""
    return first


def check_told(at: datetime, data: Mapping[str, Any], now: datetime) -> None:  # Any: plain JSON
    """Raise ValueError where an event's time cannot be, or its data cannot be kept. `at`, `now`: with a zone."""
    if not EARLIEST <= at <= now + AHEAD:
        raise ValueError("time must be between the year 2000 and tomorrow; correct the clock of whoever sends it")
    _check_kept(data, 0)


def _check_kept(value: Any, depth: int) -> None:  # Any: plain JSON
    if depth > DEEPEST_DATA:
        raise ValueError(f"data is more than {DEEPEST_DATA} levels deep; make it flatter")
    if value is None or isinstance(value, str | float):
        return
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("data holds a whole number of more than 64 bits; write it as text")
    for inner in value if isinstance(value, list | tuple) else value.values() if isinstance(value, dict | Mapping) else ():
        _check_kept(inner, depth + 1)


def _faults(schema: Schema, value: Any, at: str) -> Iterator[str]:  # Any: plain JSON
    kinds = _listed(schema.get("type", ()))
    if kinds and not any(TYPES[kind](value) for kind in kinds):
        yield f"{at} must be {' or '.join(kinds)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} must be one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema and value != schema["const"]:
        yield f"{at} must be {schema['const']}"
    yield from _sizes(schema, value, at)
    if isinstance(value, Mapping):
        yield from _of_object(schema, value, at)
    elif isinstance(value, list | tuple) and isinstance(schema.get("items"), dict):
        for place, item in enumerate(value):
            yield from _faults(schema["items"], item, f"{at}[{place}]")


def _of_object(schema: Schema, value: Mapping[str, Any], at: str) -> Iterator[str]:  # Any: plain JSON
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}.{name} is missing"
    for name, inner in value.items():
        if name in properties:
            yield from _faults(properties[name], inner, f"{at}.{name}")
        elif schema.get("additionalProperties") is False:
            near = get_close_matches(name, properties, 1)
            yield f"{at}.{name[:40]} is not of this kind" + (f"; did you mean {near[0]}?" if near else "")


def _sizes(schema: Schema, value: Any, at: str) -> Iterator[str]:  # Any: plain JSON
    number = TYPES["number"](value)
    size = len(value) if isinstance(value, str | list | tuple) else 0
    words = ("minLength", "maxLength") if isinstance(value, str) else ("minItems", "maxItems")
    if number and value < schema.get("minimum", value):
        yield f"{at} must be at least {schema['minimum']}"
    if number and value > schema.get("maximum", value):
        yield f"{at} must be at most {schema['maximum']}"
    if isinstance(value, str | list | tuple) and not schema.get(words[0], 0) <= size <= schema.get(words[1], size):
        yield f"{at} must be {schema.get(words[0], 0)} to {schema.get(words[1], 'any number')} long, is {size}"


def _listed(types: str | Sequence[str]) -> Sequence[str]:
    return (types,) if isinstance(types, str) else types
