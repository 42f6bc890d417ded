"""Attribute: a typed value with source, time and confidence; a skill is one with a level from 0 to 1."""

from datetime import datetime

import msgspec

Value = float | str | bool | list[str] | dict[str, float]


class Attribute(msgspec.Struct, frozen=True):
    """One thing believed of a person or a conversation. `confidence` in [0, 1]; `expires` None: until withdrawn."""

    name: str
    value: Value
    source: str
    at: datetime
    confidence: float = 1.0
    expires: datetime | None = None
