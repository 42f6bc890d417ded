"""Links to a person's own page: signed, for that person alone, over after a while."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rapport.access import link_text
from rapport.errors import BadInput

LASTS = timedelta(days=14)
OVER = "this link is not ours, or it is over; ask for a new one"


def profile_link(tenant: int, person: bytes, until: datetime, *, key: bytes) -> str:
    """The part of the address that opens a person's own page."""
    body = f"{tenant}.{person.hex()}.{int(until.timestamp())}".encode()
    return link_text.written(body) + "." + _seal(key, body)


def read_profile_link(link: str, *, key: bytes, now: datetime) -> tuple[int, bytes]:
    """Tenant and person of a link. Raises BadInput where it is not ours or over."""
    text, _, seal = link.partition(".")
    try:
        body = link_text.read(text)
        tenant, person, until = body.decode().split(".")
        number, id, ends = int(tenant), bytes.fromhex(person), datetime.fromtimestamp(int(until), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput(OVER) from None
    if not hmac.compare_digest(_seal(key, body).encode(), seal.encode("utf-8", "replace")) or ends <= now:
        raise BadInput(OVER)
    return number, id


def _seal(key: bytes, body: bytes) -> str:
    return hmac.new(key, b"profile link\0" + body, sha256).hexdigest()[:32]
