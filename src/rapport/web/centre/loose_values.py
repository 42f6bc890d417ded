"""Attribute values as people write them on one line: `0.8`, `yes`, `gold`, `es, en`, `wifi: 0.8, billing: 0.5`; else JSON."""

import re
from typing import Any

import msgspec

Value = Any  # plain JSON: a number, a text, yes or no, a list of these, numbers by name
FLAGS = {"yes": True, "no": False}
_NUMBER = re.compile(r"-?\d{1,300}(\.\d+)?", re.ASCII)
_LEVEL = re.compile(r"([^:,\d\s][^:,]*):\s*(-?\d{1,300}(?:\.\d+)?)", re.ASCII)


def read_value(text: str) -> Value:
    """What a line says. A list of one has a comma behind it (`es,`); what begins like JSON and is JSON is taken as such."""
    text = text.strip()
    if text[:1] in '["{' and text:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    if text in FLAGS:
        return FLAGS[text]
    if _NUMBER.fullmatch(text):
        return float(text)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    levels = [_LEVEL.fullmatch(part) for part in parts]
    if parts and all(levels):
        return {found[1].strip(): float(found[2]) for found in levels if found}
    return parts if "," in text else text


def show_value(value: Value) -> str:
    """The line that says it, as `read_value` reads it; JSON where no plain line would."""
    plain = _plain(value)
    return plain if "\n" not in plain and read_value(plain) == value else msgspec.json.encode(value).decode()


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(level)}" for name, level in value.items())
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) + ("," if len(value) == 1 else "")
    if isinstance(value, float | int):
        return f"{value:.15g}"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
