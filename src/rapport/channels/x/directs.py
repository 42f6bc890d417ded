"""What X says of direct messages, as they are read and as webhooks bring them. Pure, and total: nothing is raised or lost."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from rapport.channels.channel import Event
from rapport.channels.graph_messaging import file_at
from rapport.channels.plain import readable
from rapport.channels.wire import honest, key_of, line, opened, unreadable
from rapport.channels.x.parse import DIRECT, KINDS, NAME, Attachments, Includes, User, media_in, name_in, why_not
from rapport.model.message import Incoming, Media, Reach, Unreadable

FILM = "video/mp4"
_KEPT = re.compile(
    r"https://ton\.(?:twitter|x)\.com/(?:1\.1|i)/ton/data/dm/([0-9]{1,19})/([0-9]{1,19})/([\w.-]{1,50})", re.ASCII
)


class Talk(msgspec.Struct, frozen=True):
    """A direct message as it is read."""

    id: str
    event_type: str = "MessageCreate"
    sender_id: str = ""
    text: str | None = None
    created_at: datetime | None = None
    attachments: Attachments | None = None


_talk = msgspec.json.Decoder(Talk)


def talk_in(raw: bytes, beside: Includes, me: str, now: datetime) -> Sequence[Event]:
    """What a direct message says."""
    talk = opened(raw, _talk, now)
    if isinstance(talk, Unreadable):
        return [talk]
    if talk.event_type != "MessageCreate" or talk.sender_id == me:
        return []
    when, media = honest(talk.created_at, now), media_in(talk.attachments, beside)
    return [_direct(raw, talk.id, talk.sender_id, talk.text or "", when, media, beside.users)]


class _Variant(msgspec.Struct, frozen=True):
    content_type: str | None = None
    url: str | None = None


class _Film(msgspec.Struct, frozen=True):
    variants: list[_Variant] | None = None


class _Shown(msgspec.Struct, frozen=True):
    media_url_https: str | None = None
    type: str | None = None
    ext_alt_text: str | None = None
    video_info: _Film | None = None


class _Attached(msgspec.Struct, frozen=True):
    media: _Shown | None = None


class _Data(msgspec.Struct, frozen=True):
    text: str = ""
    attachment: _Attached | None = None


class _Created(msgspec.Struct, frozen=True):
    sender_id: str = ""
    message_data: _Data = _Data()


class _Direct(msgspec.Struct, frozen=True):
    id: str
    type: str = ""
    created_timestamp: str | int | None = None
    message_create: _Created = _Created()


class _Somebody(msgspec.Struct, frozen=True):
    data: User = User()


class _Directs(msgspec.Struct, frozen=True):
    direct_message_events: list[msgspec.Raw] = []
    users: dict[str, _Somebody] = {}


class _Sealed(msgspec.Struct, frozen=True):
    id: str = ""
    sender_id: str = ""


_directs = msgspec.json.Decoder(_Directs)
_direct_one = msgspec.json.Decoder(_Direct)
_sealed = msgspec.json.Decoder(_Sealed)


def directs_in(raw: bytes, me: str, now: datetime) -> Sequence[Event]:
    """The direct messages that a webhook brings."""
    told = opened(raw, _directs, now)
    if isinstance(told, Unreadable):
        return [told]
    users, found = [one.data for one in told.users.values()], list[Event]()
    for item in told.direct_message_events:
        one = opened(bytes(item), _direct_one, now)
        if isinstance(one, Unreadable):
            found.append(one)
        elif one.type == "message_create" and one.message_create.sender_id != me:
            made = one.message_create
            text, when = html.unescape(made.message_data.text), _milliseconds(one.created_timestamp, now)
            shown = made.message_data.attachment.media if made.message_data.attachment else None
            found.append(_direct(bytes(item), one.id, made.sender_id, text, when, _files(shown), users))
    return found


def _files(shown: _Shown | None) -> tuple[Media, ...]:
    """The picture or film of a message, where only the account itself may fetch it."""
    if shown is None:
        return ()
    films = [v.url for v in (shown.video_info.variants if shown.video_info else None) or () if v.url and v.content_type == FILM]
    return (file_at(films[0] if films else shown.media_url_https or "", shown.ext_alt_text, KINDS.get(shown.type or "")),)


def kept_at(url: str) -> str:
    """Where X's interface gives the file of a direct message; "" where the address is another."""
    found = _KEPT.fullmatch(url)
    return f"/2/dm_conversations/media/{found[1]}/{found[2]}/{found[3]}" if found else ""


def _direct(
    raw: bytes, name: str, sender: str, text: str, when: datetime, media: tuple[Media, ...], users: Sequence[User]
) -> Incoming | Unreadable:
    handle, text = f"{NAME}:{line(sender, 40)}" if sender else "", readable(text)
    if reason := why_not(name, handle, text, media):
        return unreadable(raw, reason, when, handle)
    return Incoming(key_of(DIRECT + name), handle, text, Reach.PRIVATE, when, name_in(sender, users), media=media)


def sealed_in(raw: bytes, now: datetime) -> Unreadable:
    """A message that only people's own devices can read."""
    told = opened(raw, _sealed, now)
    if isinstance(told, Unreadable):
        return told
    handle = f"{NAME}:{line(told.sender_id, 40)}" if told.sender_id else ""
    return unreadable(raw, "it is an encrypted message (XChat); X gives its key to people's devices alone", now, handle)


def _milliseconds(told: str | int | None, now: datetime) -> datetime:
    try:
        return honest(datetime.fromtimestamp(int(told or 0) / 1000, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now
