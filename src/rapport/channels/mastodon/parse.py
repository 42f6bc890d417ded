"""What a Mastodon server says, as messages. Pure, and total: whatever it says, nothing is raised and nothing is lost."""

import hashlib
import mimetypes
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from rapport.channels.plain import LONGEST, plain_from_html, readable
from rapport.channels.shown import shown
from rapport.model.message import Incoming, Media, Reach, Shown, Unreadable
from rapport.model.news import Edit

NAME = "mastodon"
MOST_MEDIA = 16
_PUBLIC = frozenset({"public", "unlisted"})


class Author(msgspec.Struct, frozen=True):
    """Who wrote a status. `acct` has no host where it is an account of the server that we ask."""

    id: str | int
    acct: str
    display_name: str = ""
    note: Any = None  # Any: this and what follows is looked at with care, as no message may be lost for it
    followers_count: Any = None
    created_at: Any = None
    fields: Any = None
    noindex: Any = None
    discoverable: Any = None


class Attachment(msgspec.Struct, frozen=True):
    """A file of a status, where the server keeps it."""

    url: str | None = None
    remote_url: str | None = None
    description: str | None = None
    type: str | None = None


class Status(msgspec.Struct, frozen=True):
    """A post, as the API shows it. `uri` is its name in the whole network, `id` only on one server."""

    id: str | int
    uri: str
    account: Author
    content: str = ""
    created_at: datetime | None = None
    visibility: str | None = "public"
    spoiler_text: str | None = ""
    in_reply_to_id: str | int | None = None
    media_attachments: list[Attachment] | None = None
    edited_at: datetime | None = None


class Notification(msgspec.Struct, frozen=True):
    """Something the server tells an account; we read those of type mention."""

    id: str | int
    type: str
    status: Status | None = None


class Heard(msgspec.Struct, frozen=True):
    """A notification, and what the server says of the thread: the post it answers, and the thread's first."""

    notification: Notification
    parent: str = ""
    root: str = ""


_list = msgspec.json.Decoder(list[msgspec.Raw])
_heard = msgspec.json.Decoder(Heard)
_notification = msgspec.json.Decoder(Notification)


def messages_in(raw: bytes, host: str, now: datetime) -> list[Incoming | Unreadable]:
    """The messages in one notification, a list of them, or a notification with its thread. `host`: of our own server."""
    items: Sequence[bytes] = [raw]
    try:
        if raw.lstrip()[:1] == b"[":
            items = [bytes(item) for item in _list.decode(raw)]
    except (msgspec.MsgspecError, RecursionError, ValueError):
        items = [raw]
    found = [_message(item, host, now) for item in items]
    return [message for message in found if message is not None]


def edit_in(raw: bytes, host: str, now: datetime) -> Edit | None:
    """The edit of a mention that a notification shows: servers tell of none, and show the post as it stands."""
    try:
        note = _notification.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    at = note.status.edited_at if note.status and note.type == "mention" else None
    found = _message(raw, host, now) if at is not None else None
    if at is None or not isinstance(found, Incoming):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)  # as the server says it: its clock may be ahead, the key stays
    return Edit(key_of(f"{found.key}#{at.isoformat()}"), found.key, found.handle, found.text, min(at, now))


def _message(raw: bytes, host: str, now: datetime) -> Incoming | Unreadable | None:
    try:
        heard = _heard.decode(raw) if b'"notification"' in raw[:40] else Heard(_notification.decode(raw))
    except RecursionError:
        return _unreadable(raw, "it is nested too deeply", now)
    except (msgspec.MsgspecError, ValueError) as error:
        return _unreadable(raw, f"it is not a notification: {error}", now)
    status = heard.notification.status
    if heard.notification.type != "mention":
        return None
    if status is None or not status.uri or not status.account.acct:
        return _unreadable(raw, "it is a mention without a post or without an author", now)
    text = plain_from_html(readable(status.content))
    if len(text) > LONGEST:
        return _unreadable(raw, f"a text may have {LONGEST} characters, this one has {len(text)}", now)
    key = key_of(status.uri)
    at = status.created_at or now
    return Incoming(
        key=key,
        handle=f"{NAME}:{full_name(status.account.acct, host)}",
        text=text,
        reach=Reach.PUBLIC if status.visibility in _PUBLIC else Reach.PRIVATE,
        at=min(at if at.tzinfo else at.replace(tzinfo=UTC), now),
        name=readable(status.account.display_name)[:200],
        subject=plain_from_html(readable(status.spoiler_text or ""))[:500],
        thread=key_of(heard.root) if heard.root else key,
        in_reply_to=key_of(heard.parent) if heard.parent else "",
        media=tuple(_media(a) for a in (status.media_attachments or [])[:MOST_MEDIA] if a.url or a.remote_url),
        author=_shown(status.account),
    )


def _shown(author: Author) -> Shown | None:
    """What the server shows of an author; None where they ask not to be found."""
    if author.noindex is True or author.discoverable is False:
        return None
    proven = (
        [f for f in author.fields if isinstance(f, dict) and f.get("verified_at")] if isinstance(author.fields, list) else []
    )
    return shown(bio=author.note, followers=author.followers_count, verified=True if proven else None, since=author.created_at)


def full_name(acct: str, host: str) -> str:
    """The name that holds everywhere: `@ana@example.social`."""
    acct = readable(acct).lstrip("@").lower()[:300]
    return f"@{acct}" if "@" in acct else f"@{acct}@{host}"


def key_of(uri: str) -> str:
    """What we call a post: its uri; a digest of one that is too long to be a key."""
    uri = readable(uri)
    return uri if len(uri) <= 500 else "sha256:" + hashlib.sha256(uri.encode()).hexdigest()


def _media(attachment: Attachment) -> Media:
    place = readable(attachment.url or attachment.remote_url or "")[:2000]
    try:
        name = urlsplit(place).path.rpartition("/")[2][:150]
    except ValueError:
        name = ""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Media(readable(attachment.description or "")[:150] or name or "file", kind, url=place)


def _unreadable(raw: bytes, reason: str, now: datetime) -> Unreadable:
    return Unreadable("sha256:" + hashlib.sha256(raw).hexdigest(), raw, reason, now)
