"""Links to the questions about one conversation: signed, for that conversation alone, over after a month."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

from rapport.access import link_text
from rapport.errors import BadInput

OVER = "this link is not ours, or its time is over"


def survey_link(tenant: int, conversation: bytes, until: datetime, *, key: bytes) -> str:
    """The part of the link that opens the questions about one conversation."""
    body = f"{tenant}.{int(until.timestamp())}".encode() + b"." + conversation
    return link_text.written(body) + "." + _seal(key, body)


def read_survey_link(link: str, *, key: bytes, now: datetime) -> tuple[int, bytes]:
    """Tenant and conversation of a link. Raises BadInput where it is not ours or over."""
    text, _, seal = link.partition(".")
    try:
        body = link_text.read(text)
        tenant, until, conversation = body.split(b".", 2)
        number, ends = int(tenant), datetime.fromtimestamp(int(until), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput(OVER) from None
    if not hmac.compare_digest(_seal(key, body).encode(), seal.encode("utf-8", "replace")) or ends <= now:
        raise BadInput(OVER)
    return number, conversation


def _seal(key: bytes, body: bytes) -> str:
    return hmac.new(key, b"survey link\0" + body, sha256).hexdigest()[:32]
