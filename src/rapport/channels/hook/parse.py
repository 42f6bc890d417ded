"""What a system says of messages, as messages and news. Pure, and total."""

import base64
import binascii
import mimetypes
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from rapport.channels.hook.envelope import Event
from rapport.channels.plain import plain_from_html, readable
from rapport.channels.wire import honest, key_if_any, key_of, line, opened, too_long, unreadable
from rapport.model.journey import check_told
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, Happening, Reaction, Report
from rapport.model.story import TRANSCRIPT

NAME = "webhook"
MOST_MEDIA = 16
LONGEST_KIND = 200
Said = Incoming | Unreadable | Edit | Deletion | Reaction | Report | Happening


class File(msgspec.Struct, frozen=True):
    """A file of a message, where the system keeps it."""

    url: str
    name: str = ""
    type: str = ""


class Received(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Somebody wrote. `from` is their name in that system; `key` the message's, if it has one of its own."""

    from_: str
    text: str = ""
    html: str = ""
    key: str = ""
    name: str = ""
    subject: str = ""
    reach: Reach | None = None
    at: datetime | None = None
    thread: str = ""
    in_reply_to: str = ""
    media: tuple[File, ...] = ()
    automatic: bool = False
    echo: bool = False  # we wrote it ourselves


class Changed(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Somebody changed, took away or reacted to the message `of`; or its way to them went on."""

    of: str
    from_: str = ""
    text: str = ""
    html: str = ""
    sign: str = ""
    taken_back: bool = False
    delivery: Delivery | None = None
    reason: str = ""
    at: datetime | None = None
    echo: bool = False


class Happened(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Something happened between the person of the handle `subject` and a department: a journey event of that kind."""

    subject: str
    kind: str
    source: str = NAME
    data: dict[str, Any] = {}  # Any: a department's own plain JSON
    at: datetime | None = None
    from_: str = ""
    echo: bool = False


_event = msgspec.json.Decoder(Event)


def said_in(raw: bytes, reach: Reach, own: frozenset[str], now: datetime, account: str = "") -> list[Said]:
    """What one structured event says; nothing where it is a ping or our own. `reach`: of a message that names none.

    `account`: whose it is. Journey events of all accounts stand side by side, so their names begin with it.
    """
    event = opened(raw, _event, now)
    if isinstance(event, Unreadable):
        return [event]
    kind = ".".join(event.type.split(".")[-2:])
    if kind.endswith("ping"):
        return []
    if not event.id or kind not in KINDS:
        known = ", ".join(KINDS)
        return [unreadable(raw, f"an event needs an id and one of the types {known}; this one is {event.type[:80]!r}", now)]
    shape, read = KINDS[kind]
    told = opened(_data(event), shape, now)
    if isinstance(told, Unreadable):
        return [unreadable(raw, told.reason, now)]
    key = key_of(f"{event.source}#{event.id}" if event.source else event.id)
    if told.echo or readable(told.from_) in own:
        return []
    said = read(told, key, honest(told.at or event.time, now), reach)
    if isinstance(said, Happening) and account:
        said = msgspec.structs.replace(said, key=key_of(f"{account}#{key}"), was=key)
    return [unreadable(raw, said, now)] if isinstance(said, str) else [said]


def _data(event: Event) -> bytes:
    if not event.data_base64:
        return bytes(event.data)
    try:
        return base64.b64decode(event.data_base64)
    except (binascii.Error, ValueError):
        return b""


def _handle(name: str) -> str:
    return f"{NAME}:{line(name, 300)}"


def _text(told: Received | Changed) -> str:
    return readable(told.text) or plain_from_html(readable(told.html))


def _received(told: Received, key: str, at: datetime, reach: Reach) -> Said | str:
    text = _text(told)
    if not line(told.from_):
        return "`from` must name who wrote"
    if too_long(text) or too_long(told.html):
        return too_long(text) or too_long(told.html)
    return Incoming(
        key=key_of(told.key) if told.key else key,
        handle=_handle(told.from_),
        text=text,
        reach=told.reach or reach,
        at=at,
        name=line(told.name),
        subject=line(told.subject, 500),
        html=readable(told.html),
        thread=key_if_any(told.thread),
        in_reply_to=key_if_any(told.in_reply_to),
        media=tuple(_media(file) for file in told.media[:MOST_MEDIA]),
        automatic=told.automatic,
    )


def _media(file: File) -> Media:
    place = readable(file.url)[:2000]
    try:
        name = line(file.name, 150) or urlsplit(place).path.rpartition("/")[2][:150]
    except ValueError:
        name = ""
    return Media(name or "file", line(file.type, 100) or mimetypes.guess_type(name)[0] or "application/octet-stream", url=place)


def _edited(told: Changed, key: str, at: datetime, reach: Reach) -> Said | str:
    text = _text(told)
    if problem := _of(told) or too_long(text) or too_long(told.html):
        return problem
    return Edit(key, key_of(told.of), _handle(told.from_), text, at, readable(told.html))


def _deleted(told: Changed, key: str, at: datetime, reach: Reach) -> Said | str:
    return _of(told) or Deletion(key, key_of(told.of), at, _handle(told.from_) if told.from_ else "")


def _reacted(told: Changed, key: str, at: datetime, reach: Reach) -> Said | str:
    if not line(told.sign, 50):
        return "`sign` must be what somebody reacted with"
    return _of(told) or Reaction(key, key_of(told.of), _handle(told.from_), line(told.sign, 50), at, told.taken_back)


def _reported(told: Changed, key: str, at: datetime, reach: Reach) -> Said | str:
    if told.delivery is None:
        return f"`delivery` must be one of {', '.join(Delivery)}"
    return _of(told) or Report(key, key_of(told.of), told.delivery, at, line(told.reason, 300))


def _happened(told: Happened, key: str, at: datetime, reach: Reach) -> Said | str:
    subject, kind = line(told.subject, 300), line(told.kind, LONGEST_KIND)
    if ":" not in subject or not kind:
        return "`subject` must be a handle such as email:ana@example.org, and `kind` say what happened"
    if kind == TRANSCRIPT:
        return f"a {TRANSCRIPT} is handed in as a transcript, by /api/transcripts"
    try:
        check_told(at, told.data, at)
    except ValueError as wrong:
        return str(wrong)
    return Happening(key, subject, kind, line(told.source, LONGEST_KIND) or NAME, at, told.data)


def _of(told: Changed) -> str:
    return "" if told.of else "`of` must be the key of a message"


# by the last two words of an event's type: how its data is read, and what it says
KINDS: dict[str, tuple[msgspec.json.Decoder[Any], Callable[[Any, str, datetime, Reach], Said | str]]] = {
    "message.received": (msgspec.json.Decoder(Received), _received),
    "message.edited": (msgspec.json.Decoder(Changed), _edited),
    "message.deleted": (msgspec.json.Decoder(Changed), _deleted),
    "message.reacted": (msgspec.json.Decoder(Changed), _reacted),
    "message.reported": (msgspec.json.Decoder(Changed), _reported),
    "journey.happened": (msgspec.json.Decoder(Happened), _happened),
}
