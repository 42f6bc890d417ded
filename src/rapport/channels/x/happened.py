"""What X's webhooks say. Pure, and total: whatever it is, nothing is raised and nothing is lost."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from rapport.channels.channel import Event
from rapport.channels.wire import key_of, opened
from rapport.channels.x.directs import directs_in, sealed_in
from rapport.channels.x.parse import Includes, post_in
from rapport.model.message import Unreadable
from rapport.model.news import Deletion

POSTS = frozenset({"post.mention.create", "post.reply.create", "post.quote.create"})


class _Happened(msgspec.Struct, frozen=True):
    event_type: str
    filter: dict[str, str] = {}
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    includes: Includes | None = None


class _Told(msgspec.Struct, frozen=True):
    data: _Happened


class _Gone(msgspec.Struct, frozen=True):
    id: str


_told = msgspec.json.Decoder(_Told)
_gone = msgspec.json.Decoder(_Gone)


def events_in(raw: bytes, me: str, now: datetime) -> Sequence[Event]:
    """The messages and news in the body of a webhook of the X Activity API that are of this account."""
    told = opened(raw, _told, now)
    if isinstance(told, Unreadable):
        return [told]
    happened, payload = told.data, bytes(told.data.payload)
    if happened.filter.get("user_id", me) != me:
        return []
    if happened.event_type in POSTS:
        return post_in(payload, happened.includes or Includes(), me, now)
    if happened.event_type == "dm.received":
        return directs_in(payload, me, now)
    if happened.event_type == "chat.received":
        return [sealed_in(payload, now)]
    return _deleted_in(payload, now) if happened.event_type == "post.delete" else []


def _deleted_in(raw: bytes, now: datetime) -> Sequence[Event]:
    told = opened(raw, _gone, now)
    return [told] if isinstance(told, Unreadable) else [Deletion(key_of(f"{told.id}:deleted"), key_of(told.id), now)]
