"""Group: a company or a household, as lightly as it helps, and who belongs to it; FileImport: a file that was brought in."""

from datetime import datetime
from typing import Any

import msgspec

from rapport.model.ids import Id, derived_id

GROUPS = ("company", "household")


class Group(msgspec.Struct, frozen=True):
    """A company or a household. `name` "": it was forgotten with those who were in it. `domain`: of a company's addresses.

    `gone`: nobody needs it any more; it may be told again.
    """

    id: Id
    kind: str
    name: str
    domain: str
    source: str
    by: str
    at: datetime
    gone: bool = False


class Membership(msgspec.Struct, frozen=True):
    """That a person belongs to a group. `person`: whose handle it was told of, so a merge moves nothing; `role`: as whom."""

    id: Id
    person: Id
    group: Id
    role: str
    source: str
    by: str
    at: datetime


class FileImport(msgspec.Struct, frozen=True):
    """A file of `people` or `events` that was brought in, and what became of its lines. `state`: as in the fact."""

    id: Id
    kind: str
    format: str
    by: str
    state: str
    at: datetime
    taken: int = 0
    new: int = 0
    refused: int = 0


class GroupTold(msgspec.Struct, frozen=True):
    """A company or household that somebody belongs to; `role`: as whom. `domain`: of a company's addresses, "" unknown."""

    kind: str
    name: str
    domain: str = ""
    role: str = ""


class PersonTold(msgspec.Struct, frozen=True):
    """What a file tells of a person: handles that are theirs, a name, attributes, groups. `source`: the file's own name."""

    handles: tuple[str, ...]
    name: str
    source: str
    attributes: dict[str, Any] = {}  # Any: attribute values, checked by `people.attributes`
    groups: tuple[GroupTold, ...] = ()
    once: str = ""  # told anew after it was taken back
    file: bytes | None = None  # that says so


def membership_id(person: bytes, group: bytes) -> bytes:
    """The id of a person's membership."""
    return derived_id(person, "member", group)
