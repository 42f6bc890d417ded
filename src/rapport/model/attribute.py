"""Attribute: a typed value with source, time and confidence; a skill is one with a level from 0 to 1."""

from datetime import datetime
from enum import StrEnum

import msgspec

Value = float | str | bool | list[str] | dict[str, float]


class AttributeType(StrEnum):
    """What the values of an attribute are. `levels`: levels by name, as skills are; `time`: a date or time in ISO 8601."""

    LEVEL = "level"
    LEVELS = "levels"
    SET = "set"
    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    FLAG = "flag"


class Attribute(msgspec.Struct, frozen=True):
    """One thing believed of a person or a conversation. `confidence` in [0, 1]; `expires` None: until withdrawn."""

    name: str
    value: Value
    source: str
    at: datetime
    confidence: float = 1.0
    expires: datetime | None = None
