"""Entry: a fact with its sequence, time, tenant and content; New: a fact that is to be appended."""

from datetime import datetime

import msgspec

from rapport.model.fact import KINDS, Fact
from rapport.model.ids import following_id

_encoder = msgspec.msgpack.Encoder()
_bodies = {number: msgspec.msgpack.Decoder(kind) for number, kind in KINDS.items()}
_contents = {n: msgspec.msgpack.Decoder(kind.content_type) for n, kind in KINDS.items() if kind.content_type}


class New(msgspec.Struct, frozen=True, gc=False):
    """A fact that is to be appended.

    `owner` is the handle whose key seals the content. (`source`, `source_id`) is unique in a tenant, so a fact from outside is
    taken once; facts that follow from others leave it empty and have an `id` derived from what they follow from.
    """

    id: bytes
    at: datetime
    subject: bytes
    fact: Fact
    content: msgspec.Struct | None = None
    owner: bytes | None = None
    source: str | None = None
    source_id: str | None = None


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A fact in the ledger. `content` None: it has none, or it was erased."""

    tenant: int
    seq: int
    id: bytes
    at: datetime
    subject: bytes
    fact: Fact
    content: msgspec.Struct | None = None
    owner: bytes | None = None
    source: str | None = None
    source_id: str | None = None


def follows(
    entry: "Entry | New",
    fact: Fact,
    *,
    subject: bytes,
    at: datetime,
    content: msgspec.Struct | None = None,
    owner: bytes | None = None,
    nth: int = 0,
) -> New:
    """The fact that follows from `entry`; `nth` tells two of one kind and subject apart."""
    return New(following_id(entry.id, fact.number, subject, nth), at, subject, fact, content, owner)


def body_of(fact: Fact) -> bytes:
    """The bytes of a fact's fields as they are stored and hashed: MessagePack."""
    return _encoder.encode(fact)


def content_bytes(content: msgspec.Struct) -> bytes:
    """The bytes of a content before it is sealed: MessagePack."""
    return _encoder.encode(content)


def read_fact(number: int, body: bytes) -> Fact:
    """The fact whose kind is `number`. Raises msgspec.DecodeError where the bytes are not its own."""
    return _bodies[number].decode(body)


def read_content(number: int, data: bytes) -> msgspec.Struct:
    """The content of a fact of kind `number`."""
    return _contents[number].decode(data)
