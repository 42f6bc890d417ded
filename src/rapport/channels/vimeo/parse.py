"""A comment of Vimeo as a message. Pure, and total."""

from datetime import datetime

import msgspec

from rapport.channels.plain import plain_from_html, readable
from rapport.channels.wire import honest, key_if_any, key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Reach, Unreadable

NAME = "vimeo"
Said = Incoming | Unreadable


class User(msgspec.Struct, frozen=True):
    """Who wrote; `uri` is `/users/` and a number."""

    uri: str = ""
    name: str | None = ""


class Total(msgspec.Struct, frozen=True):
    """How many there are."""

    total: int = 0


class Connections(msgspec.Struct, frozen=True):
    """How many comments or answers something has."""

    comments: Total | None = None
    replies: Total | None = None


class Metadata(msgspec.Struct, frozen=True):
    """What is connected with something."""

    connections: Connections = Connections()


class Comment(msgspec.Struct, frozen=True):
    """One comment, or one answer."""

    uri: str
    text: str | None = ""
    created_on: datetime | None = None
    user: User | None = None
    metadata: Metadata | None = None

    @property
    def replies(self) -> int:
        """How many answers it has."""
        found = self.metadata.connections.replies if self.metadata else None
        return found.total if found else 0


class Heard(msgspec.Struct, frozen=True):
    """A comment, the one that it answers, and what the video is called."""

    comment: msgspec.Raw
    parent: str = ""
    video: str = ""


_comment = msgspec.json.Decoder(Comment)
_heard = msgspec.json.Decoder(Heard)


def said_in(raw: bytes, me: str, now: datetime) -> list[Said]:
    """What one comment says; nothing where it is ours. `me`: `/users/` and our number, "" while it is not known."""
    heard: Heard | Unreadable = Heard(msgspec.Raw(raw))
    if raw.startswith(b'{"comment":'):
        heard = opened(raw, _heard, now)
    if isinstance(heard, Unreadable):
        return [heard]
    comment = opened(bytes(heard.comment), _comment, now)
    if isinstance(comment, Unreadable):
        return [unreadable(raw, comment.reason, now)]
    user = comment.user or User()
    if me and user.uri == me:
        return []
    text = plain_from_html(readable(comment.text or "")) if "<" in (comment.text or "") else readable(comment.text or "")
    problem = too_long(comment.text or "") or ("" if comment.uri else "it is a comment without a name")
    if problem:
        return [unreadable(raw, problem, now)]
    key, name = key_of(comment.uri), line(user.uri.removeprefix("/users/"), 100)
    return [
        Incoming(
            key=key,
            handle=f"{NAME}:{name or f'unknown-{key[:100]}'}",
            text=text,
            reach=Reach.PUBLIC,
            at=honest(comment.created_on, now),
            name=line(user.name),
            subject=line(heard.video, 300),
            thread=key_if_any(heard.parent) or key,
            in_reply_to=key_if_any(heard.parent),
        )
    ]


def comment_of(raw: bytes) -> Comment | None:
    """The comment, or None where it is none."""
    try:
        return _comment.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
