"""What happens in Matrix rooms, as messages and as news of them. A key is `room/event`: both are needed to answer."""

import hashlib
from datetime import UTC, datetime

import msgspec

from rapport.channels.plain import plain_from_html, readable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report

NAME = "matrix"
FEW = 2  # who speaks in a room of so many speaks to us alone
LONGEST = 1 << 33  # seconds of Unix time that a date can hold
Event = Incoming | Unreadable | Edit | Deletion | Reaction | Report


class _Relation(msgspec.Struct, frozen=True):
    rel_type: str = ""
    event_id: str = ""
    key: str = ""
    reply: dict[str, str] = msgspec.field(default={}, name="m.in_reply_to")


class _File(msgspec.Struct, frozen=True):
    mimetype: str = "application/octet-stream"
    size: float = 0


class _New(msgspec.Struct, frozen=True):
    body: str = ""
    formatted_body: str = ""


class Content(msgspec.Struct, frozen=True):
    """What an event says."""

    msgtype: str = ""
    body: str = ""
    format: str = ""
    formatted_body: str = ""
    url: str = ""
    filename: str = ""
    info: _File = _File()
    relates: _Relation = msgspec.field(default=_Relation(), name="m.relates_to")
    new: _New | None = msgspec.field(default=None, name="m.new_content")
    redacts: str = ""


class RoomEvent(msgspec.Struct, frozen=True):
    """One event of a room, as far as it concerns us."""

    type: str
    event_id: str
    sender: str
    origin_server_ts: float = 0
    content: Content = Content()
    redacts: str = ""
    state_key: str | None = None


class Told(msgspec.Struct, frozen=True):
    """An event with what only the room knows: `members`, how many are in it; `name` of who speaks."""

    room: str
    event: RoomEvent
    members: int = FEW
    name: str = ""


def said_in(raw: bytes, me: str, now: datetime) -> list[Event]:
    """What an event of a room (`Told`) says; nothing where it is our own or says nothing. `me`: our name there."""
    try:
        told = msgspec.json.decode(raw, type=Told)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        digest = hashlib.sha256(raw).hexdigest()
        return [Unreadable(f"sha256:{digest}", raw, f"it is no event of Matrix: {error}"[:300], now)]
    event = told.event
    if event.sender == me or event.state_key is not None or not event.event_id:
        return []
    if event.type == "m.room.encrypted":
        reason = (
            "it is encrypted from end to end, which this channel does not read; ask the person to write in a room without it"
        )
        return [Unreadable(_key(told), raw, reason, _at(event, now), f"{NAME}:{readable(event.sender)}")]
    return _news(told, now) if event.type != "m.room.message" else _message(told, now)


class _Read(msgspec.Struct, frozen=True):
    ts: float = 0


class _Seen(msgspec.Struct, frozen=True):
    type: str = ""
    content: dict[str, dict[str, dict[str, _Read]]] = {}


def reports_in(raw: bytes, room: str, me: str, now: datetime) -> list[Event]:
    """Who has read which message, in a receipt of a room."""
    try:
        seen = msgspec.json.decode(raw, type=_Seen)
    except (msgspec.MsgspecError, RecursionError):
        return []
    found: list[Event] = []
    for event, kinds in seen.content.items() if seen.type == "m.receipt" else ():
        for who, at in kinds.get("m.read", {}).items():
            if who != me:
                key = readable(f"{room}/{event}/read/{who}")
                found.append(Report(key, readable(f"{room}/{event}"), Delivery.READ, _time(at.ts, now)))
    return found


class Sent(msgspec.Struct, frozen=True):
    """Who sent an event, and when, in milliseconds of Unix time."""

    sender: str = ""
    origin_server_ts: float = 0


def sent(raw: bytes) -> Sent:
    """As far as that can be read."""
    try:
        return msgspec.json.decode(raw, type=Sent)
    except (msgspec.MsgspecError, RecursionError):
        return Sent()


def _message(told: Told, now: datetime) -> list[Event]:
    event, said = told.event, told.event.content
    handle = f"{NAME}:{readable(event.sender)}"
    if said.relates.rel_type == "m.replace" and said.new is not None:
        of = readable(f"{told.room}/{said.relates.event_id}")
        return [Edit(_key(told), of, handle, readable(said.new.body), _at(event, now), readable(said.new.formatted_body))]
    if not said.msgtype:
        return []  # it was taken back before we came
    root = said.relates.event_id if said.relates.rel_type == "m.thread" else ""
    answered = said.relates.reply.get("event_id", "")
    media: tuple[Media, ...] = ()
    text = _without_quote(said.body) if answered else said.body
    if said.url:
        media = (
            Media(readable(said.filename or said.body)[:200] or "file", said.info.mimetype, int(said.info.size), url=said.url),
        )
        text = said.body if said.filename and said.filename != said.body else ""
    if not text and said.formatted_body:
        text = plain_from_html(said.formatted_body)
    return [
        Incoming(
            key=_key(told),
            handle=handle,
            text=readable(text),
            reach=Reach.PRIVATE if told.members <= FEW else Reach.PUBLIC,
            at=_at(event, now),
            name=readable(told.name)[:200],
            html=readable(said.formatted_body) if said.format == "org.matrix.custom.html" else "",
            thread=readable(f"{told.room}/{root}" if root else told.room),
            in_reply_to=readable(f"{told.room}/{answered}") if answered else "",
            media=media,
            automatic=said.msgtype == "m.notice",
        )
    ]


def _news(told: Told, now: datetime) -> list[Event]:
    event, at = told.event, _at(told.event, now)
    handle = f"{NAME}:{readable(event.sender)}"
    if event.type == "m.room.redaction":
        of = event.redacts or event.content.redacts
        return [Deletion(_key(told), readable(f"{told.room}/{of}"), at, handle)] if of else []
    if event.type == "m.reaction" and event.content.relates.event_id:
        of = readable(f"{told.room}/{event.content.relates.event_id}")
        return [Reaction(_key(told), of, handle, readable(event.content.relates.key)[:40], at)]
    return []


def _without_quote(body: str) -> str:
    """A text without the lines of what it answers, which old programs put before it."""
    lines = body.split("\n")
    while lines and lines[0].startswith("> "):
        lines.pop(0)
    return "\n".join(lines).lstrip("\n") if len(lines) < body.count("\n") + 1 else body


def _key(told: Told) -> str:
    return readable(f"{told.room}/{told.event.event_id}")


def _at(event: RoomEvent, now: datetime) -> datetime:
    return _time(event.origin_server_ts, now)


def _time(milliseconds: float, now: datetime) -> datetime:
    """A server's time, never in the future."""
    seconds = milliseconds / 1000
    return min(datetime.fromtimestamp(seconds, UTC), now) if 0 < seconds < LONGEST else now
