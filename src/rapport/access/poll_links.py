"""Links to a poll, signed, so that nobody finds one by guessing; and what tells one browser that votes from another.

A voter is 16 bytes by chance, signed for their tenant and poll, kept by the browser. Without our signature none counts.
"""

import hmac
from hashlib import sha256

from rapport.access import link_text
from rapport.errors import BadInput

NO_POLL = "this link leads to no poll of ours"


def poll_link(tenant: int, poll: bytes, *, key: bytes) -> str:
    """The part of the link that opens a poll."""
    body = f"{tenant}.".encode() + poll
    return link_text.written(body) + "." + _seal(key, b"poll link", body)


def read_poll_link(link: str, *, key: bytes) -> tuple[int, bytes]:
    """Tenant and poll of a link. Raises BadInput where it is not ours."""
    text, _, seal = link.partition(".")
    try:
        tenant, _, poll = link_text.read(text).partition(b".")
        number = int(tenant)
    except ValueError:
        raise BadInput(NO_POLL) from None
    sealed = _seal(key, b"poll link", f"{number}.".encode() + poll)
    if len(poll) != 16 or not hmac.compare_digest(sealed.encode(), seal.encode("utf-8", "replace")):
        raise BadInput(NO_POLL)
    return number, poll


def voter_text(tenant: int, poll: bytes, voter: bytes, *, key: bytes) -> str:
    """What a browser keeps of its vote."""
    return voter.hex() + "." + _seal(key, b"poll voter", f"{tenant}.".encode() + poll + voter)


def read_voter(text: str, tenant: int, poll: bytes, *, key: bytes) -> bytes | None:
    """The voter that a browser keeps; None where it keeps none of ours for this poll."""
    try:
        voter = bytes.fromhex(text.partition(".")[0])
    except ValueError:
        return None
    if len(voter) != 16:
        return None
    right = voter_text(tenant, poll, voter, key=key).encode()
    return voter if hmac.compare_digest(right, text.encode("utf-8", "replace")) else None


def _seal(key: bytes, use: bytes, body: bytes) -> str:
    return hmac.new(key, use + b"\0" + body, sha256).hexdigest()[:32]
