"""Files at X: given before the message that carries them, a film in pieces; and those of direct messages, as ourselves."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Any

import httpx
import msgspec

from rapport.channels.channel import Event, Page
from rapport.channels.json_api import FREE, decoded
from rapport.channels.media import PAGE_SECONDS, SECONDS
from rapport.channels.part import File
from rapport.channels.x.api import Missing, PostedIn, XApi
from rapport.channels.x.directs import FILM, kept_at
from rapport.errors import Refused, Unavailable
from rapport.model.message import Incoming, Media

LONGEST_ALT = 1_000  # characters
PIECE = 1 << 20  # bytes of a film in one request
LOOKS = 3  # whether a film is ready; then the message is tried again later, with the same film
LONGEST_WAIT = 3.0  # seconds between two looks
MOST_FILES = 20  # of one page: their bytes are held until all of them are there
MOST_KEPT = 100  # names of films that X is making ready


class _Readying(msgspec.Struct, frozen=True):
    state: str = "succeeded"
    check_after_secs: int = 1


class _Film(msgspec.Struct, frozen=True):
    id: str
    processing_info: _Readying | None = None


class _FilmIn(msgspec.Struct, frozen=True):
    data: _Film


async def give(api: XApi, given: dict[str, str], file: File, *, direct: bool) -> str:
    """What X calls a file for what is to come; it may be done twice. `given`: the films that X has, by what they are.

    Raises:
        Refused: X does not take it.
        Unavailable: not now, or X is still making it ready; the same file is asked for again.
    """
    if file.type == FILM:
        return await _film(api, given, file, "dm_video" if direct else "tweet_video")
    body = {"media": b64encode(file.data).decode(), "media_category": "dm_image" if direct else "tweet_image"}
    told: PostedIn = decoded(await _ask(api, "POST", "/2/media/upload", body), PostedIn)
    if file.alt.strip():
        shown = {"id": told.data.id, "metadata": {"alt_text": {"text": file.alt.strip()[:LONGEST_ALT]}}}
        await _ask(api, "POST", "/2/media/metadata", shown)
    return told.data.id


async def _film(api: XApi, given: dict[str, str], file: File, category: str) -> str:
    name = f"{category} {sha256(file.data).hexdigest()}"
    film = await _looked_at(api, given[name]) if name in given else None
    if film is None:
        film = await _in_pieces(api, file, category)
        while len(given) >= MOST_KEPT:
            del given[next(iter(given))]
        given[name] = film.id
    for _ in range(LOOKS):
        readying = film.processing_info or _Readying()
        if readying.state in ("succeeded", "failed"):
            given.pop(name, None)
        if readying.state == "succeeded":
            return film.id
        if readying.state == "failed":
            raise Refused(f"X cannot make the film {file.name!r} ready; send it in another form, or as a link")
        await asyncio.sleep(min(max(readying.check_after_secs, 0), LONGEST_WAIT))
        film = await _looked_at(api, film.id) or film
    raise Unavailable(f"X is still making the film {file.name!r} ready")


async def _in_pieces(api: XApi, file: File, category: str) -> _Film:
    about = {"media_category": category, "media_type": file.type, "total_bytes": len(file.data)}
    begun: PostedIn = decoded(await _ask(api, "POST", "/2/media/upload/initialize", about), PostedIn)
    place = f"/2/media/upload/{begun.data.id}"
    for nth, start in enumerate(range(0, len(file.data), PIECE)):
        piece = b64encode(file.data[start : start + PIECE]).decode()
        await _ask(api, "POST", f"{place}/append", {"media": piece, "segment_index": nth})
    told: _FilmIn = decoded(await _ask(api, "POST", f"{place}/finalize"), _FilmIn)
    return told.data


async def _looked_at(api: XApi, film: str) -> _Film | None:
    """How far X is with it; None where X has it no more."""
    query = {"command": "STATUS", "media_id": film}
    try:
        told: _FilmIn = decoded(await api.ask("GET", "/2/media/upload", FREE, query), _FilmIn)
    except Missing:
        return None
    return told.data


async def _ask(api: XApi, method: str, path: str, body: Any = None) -> httpx.Response:  # Any: JSON
    return await api.ask(method, path, FREE, {}, body, safe=True)


async def with_files(api: XApi, events: Sequence[Event], cursor: bytes | None = None, *, is_asked_again: bool = False) -> Page:
    """The events with the files that only the account itself may fetch, each with its bytes or the reason why not.

    Raises:
        Unavailable: X cannot give a file now; only where `is_asked_again` says that the same events come again.
    """
    files: dict[str, bytes] = {}
    until = asyncio.get_running_loop().time() + PAGE_SECONDS

    async def fetched(media: Media) -> Media:
        place = kept_at(media.url)
        if not place:
            return media
        if len(files) >= MOST_FILES or asyncio.get_running_loop().time() > until:
            return _without(media, f"it came with more than {MOST_FILES} files, or they took {PAGE_SECONDS:g} seconds")
        try:
            async with asyncio.timeout(SECONDS):
                data = await api.file(place)
        except (Unavailable, TimeoutError) as error:
            if is_asked_again:
                raise Unavailable(f"the file cannot be had now ({error})") from error
            return _without(media, f"it could not be fetched: {error or type(error).__name__}")
        except Refused as error:
            return _without(media, f"it could not be fetched: {error}")
        blob = sha256(data).hexdigest()
        files[blob] = data
        return msgspec.structs.replace(media, blob=blob, size=len(data), url="")

    found = [await _with_its_files(event, fetched) for event in events]
    return Page(tuple(found), cursor, files=files)


async def _with_its_files(event: Event, fetched: Callable[[Media], Awaitable[Media]]) -> Event:
    if not isinstance(event, Incoming) or not any(kept_at(media.url) for media in event.media):
        return event
    return msgspec.structs.replace(event, media=tuple([await fetched(one) for one in event.media]))


def _without(media: Media, reason: str) -> Media:
    return msgspec.structs.replace(media, reason=reason[:300], url="")
