"""What a network shows everybody of an author: whatever it says, taken as far as it can be believed; nothing is raised."""

from typing import Any

from rapport.channels.plain import plain_from_html
from rapport.channels.wire import line
from rapport.model.message import Shown

LONGEST_BIO = 300
MOST_FOLLOWERS = 10_000_000_000


def shown(*, bio: Any = "", followers: Any = None, verified: Any = None, since: Any = "") -> Shown | None:  # Any: as it came
    """A profile; None where nothing of it can be used. `bio`: text or HTML; `since`: a time as ISO 8601 writes it."""
    words = line(plain_from_html(bio), LONGEST_BIO) if isinstance(bio, str) else ""
    many = float(followers) if type(followers) is int and 0 <= followers <= MOST_FOLLOWERS else None
    day = since[:10] if isinstance(since, str) and _is_day(since[:10]) else ""
    found = Shown(words, many, verified if isinstance(verified, bool) else None, day)
    return found if found != Shown() else None


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isascii() and text.replace("-", "").isdigit()
