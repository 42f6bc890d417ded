"""Links to an agent's own shifts as a calendar: signed, for that agent alone; a programme reads them without signing in.

A link has no end, as a calendar is subscribed to for years; it is over when the agent is, or when the centre's key changes.
"""

import hmac
from hashlib import sha256

from rapport.access import link_text
from rapport.errors import BadInput

OVER = "this calendar is not ours, or it is over; ask for a new link"


def shift_link(tenant: int, agent: str, *, key: bytes) -> str:
    """The part of the address that gives an agent's shifts."""
    body = f"{tenant}.{agent}".encode()
    return link_text.written(body) + "." + _seal(key, body)


def read_shift_link(link: str, *, key: bytes) -> tuple[int, str]:
    """Tenant and agent of a link. Raises BadInput where it is not ours."""
    text, _, seal = link.partition(".")
    try:
        body = link_text.read(text)
        tenant, _, agent = body.decode().partition(".")
        number = int(tenant)
    except ValueError:
        raise BadInput(OVER) from None
    if not hmac.compare_digest(_seal(key, body).encode(), seal.encode("utf-8", "replace")):
        raise BadInput(OVER)
    return number, agent


def _seal(key: bytes, body: bytes) -> str:
    return hmac.new(key, b"shift link\0" + body, sha256).hexdigest()[:32]
