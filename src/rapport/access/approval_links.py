"""Links to a reply that waits, for an approver who is not at their desk: signed, for that draft and person, and ending."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

from rapport.access import link_text
from rapport.errors import BadInput

OVER = "this link is not ours, or its time is over; sign in and look under Approvals"


def approval_link(tenant: int, agent: str, draft: bytes, until: datetime, *, key: bytes) -> str:
    """The part of the link that opens one draft for one approver."""
    body = f"{tenant}.{draft.hex()}.{int(until.timestamp())}.{agent}".encode()
    return link_text.written(body) + "." + _seal(key, body)


def read_approval_link(link: str, *, key: bytes, now: datetime) -> tuple[int, str, bytes]:
    """Tenant, approver and draft of a link. Raises BadInput where it is not ours or over."""
    text, _, seal = link.partition(".")
    try:
        body = link_text.read(text)
        tenant, draft, until, agent = body.decode().split(".", 3)
        ends, id, number = datetime.fromtimestamp(int(until), UTC), bytes.fromhex(draft), int(tenant)
    except (ValueError, OverflowError, OSError):
        raise BadInput(OVER) from None
    if not hmac.compare_digest(_seal(key, body).encode(), seal.encode("utf-8", "replace")) or ends <= now:
        raise BadInput(OVER)
    return number, agent, id


def _seal(key: bytes, body: bytes) -> str:
    return hmac.new(key, b"approval link\0" + body, sha256).hexdigest()[:32]
