"""Forms for the centre's pieces, made from the types of their Structs: how each field is shown, and read back."""

import inspect
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from rapport.centre.things import LEARNT
from rapport.errors import BadInput
from rapport.model.centre import KINDS
from rapport.web.languages import catalogue

EDITED = tuple(kind for kind in KINDS if kind not in LEARNT)
FIELD = "field."
LONG = frozenset({"when", "says"})
PLAIN = {str: "text", int: "number", float: "number", bool: "flag"}


class FieldForm(msgspec.Struct, frozen=True):
    """One field of a form. `kind`: text, number, flag, choice, lines, pairs or json; `label` in the reader's language."""

    name: str
    label: str
    kind: str
    value: str
    choices: tuple[str, ...] = ()
    required: bool = False
    rows: int = 1


def form_of(kind: str, value: Mapping[str, Any], language: str) -> tuple[FieldForm, ...]:  # Any: plain JSON
    """The form of a piece; `value` is its JSON, with defaults left out or not."""
    return tuple(_field(field, value, language) for field in msgspec.structs.fields(KINDS[kind]) if field.name != "id")


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


def _field(field: msgspec.structs.FieldInfo, value: Mapping[str, Any], language: str) -> FieldForm:  # Any: plain JSON
    kind, choices = _kind(field.type)
    said = value.get(field.name, None if field.required else _default(field))
    text = _shown(kind, said)
    rows = min(18, max(2, text.count("\n") + 1)) if kind in ("lines", "pairs", "json") or field.name in LONG else 1
    return FieldForm(field.name, label_of(field.name, language), kind, text, choices, field.required, rows)


def _default(field: msgspec.structs.FieldInfo) -> Any:  # Any: plain JSON
    """What a field is where nothing is said."""
    made = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return msgspec.to_builtins(made)


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
    if get_origin(type) is dict and _pair_of(type) is not None:
        return "pairs", ()
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
    if kind == "json":
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() if value not in ([], {}, "") else ""
    return str(int(value)) if kind == "number" and float(value).is_integer() else str(value)


def read_form(kind: str, name: str, data: Mapping[str, str]) -> bytes:
    """The JSON of a piece as its form says it. Raises BadInput, naming the field and what was met."""
    found: dict[str, Any] = {"id": name}  # Any: plain JSON
    for field in msgspec.structs.fields(KINDS[kind]):
        if field.name == "id" or f"{FIELD}{field.name}" not in data:
            continue
        value = _read(field, data[f"{FIELD}{field.name}"].replace("\r\n", "\n"))
        default = None if field.required else _default(field)
        if field.required or value != default:
            found[field.name] = value
    body = msgspec.json.encode(found)
    try:
        msgspec.json.decode(body, type=KINDS[kind])
    except msgspec.ValidationError as wrong:
        raise BadInput(f"this cannot be saved: {wrong}") from None
    return body


def _read(field: msgspec.structs.FieldInfo, text: str) -> Any:  # Any: plain JSON
    kind, _ = _kind(field.type)
    said = text.strip()
    if kind == "number":
        return _number(field.name, said, whole=field.type is int)
    if kind == "flag":
        return said == "yes"
    if kind == "choice":
        return said or None
    if kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if kind == "pairs":
        return dict(_pair(field.name, line, _pair_of(field.type)) for line in text.split("\n") if line.strip())
    if kind == "json":
        return _json(field, said)
    return text if field.name in LONG else said


def _number(name: str, text: str, *, whole: bool) -> float | int:
    try:
        return int(text or 0) if whole else float((text or "0").replace(",", "."))
    except ValueError:
        raise BadInput(f"{name} is a number, got {text[:40]!r}") from None


def _pair(name: str, line: str, type: Any) -> tuple[str, Any]:  # Any: a type annotation; a text, a number or texts
    key, equals, value = line.partition("=")
    if not equals or not key.strip():
        raise BadInput(f"{name} has one `name = value` a line, got {line[:60]!r}")
    if type in (int, float):
        return key.strip(), _number(name, value.strip(), whole=type is int)
    if get_origin(type) is tuple:
        return key.strip(), [one.strip() for one in value.split(",") if one.strip()]
    return key.strip(), value.strip()


def _json(field: msgspec.structs.FieldInfo, text: str) -> Any:  # Any: plain JSON
    if not text:
        return _default(field) if not field.required else []
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as wrong:
        raise BadInput(f"{field.name} is not JSON: {wrong}") from None
