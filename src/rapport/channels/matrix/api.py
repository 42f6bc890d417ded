"""Asking a homeserver: the calls of the client-server API that the channel needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from rapport.channels.json_api import JsonApi, decoded, taken
from rapport.channels.part import File
from rapport.errors import Refused, SendError, Unavailable

V3 = "/_matrix/client/v3"
HINT_SECONDS = 8.0  # less than a request may take


class Timeline(msgspec.Struct, frozen=True):
    """The newest events of a room; `limited`: there were more, before `prev_batch`."""

    events: list[msgspec.Raw] = []
    limited: bool = False
    prev_batch: str = ""


class _Events(msgspec.Struct, frozen=True):
    events: list[msgspec.Raw] = []


class Joined(msgspec.Struct, frozen=True):
    """A room that we are in."""

    timeline: Timeline = Timeline()
    ephemeral: _Events = _Events()


class _Rooms(msgspec.Struct, frozen=True):
    join: dict[str, Joined] = {}
    invite: dict[str, msgspec.Raw] = {}


class Sync(msgspec.Struct, frozen=True):
    """What is new on a homeserver."""

    next_batch: str
    rooms: _Rooms = _Rooms()


class Messages(msgspec.Struct, frozen=True):
    """A page of a room's past, newest first."""

    chunk: list[msgspec.Raw] = []
    end: str = ""


class Member(msgspec.Struct, frozen=True):
    """Somebody in a room."""

    display_name: str | None = None


class Members(msgspec.Struct, frozen=True):
    """Who is in a room, by name."""

    joined: dict[str, Member] = {}


class _Named(msgspec.Struct, frozen=True):
    event_id: str = ""
    room_id: str = ""
    user_id: str = ""
    joined_rooms: list[str] = []
    chunk: list[msgspec.Raw] = []
    content_uri: str = ""


class _Failed(msgspec.Struct, frozen=True):
    errcode: str = ""
    retry_after_ms: float = 0


def judge(response: httpx.Response, words: str) -> SendError | None:
    """A homeserver says in the body how long to wait, and which room name is taken."""
    try:
        failed = msgspec.json.decode(response.content, type=_Failed)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    if failed.errcode == "M_ROOM_IN_USE":
        return Refused(failed.errcode)
    if response.status_code == 429:
        wait = timedelta(milliseconds=failed.retry_after_ms) if failed.retry_after_ms else None
        return Unavailable("the homeserver is asked too often", wait)
    return None


@dataclass(slots=True)
class Homeserver:
    """One account on one homeserver."""

    api: JsonApi

    async def me(self) -> str:
        """Our name. Raises Refused where the token is not good."""
        found: _Named = await self.api.read(f"{V3}/account/whoami", _Named)
        return found.user_id

    async def sync(self, since: str, filter: str, seconds: float = 0.0) -> Sync:
        """What is new after `since`; waits for something at most so many seconds."""
        query = {"timeout": str(int(seconds * 1000)), "filter": filter} | ({"since": since} if since else {})
        found: Sync = await self.api.read(f"{V3}/sync", Sync, query)
        return found

    async def before(self, room: str, start: str, end: str, most: int) -> Messages:
        """A page of a room's past from `start` back to `end` ("": to its beginning)."""
        query: dict[str, str | int] = {"dir": "b", "from": start, "limit": most, **({"to": end} if end else {})}
        found: Messages = await self.api.read(f"{V3}/rooms/{quote(room, safe='')}/messages", Messages, query)
        return found

    async def members(self, room: str) -> Members:
        """Who is in a room."""
        found: Members = await self.api.read(f"{V3}/rooms/{quote(room, safe='')}/joined_members", Members)
        return found

    async def rooms(self) -> list[str]:
        """The rooms that we are in."""
        found: _Named = await self.api.read(f"{V3}/joined_rooms", _Named)
        return found.joined_rooms

    async def join(self, room: str) -> None:
        """Go into a room to which we are invited; twice is once."""
        await self.api.ask("POST", f"{V3}/join/{quote(room, safe='')}", json={}, safe=True)

    async def room_called(self, alias: str) -> str:
        """The room of that alias."""
        found: _Named = await self.api.read(f"{V3}/directory/room/{quote(alias, safe='')}", _Named)
        return found.room_id

    async def open_room(self, alias: str, person: str) -> str:
        """A room with one person; the alias makes that there is only one, however often it is asked. Raises Refused."""
        body = {
            "room_alias_name": alias,
            "invite": [person],
            "is_direct": True,
            "preset": "trusted_private_chat",
            "visibility": "private",
        }
        found: _Named = decoded(await self.api.ask("POST", f"{V3}/createRoom", json=body, safe=True), _Named)
        return found.room_id

    async def send(self, room: str, kind: str, once: str, content: Mapping[str, Any]) -> str:  # Any: whatever becomes JSON
        """Give an event to a room; the same `once` is the same event. Its id."""
        path = f"{V3}/rooms/{quote(room, safe='')}/send/{kind}/{quote(once, safe='')}"
        found: _Named = taken(await self.api.ask("PUT", path, json=dict(content)), _Named)
        return found.event_id

    async def redact(self, room: str, event: str, once: str) -> None:
        """Take an event back."""
        path = f"{V3}/rooms/{quote(room, safe='')}/redact/{quote(event, safe='')}/{quote(once, safe='')}"
        await self.api.ask("PUT", path, json={}, safe=True)

    async def reactions(self, room: str, event: str) -> list[msgspec.Raw]:
        """The reactions to an event."""
        path = f"/_matrix/client/v1/rooms/{quote(room, safe='')}/relations/{quote(event, safe='')}/m.annotation/m.reaction"
        found: _Named = await self.api.read(path, _Named)
        return found.chunk

    async def seen(self, room: str, event: str) -> None:
        """Say that we have read up to an event."""
        path = f"{V3}/rooms/{quote(room, safe='')}/receipt/m.read/{quote(event, safe='')}"
        await self.api.ask("POST", path, json={}, safe=True)

    async def upload(self, file: File) -> str:
        """Where the homeserver keeps a file, `mxc://server/name`. May be done twice. Raises Refused, Unavailable."""
        told = {"Content-Type": file.type}
        path = f"/_matrix/media/v3/upload?filename={quote(file.name, safe='')}"
        found: _Named = decoded(await self.api.ask("POST", path, content=file.data, headers=told, safe=True), _Named)
        if not found.content_uri:
            raise Unavailable("the homeserver took the file and does not say where it is")
        return found.content_uri

    async def file(self, address: str, most: int) -> bytes:
        """The bytes of a file `mxc://server/name`. Raises Refused where it is gone or has more than `most` bytes."""
        server, _, name = address.removeprefix("mxc://").partition("/")
        path = f"/_matrix/client/v1/media/download/{quote(server, safe='')}/{quote(name, safe='')}"
        response = await self.api.ask("GET", path, safe=True, headers={"Accept": "*/*"})
        if len(response.content) > most:
            raise Refused(f"it is larger than {most >> 20} MiB")
        return response.content
