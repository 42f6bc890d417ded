"""Links to a file for the person whom it was sent to: signed, for that file alone, over after some weeks."""

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rapport.errors import BadInput

LASTS = timedelta(days=30)
OVER = "this link is not ours, or its time is over"


def ends_at(now: datetime) -> datetime:
    """When a link that is made now is over: the same for a whole day, so that a text that holds it stays as it was seen."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + LASTS


def file_link(tenant: int, blob: str, until: datetime, *, key: bytes) -> str:
    """The part of the link that opens one file, named by the hexadecimal SHA-256 of its bytes."""
    body = tenant.to_bytes(4, "big") + int(until.timestamp()).to_bytes(5, "big") + bytes.fromhex(blob)
    return base64.urlsafe_b64encode(body + _seal(key, body)).decode().rstrip("=")


def read_file_link(link: str, *, key: bytes, now: datetime) -> tuple[int, str]:
    """Tenant and name of the file of a link. Raises BadInput where it is not ours or over."""
    try:
        raw = base64.urlsafe_b64decode(link.encode() + b"=" * (-len(link) % 4))
        body, seal = raw[:41], raw[41:]
        until = datetime.fromtimestamp(int.from_bytes(body[4:9], "big"), UTC)
    except (ValueError, OverflowError, OSError, binascii.Error):
        raise BadInput(OVER) from None
    if len(body) != 41 or not hmac.compare_digest(_seal(key, body), seal) or until <= now:
        raise BadInput(OVER)
    return int.from_bytes(body[:4], "big"), body[9:].hex()


def _seal(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"file link\0" + body, sha256).digest()[:16]
