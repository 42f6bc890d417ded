"""Reviews of one location at Google's Business Profile API, version 4."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import msgspec

from rapport.channels.budget import Lane
from rapport.channels.googlereviews.parse import review_in
from rapport.channels.json_api import Cost, JsonApi, taken
from rapport.channels.limits import limits_of
from rapport.channels.reviews import Review
from rapport.errors import Refused

ROOT = "https://mybusiness.googleapis.com/v4"
PAGE = limits_of(__package__).lengths["page"]
READ, ASK, WRITE = Cost("reads"), Cost("reads", Lane.REPLY), Cost("edits", Lane.REPLY)


class _Listed(msgspec.Struct, frozen=True, rename="camel"):
    reviews: list[msgspec.Raw] = []
    next_page_token: str = ""


class _Replied(msgspec.Struct, frozen=True, rename="camel"):
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class GoogleReviews:
    """`api.root` ends with the location, `accounts/1/locations/2`."""

    api: JsonApi

    async def page(self, token: str) -> tuple[list[bytes], str]:
        """A page of reviews, the last changed first."""
        query = {"pageSize": str(PAGE), "orderBy": "updateTime desc"} | ({"pageToken": token} if token else {})
        found: _Listed = await self.api.read("/reviews", _Listed, query, READ)
        return [bytes(raw) for raw in found.reviews], found.next_page_token

    async def one(self, name: str) -> bytes:
        """One review."""
        return (await self.api.ask("GET", f"/reviews/{quote(name, safe='')}", cost=ASK, safe=True)).content

    async def answer(self, name: str, text: str) -> datetime | None:
        """Write the answer or write it anew."""
        place = f"/reviews/{quote(name, safe='')}/reply"
        made: _Replied = taken(await self.api.ask("PUT", place, cost=WRITE, json={"comment": text}), _Replied)
        return made.update_time

    async def take_back(self, name: str) -> None:
        """Take the answer away."""
        try:
            await self.api.ask("DELETE", f"/reviews/{quote(name, safe='')}/reply", cost=WRITE)
        except Refused as error:
            if "404" not in str(error):
                raise

    def read(self, raw: bytes) -> Review | str:
        """What a review says."""
        return review_in(raw)
