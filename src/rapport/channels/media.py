"""Media: our own copy of every file that comes with a message, fetched once when it comes, and made harmless.

A page never loads anything from a network; an expired address loses nothing; opening a conversation tells nobody.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
import msgspec

from rapport.channels.channel import Event, Page
from rapport.channels.picture import Picture
from rapport.channels.sandbox import Sandbox
from rapport.errors import BadInput, Unavailable
from rapport.model.message import Incoming, Media

LARGEST = 10 * 1024 * 1024
SECONDS = 5.0
HOPS = 3
AT_ONCE = 8
PAGE_SECONDS = 30.0  # for all files of one page: who sends many slow ones does not stop what others send
DOWNLOAD = "application/octet-stream"  # kept, never shown in a page
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (4, b"ftyp", "video/mp4"),
    (0, b"OggS", "audio/ogg"),
    (0, b"%PDF-", "application/pdf"),
)

Store = Callable[[str, bytes], Awaitable[None]]


def sniffed(data: bytes) -> str:
    """What a file is by its first bytes, among the kinds that we show; else a download."""
    for offset, magic, kind in _MAGIC:
        if data.startswith(magic, offset) and (offset != 8 or data.startswith(b"RIFF")):
            return kind
    return DOWNLOAD


@dataclass(frozen=True, slots=True)
class MediaKeeper:
    """Fetches and cleans. `http` must be a guarded client: the addresses are those that strangers name."""

    http: httpx.AsyncClient
    sandbox: Sandbox

    async def fetch(self, media: Media) -> tuple[Media, bytes | None]:
        """A file with our copy of it, or with the reason why there is none. Never raises for what a network does."""
        try:
            async with asyncio.timeout(SECONDS):
                data = await self._download(media.url)
        except TimeoutError:
            return _without(media, f"it took more than {SECONDS:g} seconds to fetch"), None
        except (BadInput, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return _without(media, f"it could not be fetched: {error or type(error).__name__}"), None
        return await self.cleaned(media, data)

    async def cleaned(self, media: Media, data: bytes) -> tuple[Media, bytes]:
        """A file by what it is, not by what it says it is; a picture is drawn anew."""
        kind, reason = sniffed(data), ""
        if kind.startswith("image/"):
            try:
                picture = msgspec.msgpack.decode(await self.sandbox.run("picture", data), type=Picture)
                data, kind = picture.data, picture.type
            except (BadInput, Unavailable) as error:
                kind, reason = DOWNLOAD, f"it is not shown: {error}"
        blob = hashlib.sha256(data).hexdigest()
        return msgspec.structs.replace(media, type=kind, size=len(data), blob=blob, reason=reason), data

    async def settle(self, page: Page, store: Store) -> list[Event]:
        """The events of a page, each file of theirs stored or with the reason why not; at most eight are fetched at once.

        `store(name, bytes)` keeps a blob under the hexadecimal SHA-256 of its bytes.
        """
        slots, until = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop().time() + PAGE_SECONDS

        async def kept(media: Media) -> Media:
            async with slots:
                if not media.blob and asyncio.get_running_loop().time() > until:
                    return _without(media, f"the files that came with it took more than {PAGE_SECONDS:g} seconds")
                return await self._kept(media, page.files.get(media.blob), store)

        return list(await asyncio.gather(*(_with_media(event, kept) for event in page.events)))

    async def _kept(self, media: Media, given: bytes | None, store: Store) -> Media:
        if media.reason or (given is None and (media.blob or not media.url)):
            return media
        found, data = await self.cleaned(media, given) if given is not None else await self.fetch(media)
        if data is not None:
            await store(found.blob, data)
        return found

    async def _download(self, url: str) -> bytes:
        for _ in range(HOPS + 1):
            async with self.http.stream("GET", url, headers={"accept-encoding": "identity"}) as response:
                if response.is_redirect:
                    url = urljoin(url, response.headers.get("location", ""))
                    continue
                if response.status_code != 200:
                    raise BadInput(f"the server answers {response.status_code}")
                return await bounded(response)
        raise BadInput(f"it is passed on more than {HOPS} times")


async def bounded(response: httpx.Response) -> bytes:
    """What is answered, `LARGEST` bytes at most. Raises BadInput where it is more."""
    too_large = BadInput(f"it is larger than {LARGEST >> 20} MiB")
    if response.headers.get("content-length", "0").isdigit() and int(response.headers.get("content-length", "0")) > LARGEST:
        raise too_large
    data = bytearray()
    async for piece in response.aiter_raw():  # raw: nothing is unpacked, so nothing can swell
        data += piece
        if len(data) > LARGEST:
            raise too_large
    return bytes(data)


async def _with_media(event: Event, kept: Callable[[Media], Awaitable[Media]]) -> Event:
    if not isinstance(event, Incoming) or not event.media:
        return event
    media: Sequence[Media] = await asyncio.gather(*(kept(one) for one in event.media))
    return msgspec.structs.replace(event, media=tuple(media))


def _without(media: Media, reason: str) -> Media:
    return msgspec.structs.replace(media, reason=reason[:300])
