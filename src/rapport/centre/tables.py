"""Tables of a file as values: an unknown key is refused with the nearest known one, a wrong value with its place and cure."""

import difflib
import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from rapport.centre.toml_text import Document, Step
from rapport.errors import CentreError
from rapport.model.review import Misplaced

Value = TypeVar("Value", bound=msgspec.Struct)
_PATH = re.compile(r" - at `\$(.*)`$")
_STEPS = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\[\.\.\.\]")
_CURES = {
    "`str`": "write it in double quotes",
    "`int`": "write a whole number, without quotes",
    "`float`": "write a number, without quotes",
    "`bool`": "write true or false, without quotes",
    "`array`": 'write a list, as ["one", "two"]',
    "`object`": "write a table, as { name = value }",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean ...?` with the nearest known word, and all of them."""
    names = sorted(str(name) for name in known)
    near = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}? Known here: {', '.join(names)}" if near else f"known here: {', '.join(names)}"


def refuse_unknown(names: Iterable[str], known: Iterable[str], document: Document, path: tuple[Step, ...], what: str) -> None:
    """Raise CentreError at the first name that is not known."""
    allowed = {name for name in known if not name.startswith("#")}
    for name in names:
        if name not in allowed and not name.startswith("#"):
            raise CentreError(f"{document.place(*path, name)}: unknown key {name!r} in {what}; {nearest(name, allowed)}")


def read_table(kind: type[Value], table: Any, document: Document, path: tuple[Step, ...]) -> Value:  # Any: plain TOML
    """The value that a table says. Raises CentreError with file, line, value and cure."""
    what = _shown(path)
    if not isinstance(table, dict):
        raise CentreError(
            f"{document.place(*path)}: {what} is {_short(table)}, but must be a table; write [{what}] above its keys"
        )
    _refuse_nested(inspect.type_info(kind), table, document, path)
    endless = endless_in(table)
    if endless is not None:
        where = (*path, *endless)
        raise CentreError(f"{document.place(*where)}: {_shown(where)} is {_value_at(table, endless)}; write a finite number")
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, Misplaced):
            raise CentreError(f"{document.place(*path, *error.__cause__.steps)}: {error.__cause__}") from None
        raise CentreError(_wrong(str(error), table, document, path)) from None


def endless_in(value: Any) -> tuple[Step, ...] | None:  # Any: plain TOML
    """The steps to the first number that is inf or nan, which no JSON can keep; None where there is none."""
    if isinstance(value, float):
        return None if isfinite(value) else ()
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = ((step, endless_in(part)) for step, part in parts)
    return next(((step, *rest) for step, rest in found if rest is not None), None)


def _refuse_nested(info: inspect.Type, value: Any, document: Document, path: tuple[Step, ...]) -> None:  # Any: plain TOML
    if isinstance(info, inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in info.fields}
        refuse_unknown(value, fields, document, path, _shown(path))
        for name, part in value.items():
            _refuse_nested(fields[name], part, document, (*path, name))
    elif isinstance(info, inspect.VarTupleType | inspect.ListType) and isinstance(value, list):
        for nth, part in enumerate(value):
            _refuse_nested(info.item_type, part, document, (*path, nth))


def _wrong(said: str, table: Mapping[str, Any], document: Document, path: tuple[Step, ...]) -> str:  # Any: plain TOML
    found = _PATH.search(said)
    steps = _steps(found[1]) if found else ()
    reason = _PATH.sub("", said)
    missing = re.search(r"missing required field `(\w+)`", reason)
    where = document.place(*path, *steps)
    if missing:
        return f"{where}: {_shown((*path, *steps))} has no {missing[1]!r}; add `{missing[1]} = ...`"
    value = _value_at(table, steps)
    cure = next((cure for kind, cure in _CURES.items() if f"Expected {kind}" in reason), "see the keys in docs/centre.md")
    return f"{where}: {_shown((*path, *steps))} is {_short(value)}: {_plain(reason)}; {cure}"


def _steps(text: str) -> tuple[Step, ...]:
    return tuple(int(index) if index else name for name, index in _STEPS.findall(text) if name or index)


def _value_at(value: Any, steps: tuple[Step, ...]) -> Any:  # Any: plain TOML
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return value
    return value


def _plain(reason: str) -> str:
    return reason[:1].lower() + reason[1:].replace("`", "")


def _short(value: Any) -> str:  # Any: plain TOML
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _shown(path: tuple[Step, ...]) -> str:
    """A path as people write it: `plan 2 / steps 1 / seconds`, counted from one."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int) and words:
            words[-1] += f" {step + 1}"
        else:
            words.append(str(step))
    return " / ".join(words) or "the file"
