"""What Facebook says of a page's feed, as messages and news. Pure, and total: nothing is raised and nothing is lost."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from rapport.channels.channel import Event
from rapport.channels.graph_messaging import Party, file_at, told_in
from rapport.channels.graph_webhook import at, changes_in, notice_in
from rapport.channels.plain import readable
from rapport.channels.wire import key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Edit, Reaction

NAME = "facebook"
POSTS = frozenset({"post", "status", "photo", "video", "share", "album", "link"})
WRITTEN, CHANGED = frozenset({"add"}), frozenset({"edited", "edit"})


class _Feed(msgspec.Struct, frozen=True, rename={"author": "from"}):
    item: str = ""
    verb: str = ""
    author: Party | None = None
    comment_id: str = ""
    post_id: str = ""
    parent_id: str = ""
    message: str | None = None
    created_time: float | str | None = None
    photo: str | None = None
    video: str | None = None
    photos: list[str] | None = None
    link: str | None = None
    reaction_type: str = ""


class _Picture(msgspec.Struct, frozen=True):
    src: str | None = None


class _Shown(msgspec.Struct, frozen=True):
    image: _Picture | None = None
    source: str | None = None


class _Attached(msgspec.Struct, frozen=True):
    url: str | None = None
    media: _Shown | None = None


class _Name(msgspec.Struct, frozen=True):
    id: str


class Written(msgspec.Struct, frozen=True, rename={"author": "from"}):
    """A comment or a post as Graph shows it when it is read."""

    id: str
    author: Party | None = None
    message: str | None = None
    created_time: str | None = None
    updated_time: str | None = None
    parent: _Name | None = None
    attachment: _Attached | None = None
    full_picture: str | None = None


_feed = msgspec.json.Decoder(_Feed)
_written = msgspec.json.Decoder(Written)


def events_in(raw: bytes, page: str, now: datetime) -> Sequence[Event]:
    """The messages and news in the body of a webhook that are of this page."""
    notice = notice_in(raw, now)
    if isinstance(notice, Unreadable):
        return [notice]
    found: list[Event] = []
    for entry in notice.entry if notice.object == "page" else []:
        if str(entry.id) != page:
            continue
        for item in entry.messaging:
            found += told_in(bytes(item), NAME, frozenset({page}), now)
        for change in changes_in(entry, now):
            if isinstance(change, Unreadable):
                found.append(change)
            elif change[0].field == "feed":
                found += _feed_in(bytes(change[0].value), page, now)
    return found


def _feed_in(raw: bytes, page: str, now: datetime) -> Sequence[Event]:
    feed = opened(raw, _feed, now)
    if isinstance(feed, Unreadable):
        return [feed]
    is_comment = feed.item == "comment"
    of = feed.comment_id if is_comment else feed.post_id
    author, when = feed.author or Party(), at(feed.created_time, now)
    if str(author.id) == page:
        return []
    if feed.item in ("reaction", "like"):
        of = feed.comment_id or feed.post_id
        return [_reaction(feed, of, author, when)] if of and author.id else []
    if not is_comment and feed.item not in POSTS:
        return []
    if not of:
        return [unreadable(raw, "it is a comment or a post without its name", now)]
    if feed.verb == "remove":
        return [Deletion(key_of(f"{of}:removed"), key_of(of), when, _handle(author, of) if author.id else "")]
    if feed.verb in CHANGED:
        text = readable(feed.message or "")
        return [Edit(key_of(f"{of}:edit:{feed.created_time}:{len(text)}"), key_of(of), _handle(author, of), text, when)]
    if feed.verb not in WRITTEN:
        return []
    files = [place for place in (feed.photo, feed.video, *(feed.photos or ())) if place]
    above = feed.parent_id if is_comment and feed.parent_id else feed.post_id
    return [_incoming(raw, of, author, feed.message, when, above if is_comment else "", feed.post_id, files)]


def _reaction(feed: _Feed, of: str, author: Party, when: datetime) -> Reaction:
    sign, undone = readable(feed.reaction_type or "like")[:40], feed.verb == "remove"
    key = f"{of}:{author.id}:{sign}:{feed.verb}:{feed.created_time}"
    return Reaction(key_of(key), key_of(of), _handle(author, of), sign, when, undone)


def written_in(raw: bytes, page: str, now: datetime, post: str = "") -> Sequence[Event]:
    """What a comment under `post`, or a post, says that was read back; under the same key as its webhook."""
    written = opened(raw, _written, now)
    if isinstance(written, Unreadable):
        return [written]
    author = written.author or Party()
    if str(author.id) == page:
        return []
    shown = written.attachment.media if written.attachment else None
    picture = written.full_picture or (shown.image.src if shown and shown.image else None)
    files = [place for place in (picture, shown.source if shown else None) if place]
    above = written.parent.id if written.parent else post
    when = at(written.created_time, now)
    return [_incoming(raw, written.id, author, written.message, when, above, post or written.id, files)]


def _incoming(
    raw: bytes, of: str, author: Party, message: str | None, when: datetime, above: str, post: str, files: Sequence[str]
) -> Incoming | Unreadable:
    text, media = readable(message or ""), _media(files)
    if reason := too_long(text) or ("" if text or media else "it has no words and no files"):
        return unreadable(raw, reason, when, _handle(author, of))
    first = above if above and above != post else of  # an exchange is a comment with its answers, never a whole post
    return Incoming(
        key=key_of(of), handle=_handle(author, of), text=text, reach=Reach.PUBLIC, at=when, name=line(author.name),
        thread=key_of(first), in_reply_to=key_of(above) if above else "", media=media,
    )  # fmt: skip


def _handle(author: Party, of: str) -> str:
    """Who wrote it. Without Advanced Access Facebook does not say; each comment then stands for somebody of its own."""
    return f"{NAME}:{readable(str(author.id))[:100]}" if author.id else key_of(f"{NAME}:unnamed-{of}")


def _media(files: Sequence[str]) -> tuple[Media, ...]:
    return tuple(file_at(place, kind="image/jpeg") for place in files[:16])
