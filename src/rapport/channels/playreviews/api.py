"""Reviews of one app at Google's Android Publisher API."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import msgspec

from rapport.channels.budget import Lane
from rapport.channels.json_api import Cost, JsonApi, taken
from rapport.channels.limits import limits_of
from rapport.channels.playreviews.parse import Moment, review_in
from rapport.channels.reviews import Review
from rapport.errors import Refused

ROOT = "https://androidpublisher.googleapis.com/androidpublisher/v3/applications"
PAGE = limits_of(__package__).lengths["page"]
READ, ASK, WRITE = Cost("reads"), Cost("reads", Lane.REPLY), Cost("edits", Lane.REPLY)


class _Token(msgspec.Struct, frozen=True, rename="camel"):
    next_page_token: str = ""


class _Listed(msgspec.Struct, frozen=True, rename="camel"):
    reviews: list[msgspec.Raw] = []
    token_pagination: _Token = _Token()


class _Result(msgspec.Struct, frozen=True, rename="camel"):
    last_edited: Moment = Moment()


class _Replied(msgspec.Struct, frozen=True):
    result: _Result = _Result()


@dataclass(frozen=True, slots=True)
class PlayReviews:
    """`api.root` ends with the app's package name."""

    api: JsonApi

    async def page(self, token: str) -> tuple[list[bytes], str]:
        """A page of the reviews of the last seven days."""
        query = {"maxResults": str(PAGE)} | ({"token": token} if token else {})
        found: _Listed = await self.api.read("/reviews", _Listed, query, READ)
        return [bytes(raw) for raw in found.reviews], found.token_pagination.next_page_token

    async def one(self, name: str) -> bytes:
        """One review."""
        return (await self.api.ask("GET", f"/reviews/{quote(name, safe='')}", cost=ASK, safe=True)).content

    async def answer(self, name: str, text: str) -> datetime | None:
        """Write the answer or write it anew."""
        place = f"/reviews/{quote(name, safe='')}:reply"
        made: _Replied = taken(await self.api.ask("POST", place, cost=WRITE, json={"replyText": text}), _Replied)
        return made.result.last_edited.at

    async def take_back(self, name: str) -> None:
        """Google Play does not let an answer be taken away."""
        raise Refused("an answer on Google Play can be changed but not taken away")

    def read(self, raw: bytes) -> Review | str:
        """What a review says."""
        return review_in(raw)
