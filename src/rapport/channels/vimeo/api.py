"""Vimeo's API, version 3.4: videos, comments, answers."""

from dataclasses import dataclass

import msgspec

from rapport.channels.budget import Lane
from rapport.channels.json_api import Cost, JsonApi, taken
from rapport.channels.limits import limits_of
from rapport.channels.vimeo.parse import Comment, Metadata, User

ROOT = "https://api.vimeo.com"
ACCEPT = {"Accept": "application/vnd.vimeo.*+json;version=3.4"}
COMMENT = {"Content-Type": "application/vnd.vimeo.comment+json"}
PAGE = limits_of(__package__).lengths["page"]
READ, REPLY = Cost("requests"), Cost("requests", Lane.REPLY)
FIELDS = "uri,text,created_on,user.uri,user.name,metadata.connections.replies.total"


class Video(msgspec.Struct, frozen=True):
    """A video of ours."""

    uri: str
    name: str | None = ""
    metadata: Metadata | None = None

    @property
    def comments(self) -> int:
        """How many comments it has."""
        found = self.metadata.connections.comments if self.metadata else None
        return found.total if found else 0


class _Paging(msgspec.Struct, frozen=True):
    next: str | None = None


class _Videos(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw] = []
    paging: _Paging = _Paging()


class _Comments(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw] = []
    paging: _Paging = _Paging()


@dataclass(frozen=True, slots=True)
class Vimeo:
    """One account."""

    api: JsonApi

    async def me(self) -> User:
        """Who we are. Raises Unavailable, Refused."""
        found: User = await self.api.read("/me", User, {"fields": "uri,name"}, REPLY)
        return found

    async def videos(self, page: int) -> tuple[list[Video], bool]:
        """A page of our videos, the newest first, and whether there are more. Raises Unavailable, Refused."""
        query = {
            "sort": "date",
            "direction": "desc",
            "page": str(page),
            "per_page": str(PAGE),
            "fields": "uri,name,metadata.connections.comments.total",
        }
        found: _Videos = await self.api.read("/me/videos", _Videos, query, READ)
        return [video for video in map(_video, found.data) if video is not None], bool(found.paging.next)

    async def comments(self, video: str, page: int) -> tuple[list[bytes], bool]:
        """A page of a video's comments, the newest first. Raises Unavailable, Refused."""
        query = {"direction": "desc", "page": str(page), "per_page": str(PAGE), "fields": FIELDS}
        found: _Comments = await self.api.read(f"{video}/comments", _Comments, query, READ)
        return [bytes(raw) for raw in found.data], bool(found.paging.next)

    async def replies(self, comment: str, cost: Cost = READ) -> list[bytes]:
        """All answers to a comment. Raises Unavailable, Refused."""
        found: list[bytes] = []
        page, more = 1, True
        while more:
            query = {"page": str(page), "per_page": str(PAGE), "fields": FIELDS}
            told: _Comments = await self.api.read(f"{comment}/replies", _Comments, query, cost)
            found += [bytes(raw) for raw in told.data]
            page, more = page + 1, bool(told.paging.next)
        return found

    async def answer(self, comment: str, text: str) -> Comment:
        """Answer a comment. Raises Refused, Unavailable, OutcomeUnknown."""
        response = await self.api.ask("POST", f"{comment}/replies", cost=REPLY, content=_text(text), headers=COMMENT)
        made: Comment = taken(response, Comment)
        return made

    async def edit(self, comment: str, text: str) -> None:
        """Change a comment of ours. Raises as `answer`."""
        await self.api.ask("PATCH", comment, cost=REPLY, content=_text(text), headers=COMMENT)

    async def delete(self, comment: str) -> None:
        """Take a comment away. Raises as `answer`."""
        await self.api.ask("DELETE", comment, cost=REPLY)


def _text(text: str) -> bytes:
    return msgspec.json.encode({"text": text})


def _video(raw: msgspec.Raw) -> Video | None:
    """A video; None where it is none: that one stops no other."""
    try:
        return msgspec.json.decode(raw, type=Video)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
