"""What a server is: its limit, whose software it runs, and who we are there."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from rapport.channels.capabilities import MediaRules
from rapport.channels.mastodon.api import Api
from rapport.channels.mastodon.parse import Author, full_name
from rapport.errors import Refused

DEFAULT_LIMIT = 500
LARGEST = 10 * 1024 * 1024
USUAL = ("image/png", "image/jpeg", "image/gif", "image/webp")  # where a server does not say
_MASTODON = re.compile(r"([3-9]|\d\d)\.\d+\.\d+(\+[\w.]+)?")  # others add `(compatible; …)` or another name


class _Statuses(msgspec.Struct, frozen=True):
    max_characters: int = DEFAULT_LIMIT
    max_media_attachments: int = 4


class _Media(msgspec.Struct, frozen=True):
    supported_mime_types: list[str] = []
    image_size_limit: int = LARGEST


class _Configuration(msgspec.Struct, frozen=True):
    statuses: _Statuses = _Statuses()
    media_attachments: _Media = _Media()


class _Instance(msgspec.Struct, frozen=True):
    version: str = ""
    domain: str = ""
    uri: str = ""
    configuration: _Configuration | None = None
    max_toot_chars: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A server and our account on it. `name` is written `@acme@example.social`; `limit` in characters."""

    id: str
    name: str
    host: str
    limit: int
    version: str
    media: MediaRules = MediaRules()

    @property
    def is_snac(self) -> bool:
        """Whether it is snac, which calls itself Mastodon 4 and adds `(not true; really snac/…)`."""
        return "snac/" in self.version

    @property
    def is_mastodon(self) -> bool:
        """Whether it is Mastodon itself, or a fork: those honour the Idempotency-Key."""
        return _MASTODON.fullmatch(self.version.strip()) is not None


async def look(api: Api) -> Found:
    """Ask the server. Raises Unavailable, or Refused where the access token is not good."""
    try:
        me: Author = await api.get("/api/v1/accounts/verify_credentials", Author)
    except Refused as error:
        raise Refused(f"the server does not know this access token; connect the account again ({error})") from error
    try:
        instance: _Instance = await api.get("/api/v2/instance", _Instance)
    except Refused:
        instance = await api.get("/api/v1/instance", _Instance)
    known = instance.configuration or _Configuration()
    limit = instance.max_toot_chars or known.statuses.max_characters
    host = (instance.domain or instance.uri.rpartition("//")[2].strip("/") or urlsplit(api.server).hostname or "").lower()
    return Found(str(me.id), full_name(me.acct, host), host, max(limit, 1), instance.version, _carried(known))


def _carried(known: _Configuration) -> MediaRules:
    """What files a post may carry here: what the server says, within what we keep."""
    said = known.media_attachments
    types = tuple(said.supported_mime_types[:100]) or USUAL
    count, pictures = min(known.statuses.max_media_attachments, 16), {"image/*": said.image_size_limit}
    return MediaRules(types, LARGEST, count, pictures, alone=False, described=True)
