"""Fetching a feed: asked only for what changed, held to its host, never larger than it may be."""

import asyncio
import zlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import httpx

from rapport.channels.json_api import wait_of
from rapport.channels.limits import limits_of
from rapport.clock import Clock
from rapport.errors import Refused, Unavailable

LIMITS = limits_of(__package__)
LARGEST = LIMITS.lengths["bytes"]
LONGEST_HEADER = 300  # characters
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server gave, and what it calls this state, to be asked with next time."""

    raw: bytes
    type: str
    etag: str
    modified: str


@dataclass(slots=True)
class Site:
    """One feed at its server. `rested_until`: the server asked us not to come before."""

    http: httpx.AsyncClient
    address: str
    clock: Clock
    user: str = ""
    password: str = ""
    rested_until: datetime | None = None

    async def fetch(self, etag: str = "", modified: str = "") -> Fetched | None:
        """The feed as it is now; None where it is still as `etag` and `modified` say.

        Raises:
            Unavailable: not now; `retry_after` is what the server asked for.
            Refused: it is not there, not for us, moved to another host, or too large.
        """
        now = self.clock.now()
        if self.rested_until and now < self.rested_until:
            raise Unavailable("the site asked us to wait", self.rested_until - now)
        asked = {"accept": ACCEPT, "accept-encoding": "gzip", "user-agent": "Rapport (feed reader)"}
        asked |= {name: value for name, value in (("if-none-match", etag), ("if-modified-since", modified)) if value}
        try:
            async with asyncio.timeout(LIMITS.windows["fetch"]):
                return await self._fetched(asked)
        except TimeoutError as error:
            raise Unavailable(f"the site took more than {LIMITS.windows['fetch']:g} seconds") from error
        except httpx.HTTPError as error:
            raise Unavailable(f"the site cannot be reached: {type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise Refused(f"the site passes us on to what is no address: {error}") from error

    async def _fetched(self, asked: dict[str, str]) -> Fetched | None:
        url = self.address
        auth = httpx.BasicAuth(self.user, self.password) if self.user else None
        for _ in range(LIMITS.lengths["hops"] + 1):
            async with self.http.stream("GET", url, headers=asked, auth=auth, follow_redirects=False) as response:
                if response.has_redirect_location:
                    url = self._next(url, response.headers.get("location", ""))
                    continue
                if response.status_code == 304:
                    return None
                if response.status_code == 200:
                    etag, modified, kind = (_sendable(response, name) for name in ("etag", "last-modified", "content-type"))
                    return Fetched(await _body(response), kind, etag, modified)
                raise self._meaning(response)
        raise Refused(f"the site passes us on more than {LIMITS.lengths['hops']} times")

    def _next(self, url: str, location: str) -> str:
        """Where we are passed on to: on the same host only, for another one may be inside our own network."""
        found = urljoin(url, location)
        there, here = urlsplit(found), urlsplit(self.address)
        same_port = there.port == here.port or (there.scheme, there.port) == ("https", None)
        if there.scheme not in ("http", "https") or there.hostname != here.hostname or not same_port:
            raise Refused(f"the feed moved to {found[:300]}; if that is right, put it into `address`")
        if here.scheme == "https" and there.scheme == "http":
            raise Refused(f"the site passes us on to {found[:300]}, which is not encrypted")
        return found

    def _meaning(self, response: httpx.Response) -> Refused | Unavailable:
        code = response.status_code
        if code in (408, 425, 429) or code >= 500:
            wait = wait_of(response, self.clock.now())
            self.rested_until = self.clock.now() + wait if wait else None
            return Unavailable(f"the site answers {code}", wait)
        if code in (401, 403):
            return Refused(f"the site does not let us read this feed ({code}); say `user` and `password`")
        return Refused(f"there is no feed at this address ({code})" if code in (404, 410) else f"the site answers {code}")


def _sendable(response: httpx.Response, name: str) -> str:
    """A header of an answer, where it can be sent back as it came."""
    value: str = response.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and len(value) <= LONGEST_HEADER else ""


async def _body(response: httpx.Response) -> bytes:
    """The bytes as they were before they were packed; what is packed is never unpacked further than a feed may be large."""
    packed = response.headers.get("content-encoding", "identity").lower()
    if packed not in ("identity", "gzip", "x-gzip", ""):
        raise Refused(f"the site packs the feed as {packed[:50]!r}, though it was asked for gzip")
    unpack = zlib.decompressobj(31) if "gzip" in packed else None
    data = bytearray()
    try:
        async for piece in response.aiter_raw():
            data += unpack.decompress(piece, LARGEST + 1 - len(data)) if unpack else piece
            if len(data) > LARGEST:
                raise Refused(f"a feed may have {LARGEST >> 20} MiB, this one has more; ask the site for a shorter one")
    except zlib.error as error:
        raise Unavailable(f"what the site packed cannot be unpacked: {error}") from error
    return bytes(data)
