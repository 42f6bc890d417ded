"""Links to a file for the person whom it was sent to: signed, for that file alone, over after some weeks."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rapport.access import link_text
from rapport.errors import BadInput

LASTS = timedelta(days=30)
NAMELESS, MARK, SEAL = 41, 8, 16  # bytes: tenant, end and file; whom it went to; the seal
OVER = "this link is not ours, or its time is over"


def ends_at(now: datetime) -> datetime:
    """When a link that is made now is over: the same for a whole day, so that a text that holds it stays as it was seen."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + LASTS


def file_link(tenant: int, blob: str, until: datetime, *, key: bytes, to: str = "") -> str:
    """The part of the link that opens one file, named by the hexadecimal SHA-256 of its bytes, as it went to a handle."""
    body = tenant.to_bytes(4, "big") + int(until.timestamp()).to_bytes(5, "big") + bytes.fromhex(blob)
    body += _mark(key, tenant, to) if to else b""
    return link_text.written(body + _seal(key, body))


def read_file_link(link: str, *, key: bytes, now: datetime) -> tuple[int, str, Callable[[str], bool]]:
    """Tenant and name of the file of a link, and whether it went to a handle of a name. Raises BadInput where it is not ours.

    A link that was made for nobody, as once all were, went to any.
    """
    try:
        raw = link_text.read(link)
        body, seal = raw[:-SEAL], raw[-SEAL:]
        until = datetime.fromtimestamp(int.from_bytes(body[4:9], "big"), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput(OVER) from None
    if len(body) not in (NAMELESS, NAMELESS + MARK) or not hmac.compare_digest(_seal(key, body), seal) or until <= now:
        raise BadInput(OVER)
    tenant, mark = int.from_bytes(body[:4], "big"), body[NAMELESS:]
    return tenant, body[9:NAMELESS].hex(), lambda name: not mark or hmac.compare_digest(_mark(key, tenant, name), mark)


def _mark(key: bytes, tenant: int, name: str) -> bytes:
    return hmac.new(key, f"file of\0{tenant}\0{name}".encode("utf-8", "surrogatepass"), sha256).digest()[:MARK]


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"file link\0" + body, sha256).digest()[:SEAL]
