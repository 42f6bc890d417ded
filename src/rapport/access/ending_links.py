"""Links that open one thing for one person until a moment: signed for that tenant, thing, person and purpose alone."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

from rapport.access import link_text
from rapport.errors import BadInput


def ending_link(purpose: bytes, tenant: int, agent: str, id: bytes, until: datetime, *, key: bytes) -> str:
    """The part of the link that opens one thing for one agent. `purpose`: what such links are for; others open nothing."""
    body = f"{tenant}.{id.hex()}.{int(until.timestamp())}.{agent}".encode()
    return link_text.written(body) + "." + _seal(purpose, key, body)


def read_ending_link(purpose: bytes, link: str, over: str, *, key: bytes, now: datetime) -> tuple[int, str, bytes]:
    """Tenant, agent and thing of a link. Raises BadInput, saying `over`, where it is not ours or its time is over."""
    text, _, seal = link.partition(".")
    try:
        body = link_text.read(text)
        tenant, thing, until, agent = body.decode().split(".", 3)
        ends, id, number = datetime.fromtimestamp(int(until), UTC), bytes.fromhex(thing), int(tenant)
    except (ValueError, OverflowError, OSError):
        raise BadInput(over) from None
    if not hmac.compare_digest(_seal(purpose, key, body).encode(), seal.encode("utf-8", "replace")) or ends <= now:
        raise BadInput(over)
    return number, agent, id


def _seal(purpose: bytes, key: bytes, body: bytes) -> str:
    return hmac.new(key, purpose + b"\0" + body, sha256).hexdigest()[:32]
