"""Text on this network: how it is counted, how a person is named in it, and when two renderings say the same."""

import re

from rapport.channels.channel import address_of
from rapport.channels.mastodon.parse import NAME

LINK = 23  # what a link counts, at least: `characters_reserved_per_url` of an instance
_LINK = re.compile(r"https?://\S+")
_MENTION = re.compile(r"@([\w.-]+)@[\w.-]+")


def length(text: str) -> int:
    """How a server counts a text, at most: each character, and a link as 23 at least."""
    return len(text) + sum(max(0, LINK - len(link)) for link in _LINK.findall(text))


def mention(handle: str) -> str:
    """How a person is named so that they are told."""
    return "@" + address_of(handle, NAME).lstrip("@")


def letters(text: str) -> str:
    """What two renderings of one text have in common: its letters and digits, without the hosts of mentions."""
    text = _MENTION.sub(r"@\1", text).lower()
    return "".join(sign for sign in text if sign.isalnum()) or "".join(text.split())
