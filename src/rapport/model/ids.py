"""Ids: 16 bytes in the layout of UUIDv7, made from what they name, never from chance.

The first six bytes are milliseconds of Unix time, so ids of one time lie together; the rest is BLAKE2 of the source. The same
delivery, or the same stage run twice over the same entry, makes the same id. Source of the layout: RFC 9562, section 5.7.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Annotated

Id = Annotated[bytes, "uuid"]


def named_id(at: datetime, *names: str | bytes | int) -> bytes:
    """The id of what `names` name, at time `at`."""
    digest = blake2b(digest_size=10)
    for name in names:
        digest.update(name if isinstance(name, bytes) else str(name).encode("utf-8", "surrogatepass"))
        digest.update(b"\x00")
    return _stamp(int(at.timestamp() * 1000).to_bytes(6, "big"), digest.digest())


def derived_id(parent: bytes, *names: str | bytes | int) -> bytes:
    """The id of something that follows from `parent`; it sorts beside its parent."""
    digest = blake2b(parent, digest_size=10)
    for name in names:
        digest.update(name if isinstance(name, bytes) else str(name).encode("utf-8", "surrogatepass"))
        digest.update(b"\x00")
    return _stamp(parent[:6], digest.digest())


def _stamp(time: bytes, tail: bytes) -> bytes:
    return time + bytes([0x70 | tail[0] & 0x0F, tail[1], 0x80 | tail[2] & 0x3F]) + tail[3:]


def show_id(value: bytes) -> str:
    """The id as people and addresses see it: 32 hexadecimal digits."""
    return value.hex()


def read_id(text: str) -> bytes | None:
    """The id that `text` shows; None where it shows none."""
    try:
        value = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        return None
    return value if len(value) == 16 else None
