"""What Bluesky tells of us, as messages and reactions. Pure, and total: whatever it says, nothing is raised or lost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from rapport.channels.bluesky.text import Facet, expanded
from rapport.channels.channel import Event
from rapport.channels.graph_messaging import file_at
from rapport.channels.shown import shown
from rapport.channels.wire import honest, key_if_any, key_of, line, opened, those_opened, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Shown, Unreadable
from rapport.model.news import Reaction

NAME = "bluesky"
HEARD = frozenset({"mention", "reply", "quote"})
REACTIONS = {"like": "like", "repost": "share"}
CHAT = "chat.bsky.convo.defs#"
MOST_FILES = 16
HIDDEN = "!no-unauthenticated"  # what an author asks apps to do: not to show them to everybody


class Author(msgspec.Struct, frozen=True, rename="camel"):
    """Somebody. `handle` may change; `did` never does."""

    did: str = ""
    handle: str | None = None
    display_name: str | None = None
    description: Any = None  # Any: this and what follows is looked at with care, as no message may be lost for it
    created_at: Any = None
    verification: Any = None
    labels: Any = None


class Ref(msgspec.Struct, frozen=True):
    """A record by its address and its content's digest."""

    uri: str = ""
    cid: str = ""


class Reply(msgspec.Struct, frozen=True):
    """What a post answers, and the first of the thread."""

    root: Ref = Ref()
    parent: Ref = Ref()


class _External(msgspec.Struct, frozen=True):
    uri: str = ""


class _Label(msgspec.Struct, frozen=True):
    val: str = ""
    neg: bool = False


class _Own(msgspec.Struct, frozen=True):
    values: list[_Label] = []


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """A post as its author wrote it."""

    text: str = ""
    facets: list[Facet] | None = None
    reply: Reply | None = None
    labels: _Own | None = None


class _Image(msgspec.Struct, frozen=True):
    fullsize: str = ""
    alt: str | None = None


class Embed(msgspec.Struct, frozen=True, kw_only=True):
    """What a post shows, with addresses at which it can be fetched."""

    kind: str = msgspec.field(default="", name="$type")
    images: list[_Image] = []
    external: _External | None = None
    thumbnail: str | None = None
    alt: str | None = None
    media: "Embed | None" = None


class Viewer(msgspec.Struct, frozen=True, rename="camel"):
    """What we may do with a post."""

    reply_disabled: bool | None = None


class View(msgspec.Struct, frozen=True):
    """A post as the network shows it."""

    uri: str = ""
    cid: str = ""
    record: Record = Record()
    embed: Embed | None = None
    viewer: Viewer | None = None


class Notification(msgspec.Struct, frozen=True, rename="camel"):
    """Something that concerns us."""

    uri: str
    author: Author
    reason: str
    indexed_at: datetime | None = None
    reason_subject: str | None = None
    record: msgspec.Raw = msgspec.Raw(b"{}")
    labels: list[_Label] | None = None


class _Reacted(msgspec.Struct, frozen=True, rename="camel"):
    value: str = ""
    sender: Author = Author()
    created_at: datetime | None = None


class _Shared(msgspec.Struct, frozen=True):
    record: Ref | None = None


