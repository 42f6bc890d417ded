"""Reviews of one app at Apple's App Store Connect API."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from rapport.channels.appstorereviews.parse import Pair, Resource, review_in
from rapport.channels.budget import Lane
from rapport.channels.json_api import Cost, JsonApi, taken
from rapport.channels.limits import limits_of
from rapport.channels.reviews import Review
from rapport.errors import Refused

ROOT = "https://api.appstoreconnect.apple.com/v1"
PAGE = limits_of(__package__).lengths["page"]
READ, ASK = Cost("hour"), Cost("hour", Lane.REPLY)


class _Links(msgspec.Struct, frozen=True):
    next: str = ""


class _Listed(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw] = []
    included: list[msgspec.Raw] = []
    links: _Links = _Links()


class _One(msgspec.Struct, frozen=True):
    data: msgspec.Raw
    included: list[msgspec.Raw] = []


class _Made(msgspec.Struct, frozen=True):
    data: Resource


@dataclass(frozen=True, slots=True)
class AppStoreReviews:
    """`app` is the app's number in App Store Connect."""

    api: JsonApi
    app: str

    async def page(self, token: str) -> tuple[list[bytes], str]:
        """A page of reviews, the newest first, each with its answer."""
        query = {"sort": "-createdDate", "limit": str(PAGE), "include": "response"} | ({"cursor": token} if token else {})
        found: _Listed = await self.api.read(f"/apps/{self.app}/customerReviews", _Listed, query, READ)
        after = parse_qs(urlsplit(found.links.next).query).get("cursor", [""])[0]
        return [_paired(raw, found.included) for raw in found.data], after

    async def one(self, name: str) -> bytes:
        """One review with its answer."""
        found: _One = await self.api.read(f"/customerReviews/{quote(name, safe='')}", _One, {"include": "response"}, ASK)
        return _paired(found.data, found.included)

    async def answer(self, name: str, text: str) -> datetime | None:
        """Write the answer or write it anew: Apple overwrites the one that is there."""
        body = {
            "data": {
                "type": "customerReviewResponses",
                "attributes": {"responseBody": text},
                "relationships": {"review": {"data": {"type": "customerReviews", "id": name}}},
            }
        }
        made: _Made = taken(await self.api.ask("POST", "/customerReviewResponses", cost=ASK, json=body), _Made)
        return made.data.attributes.last_modified_date

    async def take_back(self, name: str) -> None:
        """Take the answer away."""
        try:
            found: _Made = await self.api.read(f"/customerReviews/{quote(name, safe='')}/response", _Made, None, ASK)
            await self.api.ask("DELETE", f"/customerReviewResponses/{quote(found.data.id, safe='')}", cost=ASK)
        except Refused as error:
            if "404" not in str(error):
                raise

    def read(self, raw: bytes) -> Review | str:
        """What a review says."""
        return review_in(raw)


def _paired(raw: msgspec.Raw, included: list[msgspec.Raw]) -> bytes:
    """A review together with its answer; as it came where it cannot be read."""
    try:
        review = msgspec.json.decode(raw, type=Resource)
        answers = [msgspec.json.decode(one, type=Resource) for one in included] if review.response else []
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return b'{"data":' + bytes(raw) + b"}"
    answer = next((one for one in answers if one.id == review.response and one.type == "customerReviewResponses"), None)
    return msgspec.json.encode(Pair(review, answer))
