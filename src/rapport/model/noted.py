"""Noted: what an agent said of a person, as a row; from these a centre learns what goes before."""

from datetime import datetime

import msgspec

from rapport.model.attribute import Value
from rapport.model.ids import Id, derived_id


class Noted(msgspec.Struct, frozen=True):
    """The last word of agents on one attribute of a person. `denied`: it is not so; `value` is what they denied."""

    id: Id
    person: Id
    name: str
    said: tuple[Value, ...]
    by: str
    at: datetime
    denied: bool = False


def noted_id(person: bytes, name: str) -> bytes:
    """The id of the row: one for each attribute of a person."""
    return derived_id(person, "noted", name)
