"""What is asked of Graph for a page: who it is, what it is told of, what was written under its posts."""

import re
from datetime import datetime

import msgspec

from rapport.channels.graph_api import GraphApi
from rapport.channels.graph_webhook import at
from rapport.channels.wire import those_opened

POSTS = 100  # of a page of the feed; the posts whose comments are read back
COMMENTS = 100
MOST_PAGES = 10
FIELDS = "id,from,message,created_time,parent{id},attachment{url,media}"
_NAME = re.compile(r"\d+(_\d+)?")
WANTED = frozenset({"feed", "messages"})  # without these Facebook tells us nothing


class Page(msgspec.Struct, frozen=True):
    """Who we are."""

    id: str
    name: str = ""


class _App(msgspec.Struct, frozen=True):
    subscribed_fields: list[str] = []


class _Apps(msgspec.Struct, frozen=True):
    data: list[_App] = []


class _Post(msgspec.Struct, frozen=True):
    id: str
    updated_time: str | None = None


class _Paging(msgspec.Struct, frozen=True):
    cursors: dict[str, str] = {}
    next: str | None = None


class _List(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw] = []
    paging: _Paging | None = None


class _Dated(msgspec.Struct, frozen=True):
    created_time: str | None = None


_post = msgspec.json.Decoder(_Post)


async def look(api: GraphApi, page: str) -> tuple[Page, frozenset[str]]:
    """Who we are, and what we asked to be told of but are not. Raises Unavailable, Refused."""
    found: Page = await api.get(f"/{page}", Page, {"fields": "id,name"})
    apps: _Apps = await api.get(f"/{page}/subscribed_apps", _Apps, {})
    told = {field for app in apps.data for field in app.subscribed_fields}
    return found, WANTED - told


async def feed(api: GraphApi, page: str, since: datetime, now: datetime) -> tuple[list[bytes], list[str]]:
    """(the posts since then, as they came; the names of the last posts with something new under them)."""
    fields = "id,from,message,created_time,updated_time,full_picture"
    told: _List = await api.get(f"/{page}/feed", _List, {"fields": fields, "limit": POSTS})
    new = [bytes(raw) for raw in told.data if _written(bytes(raw), now) >= since]
    posts = those_opened(told.data, _post)
    return new, [post.id for post in posts if _NAME.fullmatch(post.id) and at(post.updated_time, now) >= since]


async def comments(api: GraphApi, of: str, since: datetime, now: datetime) -> list[bytes]:
    """The comments under a post, or the answers to a comment, since then, as they came."""
    query: dict[str, str | int] = {"filter": "stream", "order": "reverse_chronological", "fields": FIELDS, "limit": COMMENTS}
    found: list[bytes] = []
    for _ in range(MOST_PAGES):
        told: _List = await api.get(f"/{of}/comments", _List, query)
        new = [bytes(raw) for raw in told.data if _written(bytes(raw), now) >= since]
        found += new
        behind = told.paging.cursors.get("after") if told.paging and told.paging.next else None
        if len(new) < len(told.data) or not behind:
            break
        query["after"] = behind
    return found


def _written(raw: bytes, now: datetime) -> datetime:
    try:
        return at(msgspec.json.decode(raw, type=_Dated).created_time, now)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return now
