"""What Instagram says of comments, mentions and direct messages. Pure, and total: nothing is raised and nothing is lost."""

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from rapport.channels.channel import Event
from rapport.channels.graph_messaging import Party, told_in
from rapport.channels.graph_webhook import Change, at, changes_in, notice_in
from rapport.channels.plain import readable
from rapport.channels.wire import key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Reach, Unreadable

NAME = "instagram"
MENTION = "Mención · Mention"  # all that a webhook says of a mention; its words must be asked for
_DIGITS = re.compile(r"\d{1,30}")


class _On(msgspec.Struct, frozen=True):
    id: str = ""


class Comment(msgspec.Struct, frozen=True, rename={"author": "from"}):
    """A comment, as a webhook tells it and as it is read back."""

    id: str
    author: Party | None = None
    username: str | None = None
    text: str | None = None
    timestamp: str | None = None
    parent_id: str | None = None
    media: _On | None = None


class _Mention(msgspec.Struct, frozen=True):
    media_id: str
    comment_id: str | None = None


class Mentioned(msgspec.Struct, frozen=True):
    """The comment or the caption that names us."""

    username: str | None = None
    text: str | None = None
    caption: str | None = None
    timestamp: str | None = None


_comment = msgspec.json.Decoder(Comment)
_mention = msgspec.json.Decoder(_Mention)


def events_in(raw: bytes, account: str, ours: frozenset[str], now: datetime) -> Sequence[Event]:
    """The messages and news in the body of a webhook that are of this account. `ours`: our ids and names."""
    notice = notice_in(raw, now)
    if isinstance(notice, Unreadable):
        return [notice]
    found: list[Event] = []
    for entry in notice.entry if notice.object == "instagram" else []:
        if str(entry.id) != account:
            continue
        for item in entry.messaging:
            found += told_in(bytes(item), NAME, ours, now)
        for change in changes_in(entry, now):
            found += [change] if isinstance(change, Unreadable) else _change_in(change[0], ours, at(entry.time, now))
    return found


def _change_in(change: Change, ours: frozenset[str], when: datetime) -> Sequence[Event]:
    if change.field in ("comments", "live_comments"):
        return comment_in(bytes(change.value), ours, when)
    return [_mention_in(bytes(change.value), when)] if change.field == "mentions" else []


def comment_in(raw: bytes, ours: frozenset[str], when: datetime, above: str = "") -> Sequence[Event]:
    """What a comment says, or an answer to the comment `above`. `when`: where it does not say when it was written."""
    comment = opened(raw, _comment, when)
    if isinstance(comment, Unreadable):
        return [comment]
    author = comment.author or Party()
    name = author.username or comment.username
    if not ours.isdisjoint((str(author.id), name)):
        return []
    handle = f"{NAME}:{line(str(author.id), 100)}" if author.id else key_of(f"{NAME}:@{name or f'unnamed-{comment.id}'}")
    text, parent = readable(comment.text or ""), comment.parent_id or above
    if not comment.id or not text or too_long(text):
        return [unreadable(raw, too_long(text) or "it is a comment without a name or without words", when, handle)]
    thread = parent or comment.id  # an exchange is a comment with its answers, never all that stands under a picture
    return [
        Incoming(
            key=key_of(comment.id), handle=handle, text=text, reach=Reach.PUBLIC, at=at(comment.timestamp, when),
            name=line(name), thread=key_of(thread), in_reply_to=key_of(parent) if parent else "",
        )
    ]  # fmt: skip


def _mention_in(raw: bytes, when: datetime) -> Incoming | Unreadable:
    mention = opened(raw, _mention, when)
    if isinstance(mention, Unreadable):
        return mention
    key = mention_key(mention.media_id, mention.comment_id or "")
    if key is None:
        return unreadable(raw, "it is a mention whose names are no numbers", when)
    return Incoming(key, _unnamed(key), MENTION, Reach.PUBLIC, when, thread=key)


def mention_key(media: str, comment: str) -> str | None:
    """What we call a mention: where it stands; None: that is no name of the network's."""
    if not _DIGITS.fullmatch(media) or (comment and not _DIGITS.fullmatch(comment)):
        return None
    return f"mention_{media}_{comment}" if comment else f"mention_{media}"


def with_words(heard: Incoming, told: Mentioned, now: datetime) -> Incoming:
    """A mention with what it says and who wrote it."""
    text, name = readable(told.text or told.caption or ""), line(told.username)
    if not text or too_long(text):
        return heard
    handle = key_of(f"{NAME}:@{name}") if name else heard.handle
    return msgspec.structs.replace(heard, text=text, handle=handle, name=name, at=at(told.timestamp, now))


def _unnamed(key: str) -> str:
    return f"{NAME}:{key}"
