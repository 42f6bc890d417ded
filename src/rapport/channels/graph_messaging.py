"""Private messages on Messenger and Instagram: as webhooks tell them, and as conversations are read back. Pure and total."""

import mimetypes
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from rapport.channels.channel import Event
from rapport.channels.graph_webhook import at
from rapport.channels.plain import readable
from rapport.channels.wire import key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report

MOST_MEDIA = 16
KINDS = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mp4", "sticker": "image/png"}  # where no name tells


class Party(msgspec.Struct, frozen=True):
    """Who writes or is written to."""

    id: str | int = ""
    name: str | None = None
    username: str | None = None


class _Payload(msgspec.Struct, frozen=True):
    url: str | None = None
    title: str | None = None


class _Attachment(msgspec.Struct, frozen=True):
    type: str = ""
    title: str | None = None
    url: str | None = None
    payload: _Payload | None = None


class _Answered(msgspec.Struct, frozen=True):
    mid: str | None = None


class _Message(msgspec.Struct, frozen=True):
    mid: str = ""
    text: str | None = None
    attachments: list[_Attachment] | None = None
    reply_to: _Answered | None = None
    is_echo: bool = False
    is_deleted: bool = False
    is_unsupported: bool = False


class _Postback(msgspec.Struct, frozen=True):
    title: str = ""
    mid: str | None = None


class _Reacted(msgspec.Struct, frozen=True):
    mid: str
    action: str = "react"
    emoji: str | None = None
    reaction: str | None = None


class _Edited(msgspec.Struct, frozen=True):
    mid: str
    text: str = ""
    num_edit: int = 1


class _Seen(msgspec.Struct, frozen=True):
    mid: str | None = None
    mids: list[str] | None = None


class Told(msgspec.Struct, frozen=True):
    """One event of a conversation, as webhooks tell it; what is in none of these fields is of no use to us."""

    sender: Party = Party()
    timestamp: float | str | None = None
    message: _Message | None = None
    postback: _Postback | None = None
    reaction: _Reacted | None = None
    message_edit: _Edited | None = None
    read: _Seen | None = None
    delivery: _Seen | None = None


_told = msgspec.json.Decoder(Told)


def told_in(raw: bytes, network: str, ours: frozenset[str], now: datetime) -> Sequence[Event]:
    """What one event of a webhook says. `ours`: the ids under which we write; what we wrote is dropped."""
    told = opened(raw, _told, now)
    if isinstance(told, Unreadable):
        return [told]
    sender, when = readable(str(told.sender.id))[:100], at(told.timestamp, now)
    seen = told.read or told.delivery
    if seen is not None:
        state = Delivery.READ if told.read else Delivery.DELIVERED
        mids = [mid for mid in (seen.mid, *(seen.mids or ())) if mid]
        return [Report(key_of(f"{mid}:{state}"), key_of(mid), state, when) for mid in mids]
    if sender in ours or (told.message is not None and told.message.is_echo):
        return []
    handle = f"{network}:{sender}" if sender else ""
    if told.message is not None:
        return _message(told.message, raw, handle, when)
    if told.postback is not None:
        key = told.postback.mid or f"postback:{sender}:{told.timestamp}"
        return [_incoming(key, handle, told.postback.title, when)] if told.postback.title else []
    if told.reaction is not None:
        reacted = told.reaction
        sign = readable(reacted.emoji or reacted.reaction or "like")[:40]
        key, undone = f"{reacted.mid}:{sender}:{told.timestamp}", reacted.action == "unreact"
        return [Reaction(key_of(key), key_of(reacted.mid), handle, sign, when, undone)]
    if told.message_edit is not None:
        edited = told.message_edit
        key = key_of(f"{edited.mid}:edit:{edited.num_edit}")
        return [Edit(key, key_of(edited.mid), handle, readable(edited.text), when)]
    return []


def _message(message: _Message, raw: bytes, handle: str, when: datetime) -> Sequence[Event]:
    if message.mid and message.is_deleted:
        return [Deletion(key_of(f"{message.mid}:deleted"), key_of(message.mid), when, handle)]
    text, media = readable(message.text or ""), media_of(message.attachments or [])
    if not message.mid or not handle:
        return [unreadable(raw, "it is a message without a name or without a sender", when, handle)]
    if message.is_unsupported or not (text or media):
        return [unreadable(raw, "it is a message of a kind that the network does not pass on", when, handle)]
    if reason := too_long(text):
        return [unreadable(raw, reason, when, handle)]
    answered = message.reply_to.mid if message.reply_to else None
    return [_incoming(message.mid, handle, text, when, answered or "", media)]


def _incoming(
    key: str, handle: str, text: str, when: datetime, answers: str = "", media: tuple[Media, ...] = (), name: str = ""
) -> Incoming:
    # no thread: a private exchange goes on for ever, it is no issue
    return Incoming(
        key_of(key), handle, readable(text), Reach.PRIVATE, when, name,
        in_reply_to=key_of(answers) if answers else "", media=media,
    )  # fmt: skip


class _File(msgspec.Struct, frozen=True):
    url: str | None = None


class _Kept(msgspec.Struct, frozen=True):
    name: str | None = None
    mime_type: str | None = None
    file_url: str | None = None
    image_data: _File | None = None
    video_data: _File | None = None


class _KeptFiles(msgspec.Struct, frozen=True):
    data: list[_Kept] = []


class Kept(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A message as a conversation keeps it."""

    id: str
    sender: Party = Party()
    message: str | None = None
    created_time: str | None = None
    attachments: _KeptFiles | None = None


_kept = msgspec.json.Decoder(Kept)


def kept_in(raw: bytes, network: str, ours: frozenset[str], now: datetime) -> Sequence[Event]:
    """What a message of a conversation says, under the same key as its webhook. `ours`: our ids and names."""
    kept = opened(raw, _kept, now)
    if isinstance(kept, Unreadable):
        return [kept]
    sender, text = readable(str(kept.sender.id))[:100], readable(kept.message or "")
    if not ours.isdisjoint((sender, kept.sender.username)):
        return []
    handle, when = f"{network}:{sender}" if sender else "", at(kept.created_time, now)
    media = tuple(_kept_file(file) for file in (kept.attachments or _KeptFiles()).data[:MOST_MEDIA])
    if not handle or not (text or media):
        return [unreadable(raw, "it is a message without words, files or a sender", when, handle)]
    if reason := too_long(text):
        return [unreadable(raw, reason, when, handle)]
    return [_incoming(kept.id, handle, text, when, "", media, line(kept.sender.name or kept.sender.username))]


def media_of(attachments: Sequence[_Attachment]) -> tuple[Media, ...]:
    """The files of a message: our own copy is fetched at once, the addresses expire."""
    found = [(a, a.url or (a.payload.url if a.payload else None)) for a in attachments[:MOST_MEDIA]]
    return tuple(
        file_at(url, a.title or (a.payload.title if a.payload else None), KINDS.get(a.type)) for a, url in found if url
    )


def _kept_file(file: _Kept) -> Media:
    url = file.file_url or next((place.url for place in (file.image_data, file.video_data) if place and place.url), "")
    return file_at(url, file.name, file.mime_type)


def file_at(url: str, name: str | None = None, kind: str | None = None) -> Media:
    """A file where a network keeps it."""
    place = readable(url)[:2000]
    try:
        last = urlsplit(place).path.rpartition("/")[2][:150]
    except ValueError:
        last = ""
    known = mimetypes.guess_type(last)[0] or line(kind, 100) or "application/octet-stream"
    return Media(line(name, 150) or last or "file", known, url=place, reason="" if place else "the network gives no address")
