"""A comment of YouTube as a message. Pure, and total."""

from datetime import datetime

import msgspec

from rapport.channels.plain import plain_from_html, readable
from rapport.channels.wire import honest, key_if_any, key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Edit

NAME = "youtube"
Said = Incoming | Unreadable | Edit


class Author(msgspec.Struct, frozen=True):
    """The author's own channel: what does not change when they change their name."""

    value: str = ""


class Snippet(msgspec.Struct, frozen=True, rename="camel"):
    """What a comment says."""

    text_display: str = ""
    text_original: str = ""
    author_display_name: str = ""
    author_channel_id: Author | None = None
    video_id: str = ""
    parent_id: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    image_url: str = ""


class Comment(msgspec.Struct, frozen=True):
    """One comment; an answer has the id of what it answers before a dot."""

    id: str
    snippet: Snippet


class _ThreadSnippet(msgspec.Struct, frozen=True, rename="camel"):
    top_level_comment: msgspec.Raw
    video_id: str = ""
    total_reply_count: int = 0


class _Replies(msgspec.Struct, frozen=True):
    comments: list[msgspec.Raw] = []


class Thread(msgspec.Struct, frozen=True):
    """A comment with some of its answers."""

    id: str
    snippet: _ThreadSnippet
    replies: _Replies = _Replies()


_comment = msgspec.json.Decoder(Comment)
_thread = msgspec.json.Decoder(Thread)


def said_in(raw: bytes, me: str, now: datetime) -> list[Said]:
    """What one comment says; nothing where it is ours. One that was changed since is a message and its edit."""
    comment = opened(raw, _comment, now)
    if isinstance(comment, Unreadable):
        return [comment]
    told = comment.snippet
    author = told.author_channel_id.value if told.author_channel_id else ""
    if not comment.id or not (author or told.author_display_name or told.published_at):
        return [unreadable(raw, "it is a comment without an id, or nobody's", now)]
    if author == me:
        return []
    text = readable(told.text_original) or plain_from_html(readable(told.text_display))
    if problem := too_long(text) or too_long(told.text_display):
        return [unreadable(raw, problem, now)]
    key, at = key_of(comment.id), honest(told.published_at, now)
    handle = f"{NAME}:{line(author, 100) or f'unknown-{key}'}"
    video = line(told.video_id, 50)
    message = Incoming(
        key=key,
        handle=handle,
        text=text,
        reach=Reach.PUBLIC,
        at=at,
        name=line(told.author_display_name),
        subject=f"youtu.be/{video}" if video else "",
        thread=thread_of(key),
        in_reply_to=key_if_any(told.parent_id),
        media=(Media("image", "image/*", url=readable(told.image_url)[:2000]),) if told.image_url else (),
    )
    changed = honest(told.updated_at, now) if told.updated_at else at
    if changed <= at:
        return [message]
    return [message, Edit(f"{key}/edit/{changed.timestamp():.3f}", key, handle, text, changed)]


def thread_of(key: str) -> str:
    """The comment at the top: answers are one level deep."""
    return key.partition(".")[0]


def thread_in(raw: bytes) -> Thread | None:
    """The thread, or None where it is none."""
    try:
        return _thread.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


def comment_of(raw: bytes) -> Comment | None:
    """The comment, or None where it is none."""
    try:
        return _comment.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
