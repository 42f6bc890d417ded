"""Things of a centre as a file's tables say them: `[centre]`, `[[brand]]`, `[[channel]]`, `[[plan]]` and so on."""

from collections.abc import Callable
from typing import Any

import msgspec

from rapport.centre.tables import read_table
from rapport.centre.toml_text import Document, Step
from rapport.errors import BadInput, CentreError
from rapport.model.centre import KINDS, Account
from rapport.model.need import Plan

Key = tuple[str, str]
Things = dict[Key, bytes]
CheckExpression = Callable[[str], object]

# How a table of a file is headed, and the kind of thing that it says.
HEADERS = {"channel": "account"} | {kind: kind for kind in KINDS if kind not in ("centre", "account")}
_HEADER_OF = {kind: header for header, kind in HEADERS.items()} | {"centre": "centre"}
_SECRET_WORDS = ("password", "secret", "token", "api_key", "private_key")


def header_of(kind: str) -> str:
    """How a file heads a thing of this kind."""
    return _HEADER_OF[kind]


def body_of(value: msgspec.Struct) -> bytes:
    """A thing's JSON, the same for the same value."""
    return msgspec.json.encode(value, order="deterministic")


def key_of(kind: str, value: msgspec.Struct) -> Key:
    """The kind and name under which a thing is set."""
    return kind, str(value.id)  # type: ignore[attr-defined]  # every thing has an id


def read_one(kind: str, table: Any, document: Document, path: tuple[Step, ...]) -> msgspec.Struct:  # Any: plain TOML
    """The thing that a table says. Raises CentreError with its place."""
    value = read_table(KINDS[kind], table, document, path)
    name = key_of(kind, value)[1]
    if not name.strip() or name != name.strip() or any(ord(c) < 32 for c in name):
        raise CentreError(f"{document.place(*path, 'id')}: id is {name!r}; write a short name without spaces around it")
    if isinstance(value, Account):
        _refuse_plain_secrets(value, document, path)
    if isinstance(value, Plan):
        _refuse_endless_steps(value, document, path)
    return value


def _refuse_endless_steps(plan: Plan, document: Document, path: tuple[Step, ...]) -> None:
    """Raise CentreError where a plan has no step, or one that is never reached."""
    if not plan.steps:
        raise CentreError(
            f"{document.place(*path, 'steps')}: plan {plan.id!r} has no step; add [[steps]] with require and seconds"
        )
    for nth, step in enumerate(plan.steps[:-1]):
        if step.seconds <= 0:
            place = document.place(*path, "steps", nth, "seconds")
            raise CentreError(
                f"{place}: seconds of step {nth + 1} is {step.seconds:g}, so no later step is reached; write above 0"
            )
    if plan.offer_seconds <= 0:
        place = document.place(*path, "offer_seconds")
        raise CentreError(f"{place}: offer_seconds is {plan.offer_seconds:g}; write how long an agent has to answer, above 0")


def _refuse_plain_secrets(account: Account, document: Document, path: tuple[Step, ...]) -> None:
    for name, value in account.settings.items():
        if name.casefold().endswith(_SECRET_WORDS) and value and not value.startswith("secret:"):
            place = document.place(*path, "settings", name)
            raise CentreError(
                f"{place}: the {name} of channel {account.id!r} stands in the file; credentials never do: "
                f'write {name} = "secret:{account.id}-{name}" and store the value under that name'
            )


def read_lists(document: Document, check: CheckExpression | None = None) -> list[tuple[str, msgspec.Struct, str]]:
    """Every `[[...]]` thing of a document, as kind, value and place. Keys that head no thing are left alone."""
    found: list[tuple[str, msgspec.Struct, str]] = []
    for header, kind in HEADERS.items():
        tables = document.values.get(header, [])
        if not isinstance(tables, list):
            raise CentreError(f"{document.place(header)}: {header} must be a list of tables; write [[{header}]] above each")
        for nth, table in enumerate(tables):
            value = read_one(kind, table, document, (header, nth))
            check_expressions(value, document, (header, nth), check)
            found.append((kind, value, document.place(header, nth)))
    return found


def check_expressions(value: msgspec.Struct, document: Document, path: tuple[Step, ...], check: CheckExpression | None) -> None:
    """Raise CentreError where a plan holds what is no expression: `check` parses one and raises BadInput or ValueError."""
    if check is None or not isinstance(value, Plan):
        return
    written: list[tuple[tuple[Step, ...], str]] = [((*path, "when"), value.when)]
    for nth, step in enumerate(value.steps):
        at = (*path, "steps", nth)
        written.append(((*at, "require"), step.require))
        written += [((*at, "prefer", text), text) for text in step.prefer]
    for place, text in written:
        if text:
            _check_one(text, document, place, check)


def _check_one(text: str, document: Document, place: tuple[Step, ...], check: CheckExpression) -> None:
    try:
        check(text)
    except (BadInput, ValueError) as error:
        raise CentreError(f"{document.place(*place)}: {text!r} is not an expression: {error}") from None
