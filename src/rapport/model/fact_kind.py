"""What a fact is, and what the sealed part of one may hold."""

from typing import Any, ClassVar

import msgspec

from rapport.model.message import Media
from rapport.model.playbook import Filled
from rapport.model.reply import Finding


class Fact(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """Something that happened. `number` is stored; `content_type` is what its sealed part holds, None for none."""

    number: ClassVar[int] = 0
    content_type: ClassVar[type[msgspec.Struct] | None] = None


class EventData(msgspec.Struct, frozen=True):
    """What another department wrote about a person, and the name they gave. `data` is plain JSON."""

    data: dict[str, Any] = {}  # Any: a department's own plain JSON
    handle: str = ""


class RawBytes(msgspec.Struct, frozen=True):
    """The bytes as the network gave them, and whom they name."""

    raw: bytes
    reason: str
    handle: str = ""


class Words(msgspec.Struct, frozen=True):
    """Text that an agent wrote, and its subject. `values`: what they filled in, by field; `files`: what goes with it."""

    text: str = ""
    subject: str = ""
    reason: str = ""
    values: dict[str, Filled] = {}
    files: tuple[Media, ...] = ()


class PersonData(msgspec.Struct, frozen=True):
    """What is declared of a person: further handles, a name, attributes by name."""

    name: str = ""
    handles: tuple[str, ...] = ()
    attributes: dict[str, Any] = {}  # Any: attribute values, checked by `people.attributes`


class Deciding(msgspec.Struct, frozen=True):
    """A draft's text and parts, and what the checks found in them. `carried`: which of `files` go with each part, by number."""

    text: str
    parts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    edited: str = ""
    reason: str = ""
    subject: str = ""
    files: tuple[Media, ...] = ()
    carried: tuple[tuple[int, ...], ...] = ()
