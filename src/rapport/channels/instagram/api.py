"""What is asked of Graph for a professional account: who it is, what was written under its pictures, who names it."""

from datetime import datetime

import msgspec

from rapport.channels.graph_api import GraphApi
from rapport.channels.graph_webhook import at
from rapport.channels.instagram.parse import Comment, Mentioned

PICTURES = 25  # the last ones, whose comments are read back
COMMENTS = 50
MOST_PAGES = 10
_ONE = "id,text,timestamp,username,from,parent_id"
_UNDER = f"{_ONE},replies.limit({COMMENTS}){{{_ONE}}}"


class Profile(msgspec.Struct, frozen=True):
    """Who we are."""

    id: str
    username: str = ""


class _Paging(msgspec.Struct, frozen=True):
    cursors: dict[str, str] = {}
    next: str | None = None


class _List(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw] = []
    paging: _Paging | None = None


class _Picture(msgspec.Struct, frozen=True):
    id: str
    comments: _List = _List()


class _Pictures(msgspec.Struct, frozen=True):
    data: list[_Picture] = []


class _Answers(msgspec.Struct, frozen=True):
    id: str = ""
    timestamp: str | None = None
    replies: _List = _List()


class _Comments(msgspec.Struct, frozen=True):
    data: list[Comment] = []


class _NamedIn(msgspec.Struct, frozen=True):
    mentioned_comment: Mentioned | None = None
    mentioned_media: Mentioned | None = None


async def look(api: GraphApi, account: str) -> Profile:
    """Who we are. Raises Unavailable, Refused."""
    found: Profile = await api.get(f"/{account}", Profile, {"fields": "id,username"})
    return found


async def comments(api: GraphApi, account: str, since: datetime, now: datetime) -> list[tuple[bytes, str]]:
    """What was written since then under the last pictures, each with the comment that it answers; Graph's newest first."""
    fields = f"id,comments.limit({COMMENTS}){{{_UNDER}}}"
    pictures: _Pictures = await api.get(f"/{account}/media", _Pictures, {"fields": fields, "limit": PICTURES})
    found: list[tuple[bytes, str]] = []
    for picture in pictures.data:
        page = picture.comments
        for _ in range(MOST_PAGES):
            found += [one for raw in page.data for one in _with_answers(bytes(raw))]
            behind = page.paging.cursors.get("after") if page.paging and page.paging.next else None
            if not behind or not page.data or not picture.id.isdecimal() or _written(bytes(page.data[-1]), now) < since:
                break
            query: dict[str, str | int] = {"fields": _UNDER, "limit": COMMENTS, "after": behind}
            page = await api.get(f"/{picture.id}/comments", _List, query)
    return found


async def answers(api: GraphApi, comment: str) -> list[Comment]:
    """What stands under a comment. Raises Unavailable, Refused."""
    told: _Comments = await api.get(f"/{comment}/replies", _Comments, {"fields": _ONE, "limit": COMMENTS})
    return told.data


async def mention(api: GraphApi, account: str, media: str, comment: str) -> Mentioned | None:
    """What a comment or a caption says that names us; None: it is not there any more. Raises Unavailable, Refused."""
    if comment:
        fields = f"mentioned_comment.comment_id({comment}){{id,text,timestamp,username}}"
    else:
        fields = f"mentioned_media.media_id({media}){{id,caption,timestamp,username}}"
    told: _NamedIn = await api.get(f"/{account}", _NamedIn, {"fields": fields})
    return told.mentioned_comment or told.mentioned_media


def _with_answers(raw: bytes) -> list[tuple[bytes, str]]:
    try:
        told = msgspec.json.decode(raw, type=_Answers)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return [(raw, "")]
    return [*((bytes(answer), told.id) for answer in told.replies.data), (raw, "")]


def _written(raw: bytes, now: datetime) -> datetime:
    try:
        return at(msgspec.json.decode(raw, type=_Answers).timestamp, now)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return now
