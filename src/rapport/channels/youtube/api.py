"""YouTube's comments: list, answer, change, take away, moderate. Every call has a price in units."""

from dataclasses import dataclass

import msgspec

from rapport.channels.budget import Lane
from rapport.channels.json_api import Cost, JsonApi, taken
from rapport.channels.limits import limits_of
from rapport.channels.youtube.parse import Comment

ROOT = "https://www.googleapis.com/youtube/v3"
_LENGTHS = limits_of(__package__).lengths
READ = Cost("units", Lane.POLL, _LENGTHS["read"])
ASK = Cost("units", Lane.REPLY, _LENGTHS["read"])
WRITE = Cost("units", Lane.REPLY, _LENGTHS["write"])


class _Title(msgspec.Struct, frozen=True):
    title: str = ""


class Ours(msgspec.Struct, frozen=True):
    """A channel of ours."""

    id: str
    snippet: _Title = _Title()


class _Channels(msgspec.Struct, frozen=True):
    items: list[Ours] = []


class _Threads(msgspec.Struct, frozen=True, rename="camel"):
    items: list[msgspec.Raw] = []
    next_page_token: str = ""


class _Comments(msgspec.Struct, frozen=True, rename="camel"):
    items: list[msgspec.Raw] = []
    next_page_token: str = ""


@dataclass(frozen=True, slots=True)
class YouTube:
    """One account; `channel` is the id of its channel."""

    api: JsonApi
    channel: str

    async def ours(self) -> list[Ours]:
        """The channels of whoever consented. Raises Unavailable, Refused."""
        found: _Channels = await self.api.read("/channels", _Channels, {"part": "snippet", "mine": "true"}, ASK)
        return found.items

    async def threads(self, token: str) -> tuple[list[msgspec.Raw], str]:
        """A page of threads under all videos of the channel, newest first. Raises Unavailable, Refused."""
        query = {
            "part": "snippet,replies",
            "allThreadsRelatedToChannelId": self.channel,
            "order": "time",
            "maxResults": str(_LENGTHS["page"]),
            "textFormat": "plainText",
        }
        found: _Threads = await self.api.read("/commentThreads", _Threads, query | _after(token), READ)
        return found.items, found.next_page_token

    async def replies(self, parent: str, cost: Cost = READ) -> list[bytes]:
        """All answers to a comment. Raises Unavailable, Refused."""
        query = {"part": "snippet", "parentId": parent, "maxResults": str(_LENGTHS["page"]), "textFormat": "plainText"}
        found: list[bytes] = []
        token = ""
        while True:
            page: _Comments = await self.api.read("/comments", _Comments, query | _after(token), cost)
            found += [bytes(raw) for raw in page.items]
            token = page.next_page_token
            if not token:
                return found

    async def answer(self, parent: str, text: str) -> Comment:
        """Answer a comment at the top. Raises Refused, Unavailable, OutcomeUnknown."""
        body = {"snippet": {"parentId": parent, "textOriginal": text}}
        made: Comment = taken(
            await self.api.ask("POST", "/comments", cost=WRITE, query={"part": "snippet"}, json=body), Comment
        )
        return made

    async def edit(self, key: str, text: str) -> None:
        """Change a comment of ours. Raises as `answer`."""
        body = {"id": key, "snippet": {"textOriginal": text}}
        await self.api.ask("PUT", "/comments", cost=WRITE, query={"part": "snippet"}, json=body)

    async def delete(self, key: str) -> None:
        """Take away a comment of ours. Raises as `answer`."""
        await self.api.ask("DELETE", "/comments", cost=WRITE, query={"id": key})

    async def moderate(self, key: str, status: str) -> None:
        """Say who may see a comment under a video of ours. Raises as `answer`."""
        query = {"id": key, "moderationStatus": status}
        await self.api.ask("POST", "/comments/setModerationStatus", cost=WRITE, query=query)


def _after(token: str) -> dict[str, str]:
    return {"pageToken": token} if token else {}
