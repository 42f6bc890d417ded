"""Asking Telegram's Bot API. The token is part of every address, so addresses are in no message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
import msgspec

from rapport.channels.budget import Lane
from rapport.channels.json_api import Cost, JsonApi, decoded, taken
from rapport.channels.multipart import multipart
from rapport.channels.part import File
from rapport.errors import SendError, Unavailable

REPLY = Cost("send", Lane.REPLY)


class _Parameters(msgspec.Struct, frozen=True):
    retry_after: float | None = None


class _Failed(msgspec.Struct, frozen=True):
    parameters: _Parameters = _Parameters()


class Me(msgspec.Struct, frozen=True):
    """Who we are."""

    id: int
    username: str = ""


class Posted(msgspec.Struct, frozen=True):
    """A message that Telegram took."""

    message_id: int
    date: int = 0


class HookState(msgspec.Struct, frozen=True):
    """What Telegram says of our webhook; `url` empty: there is none, so updates can be read."""

    url: str = ""
    last_error_message: str = ""


class _FilePlace(msgspec.Struct, frozen=True):
    file_path: str = ""


def judge(response: httpx.Response, words: str) -> SendError | None:
    """Telegram says in the body how long to wait."""
    if response.status_code != 429:
        return None
    try:
        wait = msgspec.json.decode(response.content, type=_Failed).parameters.retry_after
    except (msgspec.MsgspecError, RecursionError, ValueError):
        wait = None
    return Unavailable(f"Telegram asks for patience: {words}", timedelta(seconds=min(wait, 86_400)) if wait else None)


@dataclass(frozen=True, slots=True)
class Bot:
    """One bot. `api.root` ends with `/bot` and the token; `files` is where files are."""

    api: JsonApi
    files: str

    async def read(self, method: str, kind: Any, **told: Any) -> Any:  # a value of `kind`
        """The result of a method that changes nothing. Raises Unavailable, Refused."""
        response = await self.api.ask("POST", f"/{method}", json=told, safe=True)
        return decoded(response, _result(kind)).result

    async def do(self, method: str, kind: Any, **told: Any) -> Any:  # a value of `kind`
        """The result of a method that does something. Raises Refused, Unavailable, OutcomeUnknown."""
        response = await self.api.ask("POST", f"/{method}", json=told, cost=REPLY)
        return taken(response, _result(kind)).result

    async def send(self, method: str, fields: Mapping[str, str], name: str, file: File) -> Posted:
        """Give a file away, in the field `name`. Raises Refused, Unavailable, OutcomeUnknown."""
        body, kind = multipart(fields, [(name, file)])
        response = await self.api.ask("POST", f"/{method}", content=body, headers=kind, cost=REPLY)
        posted: Posted = taken(response, _result(Posted)).result
        return posted

    async def file(self, file_id: str, most: int) -> bytes | str:
        """The bytes of a file, or why they cannot be had.

        Raises:
            Unavailable: not now.
        """
        place: _FilePlace = await self.read("getFile", _FilePlace, file_id=file_id)
        if not place.file_path or ".." in place.file_path:
            return "Telegram names no place for it"
        data = bytearray()
        try:
            async with self.api.http.stream("GET", f"{self.files}/{place.file_path}", timeout=self.api.timeout) as response:
                if response.status_code != 200:
                    return f"Telegram answers {response.status_code}"
                async for piece in response.aiter_bytes():
                    data += piece
                    if len(data) > most:
                        return f"it is larger than {most >> 20} MiB"
        except httpx.HTTPError as error:
            return f"it could not be fetched: {type(error).__name__}"
        return bytes(data)


@cache
def _result(kind: Any) -> Any:  # a Struct made for `kind`
    return msgspec.defstruct("Result", [("result", kind)], frozen=True)
