"""The address of somebody's calendar: what one may look like, and where it leads."""

from urllib.parse import urlsplit

from rapport.errors import BadInput

LONGEST = 2_000  # characters


def calendar_address(text: str) -> str:
    """The address as it is asked: `webcal:` is https. Raises BadInput where it cannot be one."""
    said = text.strip()
    if said.lower().startswith(("webcal://", "webcals://")):
        said = "https://" + said.partition("://")[2]
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError:
        raise BadInput(f"this is no address of a calendar: {said[:80]!r}") from None
    if parts.scheme != "https" or not parts.hostname or len(said) > LONGEST or any(c.isspace() for c in said):
        raise BadInput("the address of a calendar begins with https:// or webcal://; copy it from your calendar's settings")
    if parts.username or parts.password or port not in (None, 443):
        raise BadInput("the address of a calendar has no user, password or port of its own; copy its secret or public address")
    return said


def calendar_place(address: str) -> tuple[str, int]:
    """Host and port of a checked address."""
    return urlsplit(address).hostname or "", 443
