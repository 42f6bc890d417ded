"""Text as it can be stored."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

Content = TypeVar("Content", bound=msgspec.Struct)


def clean(text: str) -> str:
    """Text as PostgreSQL and UTF-8 can hold it: no NUL, no lone surrogates; each becomes U+FFFD."""
    if text.isascii():
        return text.replace("\x00", "�") if "\x00" in text else text
    return text.replace("\x00", "�").encode("utf-8", "replace").decode("utf-8")


def clean_json(value: Any) -> Any:  # Any: plain JSON
    """Plain JSON whose texts and keys PostgreSQL can hold."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key if isinstance(key, str) else str(key)): clean_json(item) for key, item in value.items()}
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {clean(str(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    return value


def clean_content(content: Content) -> Content:
    """The content with each of its texts as it can be stored; what is no text, list or map of texts stays as it is."""
    return msgspec.structs.replace(content, **{name: _as_kept(getattr(content, name)) for name in content.__struct_fields__})


def _as_kept(value: Any) -> Any:  # Any: a field of a content
    if isinstance(value, tuple):
        return tuple(_as_kept(item) for item in value)
    return clean_json(value) if isinstance(value, str | list | Mapping) else value


def clean_values(values: Mapping[str, float | str | bool]) -> dict[str, float | str | bool]:
    """What fields hold, each text as it can be stored."""
    return {clean(name): clean(value) if isinstance(value, str) else value for name, value in values.items()}
