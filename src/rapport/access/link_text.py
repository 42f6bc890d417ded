"""Link text: bytes as the letters of a link and back; each link has one way to be written, and no other is read."""

import base64


def written(raw: bytes) -> str:
    """Bytes in base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read(text: str) -> bytes:
    """What `written` wrote. Raises ValueError for anything else: other letters, padding, bits that say nothing."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if written(raw) != text:
        raise ValueError("not the one way in which these bytes are written")
    return raw
