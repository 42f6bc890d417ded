"""Forms for the centre's pieces, made from the types of their Structs: how each field is shown, and read back."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from enum import StrEnum
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from rapport.centre.things import LEARNT
from rapport.errors import BadInput
from rapport.model.centre import KINDS
from rapport.web.centre.loose_values import read_value, show_value
from rapport.web.languages import catalogue

EDITED = tuple(kind for kind in KINDS if kind not in LEARNT and kind != "article")  # articles have pages of their own
FIELD = "field."
LONG = frozenset({"when", "who", "says"})
BOXES = frozenset({"lines", "pairs", "values", "json"})
MOST_ROWS = 200
PLAIN = {str: "text", int: "number", float: "number", bool: "flag"}


class FieldForm(msgspec.Struct, frozen=True):
    """One field of a form. `kind`: text, number, flag, choice, lines, pairs, values, json, rows; `label` in the reader's own.

    `name`: where it is, such as `steps.0.require`. `rows`: lines of the box; `parts`: of `rows`, the fields of each row.
    """

    name: str
    label: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()
    required: bool = False
    rows: int = 1
    parts: tuple[tuple["FieldForm", ...], ...] = ()


def typed_of(kind: str, value: Mapping[str, Any]) -> dict[str, str]:  # Any: plain JSON
    """A piece as its form would send it, by `field.NAME`; `value` is its JSON, with defaults left out or not."""
    return dict(_flat(KINDS[kind], value, FIELD))


def form_of(kind: str, typed: Mapping[str, str], language: str) -> tuple[FieldForm, ...]:
    """The form of a piece as it was typed; of what is not there, the defaults."""
    return _fields(KINDS[kind], typed, FIELD, language)


def rearranged(typed: Mapping[str, str], do: str) -> dict[str, str]:
    """What was typed after `add.NAME`, `drop.NAME.NTH` or `up.NAME.NTH`; anything else changes nothing."""
    verb, _, name = do.partition(".")
    path, _, last = (name, "", "") if verb == "add" else name.rpartition(".")
    key = f"{FIELD}{path}"
    count, nth = _count(typed, key), int(last) if last.isascii() and last.isdigit() and len(last) < 4 else -1
    if verb == "add" and typed.get(key, "").isdigit() and count < MOST_ROWS:
        return {**typed, key: str(count + 1)}
    if verb == "drop" and 0 <= nth < count:
        order = [one for one in range(count) if one != nth]
    elif verb == "up" and 0 < nth < count:
        order = [*range(nth - 1), nth, nth - 1, *range(nth + 1, count)]
    else:
        return dict(typed)
    kept = {name: text for name, text in typed.items() if not name.startswith(f"{key}.")}
    for new, old in enumerate(order):
        start = f"{key}.{old}."
        kept |= {f"{key}.{new}.{name.removeprefix(start)}": text for name, text in typed.items() if name.startswith(start)}
    return kept | {key: str(len(order))}


def label_of(name: str, language: str) -> str:
    """What a field is called."""
    key = f"field:{name}"
    said = catalogue(language).gettext(key)
    return name.replace("_", " ") if said == key else said


def help_of(kind: str, language: str) -> str:
    """What the fields of a kind say, as its Struct does."""
    said = " ".join((inspect.getdoc(KINDS[kind]) or "").split())
    key = f"kind:{kind}"
    told = catalogue(language).gettext(key)
    return said if told == key else told


def _row_of(type: Any) -> Any:  # Any: a type annotation; a Struct, or None
    """What each row is, of a field with rows of fields of their own."""
    item = get_args(type)[0] if get_origin(type) is tuple else None
    return item if inspect.isclass(item) and issubclass(item, msgspec.Struct) else None


def _count(typed: Mapping[str, str], key: str) -> int:
    said = typed.get(key, "")
    return min(int(said), MOST_ROWS) if said.isascii() and said.isdigit() and len(said) < 5 else 0


def _flat(struct: Any, value: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:  # Any: a Struct type; plain JSON
    for field in msgspec.structs.fields(struct):
        if field.name == "id" and path == FIELD:
            continue
        said = value.get(field.name, None if field.required else _default(field))
        row, key = _row_of(field.type), f"{path}{field.name}"
        if row is None:
            yield key, _shown(_kind(field.type)[0], said)
            continue
        yield key, str(len(said or ()))
        for nth, one in enumerate(said or ()):
            yield from _flat(row, one, f"{key}.{nth}.")


def _fields(struct: Any, typed: Mapping[str, str], path: str, language: str) -> tuple[FieldForm, ...]:  # Any: a Struct type
    fields = [field for field in msgspec.structs.fields(struct) if field.name != "id" or path != FIELD]
    return tuple(_field(field, typed, path, language) for field in fields)


def _field(field: msgspec.structs.FieldInfo, typed: Mapping[str, str], path: str, language: str) -> FieldForm:
    name, label, row = f"{path}{field.name}", label_of(field.name, language), _row_of(field.type)
    if row is not None:
        count = _count(typed, name)
        parts = tuple(_fields(row, typed, f"{name}.{nth}.", language) for nth in range(count))
        return FieldForm(name.removeprefix(FIELD), label, "rows", str(count), (), field.required, parts=parts)
    kind, choices = _kind(field.type)
    text = typed.get(name)
    if text is None:
        text = _shown(kind, None if field.required else _default(field))
    text = text.replace("\r\n", "\n")
    rows = min(18, max(2, text.count("\n") + 1)) if kind in BOXES or field.name in LONG else 1
    return FieldForm(name.removeprefix(FIELD), label, kind, text, choices, field.required, rows)


def _default(field: msgspec.structs.FieldInfo) -> Any:  # Any: plain JSON
    """What a field is where nothing is said."""
    made = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return msgspec.json.decode(msgspec.json.encode(made))


def _kind(type: Any) -> tuple[str, tuple[str, ...]]:  # Any: a type annotation
    """How a type is shown, and what can be chosen."""
    if get_origin(type) in (Union, UnionType):
        inner = [part for part in get_args(type) if part is not NoneType]
        if len(inner) == 1:
            kind, choices = _kind(inner[0])
            return kind, ("", *choices) if choices else ()
        return "json", ()
    if get_origin(type) is Literal:
        return "choice", tuple(str(one) for one in get_args(type))
    if inspect.isclass(type) and issubclass(type, StrEnum):
        return "choice", tuple(one.value for one in type)
    if type in PLAIN:
        return PLAIN[type], ()
    if get_origin(type) is tuple:
        item = get_args(type)[0]
        return ("lines", _kind(item)[1]) if item in (str, date) or get_origin(item) is Literal else ("json", ())
    if get_origin(type) is dict:
        return ("values", ()) if _pair_of(type) is None else ("pairs", ())
    return "json", ()


def _pair_of(type: Any) -> Any:  # Any: a type annotation
    """What stands after the `=` of a pair: a text, a number, a list of texts or a choice; None: more than fits on a line."""
    value = get_args(type)[1]
    if value in (str, int, float) or get_origin(value) is tuple:
        return value
    return str if inspect.isclass(value) and issubclass(value, StrEnum) else None


def _shown(kind: str, value: Any) -> str:  # Any: plain JSON
    if value is None:
        return ""
    if kind == "flag":
        return "yes" if value else "no"
    if kind == "lines":
        return "\n".join(str(one) for one in value)
    if kind == "pairs":
        return "\n".join(f"{name} = {', '.join(one) if isinstance(one, list | tuple) else one}" for name, one in value.items())
    if kind == "values":
        return "\n".join(f"{name} = {show_value(one)}" for name, one in value.items())
    if kind == "json":
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() if value not in ([], {}, "") else ""
    return str(int(value)) if kind == "number" and float(value).is_integer() else str(value)


def read_form(kind: str, name: str, data: Mapping[str, str]) -> bytes:
    """The JSON of a piece as its form says it. Raises BadInput, naming the field and what was met."""
    body = msgspec.json.encode({"id": name} | _read_fields(KINDS[kind], data, FIELD))
    try:
        msgspec.json.decode(body, type=KINDS[kind])
    except msgspec.ValidationError as wrong:
        raise BadInput(f"this cannot be saved: {wrong}") from None
    return body


def _read_fields(struct: Any, data: Mapping[str, str], path: str) -> dict[str, Any]:  # Any: a Struct type; plain JSON
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        key, row = f"{path}{field.name}", _row_of(field.type)
        if (field.name == "id" and path == FIELD) or key not in data:
            continue
        if row is None:
            value = _read(field, key.removeprefix(FIELD), data[key].replace("\r\n", "\n"))
        else:
            value = [_read_fields(row, data, f"{key}.{nth}.") for nth in range(_count(data, key))]
        if field.required or value != _default(field):
            found[field.name] = value
    return found


def _read(field: msgspec.structs.FieldInfo, name: str, text: str) -> Any:  # Any: plain JSON
    kind, _ = _kind(field.type)
    said = text.strip()
    if kind == "number":
        return _number(name, said, whole=field.type is int)
    if kind == "flag":
        return said == "yes"
    if kind == "choice":
        return said or None
    if kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if kind in ("pairs", "values"):
        return dict(_pair(name, line, _pair_of(field.type)) for line in text.split("\n") if line.strip())
    if kind == "json":
        return _json(field, name, said)
    return text if field.name in LONG else said


def _number(name: str, text: str, *, whole: bool) -> float | int:
    with suppress(ValueError, OverflowError):
        found = int(text or 0) if whole else float((text or "0").replace(",", "."))
        if isfinite(found):
            return found
    raise BadInput(f"{name} is a number, got {text[:40]!r}")


def _pair(name: str, line: str, type: Any) -> tuple[str, Any]:  # Any: a type annotation; a text, a number or texts
    key, equals, value = line.partition("=")
    if not equals or not key.strip():
        raise BadInput(f"{name} has one `name = value` a line, got {line[:60]!r}")
    if type is None:
        return key.strip(), read_value(value.strip())
    if type in (int, float):
        return key.strip(), _number(name, value.strip(), whole=type is int)
    if get_origin(type) is tuple:
        return key.strip(), [one.strip() for one in value.split(",") if one.strip()]
    return key.strip(), value.strip()


def _json(field: msgspec.structs.FieldInfo, name: str, text: str) -> Any:  # Any: plain JSON
    if not text:
        return _default(field) if not field.required else []
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as wrong:
        raise BadInput(f"{name} is not JSON: {wrong}") from None
