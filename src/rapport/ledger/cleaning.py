"""Text as it can be stored."""

from collections.abc import Mapping
from typing import Any


def clean(text: str) -> str:
    """Text as PostgreSQL and UTF-8 can hold it: no NUL, no lone surrogates; each becomes U+FFFD."""
    if text.isascii():
        return text.replace("\x00", "�") if "\x00" in text else text
    return text.replace("\x00", "�").encode("utf-8", "replace").decode("utf-8")


def clean_json(value: Any) -> Any:  # Any: plain JSON
    """Plain JSON whose texts and keys PostgreSQL can hold."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    return value
