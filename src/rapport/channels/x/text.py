"""Text on X: how it is counted, what costs more, and when two renderings say the same."""

import html
import re
import unicodedata

from rapport.channels.capabilities import Unit
from rapport.channels.units import measure

LINK = 23
# X makes a link of whatever looks like a host; not every ending is one, but counting too much only splits sooner.
_LINK = re.compile(r"https?://\S+|(?<![\w@.-])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?:/\S*)?(?![\w@-])", re.IGNORECASE)
_CASHTAG = re.compile(r"(?<!\S)\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?!\w)")
_MENTIONS = re.compile(r"^(?:@\w+\s+)+")


def composed(text: str) -> str:
    """The text as X stores it: in Normalization Form C."""
    return unicodedata.normalize("NFC", text)


def length(text: str) -> int:
    """How X counts a text, at most: 280 for a post; each address 23, with or without https://."""
    rest = _LINK.sub("", text)
    return LINK * len(_LINK.findall(text)) + measure(rest, Unit.WEIGHTED)


def has_link(text: str) -> bool:
    """Whether X finds an address in it, which costs more."""
    return _LINK.search(text) is not None


def cashtags(text: str) -> int:
    """How many shares it names, such as `$ACME`."""
    return len(_CASHTAG.findall(text))


def words(text: str) -> list[str]:
    """What two renderings of one text have in common: X puts mentions before it, and addresses of its own into it."""
    return _MENTIONS.sub("", _LINK.sub(" ", html.unescape(composed(text)))).split()