class Talk(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A direct message; `embed` is a post that it shows."""

    kind: str = msgspec.field(default="", name="$type")
    id: str = ""
    rev: str = ""
    text: str = ""
    facets: list[Facet] | None = None
    embed: _Shared | None = None
    sender: Author = Author()
    sent_at: datetime | None = None


class _Logged(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    kind: str = msgspec.field(default="", name="$type")
    convo_id: str = ""
    message: Talk | None = None
    reaction: _Reacted | None = None


class Told(msgspec.Struct, frozen=True):
    """What `parse` reads: a notification with how the network shows its post, or an event of the direct messages."""

    notification: Notification | None = None
    view: msgspec.Raw = msgspec.Raw(b"{}")
    log: _Logged | None = None
    names: Mapping[str, str] = {}


_told = msgspec.json.Decoder(Told)
_record = msgspec.json.Decoder(Record)
_view = msgspec.json.Decoder(View)


def view_in(raw: bytes) -> View:
    """How a post is shown, as far as it can be read."""
    return next(iter(those_opened([raw], _view)), View())


def said_in(raw: bytes, me: str, now: datetime) -> Sequence[Event]:
    """What a `Told` says; nothing where it is our own or of no use. `me`: our did."""
    told = opened(raw, _told, now)
    if isinstance(told, Unreadable):
        return [told]
    if told.notification is not None:
        return _notified(raw, told.notification, view_in(bytes(told.view)), me, now)
    return _logged(raw, told.log, told.names, me, now) if told.log else [unreadable(raw, "it is no notification", now)]


def _notified(raw: bytes, note: Notification, view: View, me: str, now: datetime) -> Sequence[Event]:
    handle, at = f"{NAME}:{line(note.author.did)}" if note.author.did else "", honest(note.indexed_at, now)
    if me and note.author.did == me:
        return []
    if note.reason in REACTIONS and note.reason_subject and handle:
        return [Reaction(key_of(note.uri), key_of(note.reason_subject), handle, REACTIONS[note.reason], at)]
    if note.reason not in HEARD:
        return []
    record = opened(bytes(note.record), _record, now)
    if isinstance(record, Unreadable):
        return [unreadable(raw, record.reason, at, handle)]
    media = tuple(_media(view.embed))[:MOST_FILES]
    text = _with_card(expanded(record.text, record.facets or []), view.embed)
    if reason := _why_not(note.uri, handle, text, media):
        return [unreadable(raw, reason, at, handle)]
    answered = record.reply.parent.uri if record.reply else note.reason_subject if note.reason == "quote" else ""
    return [Incoming(
        key=key_of(note.uri), handle=handle, text=text, reach=Reach.PUBLIC, at=at, name=name_of(note.author),
        subject=_labels(note, record), thread=key_of(record.reply.root.uri if record.reply else note.uri),
        in_reply_to=key_if_any(answered), media=media, author=_shown(note.author),
    )]  # fmt: skip


def _logged(raw: bytes, log: _Logged, names: Mapping[str, str], me: str, now: datetime) -> Sequence[Event]:
    if log.message is None or not log.convo_id or not log.kind.startswith(CHAT):
        return []
    key = key_of(f"{log.convo_id}/{log.message.id}")
    if log.reaction is not None:
        return _reacted(log.kind, key, log.reaction, me, now)
    talk, at = log.message, honest(log.message.sent_at, now)
    ours, deleted = me and talk.sender.did == me, talk.kind == f"{CHAT}deletedMessageView"
    if log.kind != f"{CHAT}logCreateMessage" or ours or deleted:
        return []
    handle, text = f"{NAME}:{line(talk.sender.did)}" if talk.sender.did else "", expanded(talk.text, talk.facets or [])
    shown = line(talk.embed.record.uri, 500) if talk.embed and talk.embed.record else ""
    text = f"{text}\n{shown}".strip()
    if reason := _why_not(talk.id, handle, text, ()):
        return [unreadable(raw, reason, at, handle)]
    name = line(names.get(talk.sender.did, ""))
    return [Incoming(key, handle, text, Reach.PRIVATE, at, name, thread=key_of(log.convo_id))]


def _reacted(kind: str, of: str, told: _Reacted, me: str, now: datetime) -> Sequence[Event]:
    if told.sender.did in ("", me) or not told.value:
        return []
    back, sign = kind == f"{CHAT}logRemoveReaction", line(told.value, 40)
    at = honest(told.created_at, now)
    key = key_of(f"{of}/{told.sender.did}/{sign}/{'back' if back else f'{at:%Y%m%dT%H%M%S%f}'}")
    return [Reaction(key, of, f"{NAME}:{line(told.sender.did)}", sign, at, back)]


def _shown(author: Author) -> Shown | None:
    """What the network shows of an author; None where they ask to be shown to its members alone."""
    if isinstance(author.labels, list) and any(isinstance(one, dict) and one.get("val") == HIDDEN for one in author.labels):
        return None
    told = author.verification.get("verifiedStatus") if isinstance(author.verification, dict) else None
    return shown(bio=author.description, verified=True if told == "valid" else None, since=author.created_at)


def name_of(author: Author) -> str:
    """What people see of somebody."""
    handle = author.handle or ""
    return line(f"{author.display_name} (@{handle})" if author.display_name else f"@{handle}" if handle else "")


def _why_not(name: str, handle: str, text: str, media: Sequence[Media]) -> str:
    if not name or not handle:
        return "it has no name or no author"
    return too_long(text) or ("" if text or media else "it has neither words nor files")


def _media(embed: Embed | None) -> Sequence[Media]:
    if embed is None:
        return ()
    pictures = [file_at(image.fullsize, image.alt, "image/jpeg") for image in embed.images if image.fullsize]
    film = [file_at(embed.thumbnail, embed.alt or "video", "image/jpeg")] if embed.thumbnail else []
    return [*pictures, *film, *_media(embed.media)]


def _with_card(text: str, embed: Embed | None) -> str:
    """The text with the address of the card under it, where it is not in it already."""
    card = (embed.external or (embed.media.external if embed.media else None)) if embed else None
    uri = line(card.uri, 2000) if card else ""
    return f"{text}\n{uri}".strip() if uri and uri not in text else text


def _labels(note: Notification, record: Record) -> str:
    """What the network or its author warns of, such as `graphic-media`."""
    told = [*(note.labels or ()), *(record.labels.values if record.labels else ())]
    return line(", ".join(dict.fromkeys(label.val for label in told if label.val and not label.neg)))
