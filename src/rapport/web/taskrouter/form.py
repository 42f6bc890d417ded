"""Forms as TaskRouter's programs send them: CamelCase names, texts that mean a number, a flag, a time or JSON."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from rapport.errors import BadInput

MOST_TEXT = 65_536
MOST_NAME = 255
Reads = Callable[[str], Any]  # Any: what the field means


class Field(msgspec.Struct, frozen=True):
    """A field of a form: `reads` raises ValueError, saying what it must be."""

    reads: Reads
    required: bool = False


Form = Mapping[str, Any]  # Any: the fields that were sent, read


def read_form(sent: Mapping[str, Sequence[str]], fields: Mapping[str, Field], *, required: bool = True) -> dict[str, Any]:
    """The fields that were sent, read. Raises BadInput, naming the field; unknown fields are let pass.

    `required`: whether fields that are required must be there, as when something is made.
    """
    found: dict[str, Any] = {}  # Any: as above
    for name, field in fields.items():
        values = sent.get(name)
        if not values or (field.required and not values[-1].strip()):
            if field.required and (required or values):
                raise BadInput(f"{name} is required")
            continue
        try:
            found[name] = field.reads(values[-1])
        except ValueError as wrong:
            raise BadInput(f"{name} {wrong}, got {values[-1][:80]!r}") from None
    return found


def parse_form(body: bytes) -> dict[str, list[str]]:
    """What a form says, by field. Raises BadInput where it is none."""
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=500)
    except (UnicodeDecodeError, ValueError) as wrong:
        raise BadInput(f"the body must be a form, application/x-www-form-urlencoded: {wrong}") from None


def text(value: str) -> str:
    """Any text."""
    if len(value) > MOST_TEXT:
        raise ValueError(f"must have at most {MOST_TEXT} characters")
    return value.replace("\x00", "�")


def a_name(value: str) -> str:
    """A name."""
    if not value.strip() or len(value) > MOST_NAME:
        raise ValueError(f"must be a name of 1 to {MOST_NAME} characters")
    return text(value)


def flag(value: str) -> bool:
    """True or false."""
    if value.lower() not in {"true", "false", "1", "0"}:
        raise ValueError("must be true or false")
    return value.lower() in {"true", "1"}


def number(least: int, most: int) -> Reads:
    """A whole number from `least` to `most`."""

    def read(value: str) -> int:
        if not value.strip().lstrip("-").isascii() or not value.strip().lstrip("-").isdigit() or len(value) > 18:
            raise ValueError("must be a whole number")
        if not least <= int(value) <= most:
            raise ValueError(f"must be from {least} to {most}")
        return int(value)

    return read


def one_of(*choices: str) -> Reads:
    """One of these words."""

    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return read


def a_sid(*prefixes: str) -> Reads:
    """A Sid of one of these kinds."""

    def read(value: str) -> str:
        if not is_sid(value, *prefixes):
            raise ValueError(f"must be a Sid, {' or '.join(prefixes)} and 32 hexadecimal digits")
        return value

    return read


def is_sid(value: str, *prefixes: str) -> bool:
    """Whether it is a Sid of one of these kinds."""
    tail = value[2:]
    return value[:2] in prefixes and len(value) == 34 and all(letter in "0123456789abcdefABCDEF" for letter in tail)


def json_object(value: str) -> str:
    """The text of a JSON object, as it was sent."""
    try:
        found = msgspec.json.decode(text(value))
    except (msgspec.DecodeError, RecursionError):
        raise ValueError("must be JSON") from None
    if not isinstance(found, dict):
        raise ValueError("must be a JSON object")
    return value


def a_time(value: str) -> datetime:
    """A time in ISO 8601 with its zone."""
    try:
        found = datetime.fromisoformat(value.strip())
        if found.tzinfo is None or not 1971 <= found.year <= 9000:
            raise ValueError
        found.timestamp()
    except (ValueError, OverflowError):
        raise ValueError("must be a time with a zone, such as 2026-03-03T10:00:00Z") from None
    return found


def an_address(value: str) -> str:
    """The address of a page; empty takes one away."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(value) <= 2_000 and parts.port != 0
    except ValueError:
        fine = False
    if not fine or any(letter.isspace() or ord(letter) < 33 for letter in value):
        raise ValueError("must be an address that begins with http:// or https://")
    return value
