"""A review of the App Store, with the answer that came beside it. Pure, and total."""

from datetime import datetime

import msgspec

from rapport.channels.reviews import Review
from rapport.model.news import Delivery

STATES = {"PENDING_PUBLISH": Delivery.ACCEPTED, "PUBLISHED": Delivery.DELIVERED}


class _Said(msgspec.Struct, frozen=True, rename="camel"):
    rating: int = 0
    title: str | None = ""
    body: str | None = ""
    reviewer_nickname: str | None = ""
    created_date: datetime | None = None
    response_body: str | None = ""
    last_modified_date: datetime | None = None
    state: str | None = ""


class Named(msgspec.Struct, frozen=True):
    """What a resource is called."""

    id: str = ""
    type: str = ""


class _Link(msgspec.Struct, frozen=True):
    data: Named | None = None


class Resource(msgspec.Struct, frozen=True):
    """A resource of JSON:API: a review, or an answer."""

    id: str
    type: str
    attributes: _Said = _Said()
    relationships: dict[str, _Link] = {}

    @property
    def response(self) -> str:
        """The name of the answer to a review; "": there is none."""
        link = self.relationships.get("response")
        return link.data.id if link and link.data else ""


class Pair(msgspec.Struct, frozen=True):
    """A review and its answer, as we keep them together."""

    data: Resource
    response: Resource | None = None


_pair = msgspec.json.Decoder(Pair)


def review_in(raw: bytes) -> Review | str:
    """The review, or why it is none."""
    try:
        pair = _pair.decode(raw)
    except RecursionError:
        return "it is nested too deeply"
    except (msgspec.MsgspecError, ValueError) as error:
        return f"it is no review of the App Store: {error}"
    if pair.data.type != "customerReviews" or not pair.data.id:
        return f"it is no review of the App Store but {pair.data.type[:50]!r}"
    said = pair.data.attributes
    ours = pair.response.attributes if pair.response else _Said()
    return Review(
        id=pair.data.id,
        stars=said.rating,
        text=said.body or "",
        at=said.created_date,
        author=said.reviewer_nickname or "",
        title=said.title or "",
        answer=ours.response_body or "",
        answered_at=ours.last_modified_date,
        state=STATES.get(ours.state or ""),
    )
