"""Ids: 16 bytes in the layout of UUIDv7, made from what they name, never from chance.

The first six bytes are milliseconds of Unix time, so ids of one time lie together; the rest is BLAKE2 of the source. The same
delivery, or the same stage run twice over the same entry, makes the same id. Source of the layout: RFC 9562, section 5.7.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Annotated

Id = Annotated[bytes, "uuid"]


_EMPTY = blake2b(digest_size=10)  # copied for each id: half the cost of making one
_VERSION = [bytes([byte & 0x0F | 0x70]) for byte in range(256)]  # 7
_VARIANT = [bytes([byte & 0x3F | 0x80]) for byte in range(256)]  # 2


def named_id(at: datetime, *names: str | bytes | int) -> bytes:
    """The id of what `names` name, at time `at`."""
    return _stamped(int(at.timestamp() * 1000).to_bytes(6, "big"), _said(names))


def derived_id(parent: bytes, *names: str | bytes | int) -> bytes:
    """The id of something that follows from `parent`; it sorts beside its parent."""
    return _stamped(parent[:6], parent + _said(names))


def following_id(parent: bytes, kind: int, subject: bytes, nth: int) -> bytes:
    """`derived_id` of these names: that of every fact that follows from another, and so made quickly."""
    return _stamped(parent[:6], b"%b%d\x00%b\x00%d\x00" % (parent, kind, subject, nth))


def _said(names: tuple[str | bytes | int, ...]) -> bytes:
    said = b""
    for name in names:
        said += (name if isinstance(name, bytes) else str(name).encode("utf-8", "surrogatepass")) + b"\x00"
    return said


def _stamped(time: bytes, named: bytes) -> bytes:
    hashed = _EMPTY.copy()
    hashed.update(named)
    digest = hashed.digest()
    return time + _VERSION[digest[0]] + digest[1:2] + _VARIANT[digest[2]] + digest[3:]


def show_id(value: bytes) -> str:
    """The id as people and addresses see it: 32 hexadecimal digits."""
    return value.hex()


def case_number(conversation: bytes) -> str:
    """The number by which people speak of a conversation: the last eight digits of its id."""
    return conversation.hex()[-8:].upper()


def read_id(text: str) -> bytes | None:
    """The id that `text` shows; None where it shows none."""
    try:
        value = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        return None
    return value if len(value) == 16 else None
