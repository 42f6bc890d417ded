"""What WhatsApp's webhooks say, as messages and news. Pure, and total: nothing is raised and nothing is lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from rapport.channels.channel import Event
from rapport.channels.graph_webhook import at, changes_in, notice_in
from rapport.channels.plain import readable
from rapport.channels.whatsapp.content import Content, files_in, words_in
from rapport.channels.wire import key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report

NAME = "whatsapp"
STATES = {
    "accepted": Delivery.ACCEPTED,
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.READ,
    "failed": Delivery.FAILED,
}


class _Metadata(msgspec.Struct, frozen=True):
    phone_number_id: str = ""


class _Profile(msgspec.Struct, frozen=True):
    name: str | None = None
    username: str | None = None


class _Known(msgspec.Struct, frozen=True):
    wa_id: str | None = None
    user_id: str | None = None
    profile: _Profile = _Profile()


class _Told(msgspec.Struct, frozen=True):
    details: str | None = None


class _Fault(msgspec.Struct, frozen=True):
    code: int = 0
    title: str | None = None
    message: str | None = None
    error_data: _Told | None = None


class _Context(msgspec.Struct, frozen=True):
    id: str | None = None


class _Reacted(msgspec.Struct, frozen=True):
    message_id: str
    emoji: str | None = None


class _Revoked(msgspec.Struct, frozen=True):
    original_message_id: str


class _Edited(msgspec.Struct, frozen=True):
    original_message_id: str
    message: msgspec.Raw


class _Message(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    id: str
    type: str = ""
    sender: str | None = None
    from_user_id: str | None = None
    timestamp: float | str | None = None
    context: _Context | None = None
    reaction: _Reacted | None = None
    revoke: _Revoked | None = None
    edit: _Edited | None = None
    errors: list[_Fault] | None = None


class _Status(msgspec.Struct, frozen=True):
    id: str
    status: str
    timestamp: float | str | None = None
    errors: list[_Fault] | None = None


class _Value(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    contacts: list[_Known] = []
    messages: list[msgspec.Raw] = []
    statuses: list[msgspec.Raw] = []


_value = msgspec.json.Decoder(_Value)
_message = msgspec.json.Decoder(_Message)
_status = msgspec.json.Decoder(_Status)
_content = msgspec.json.Decoder(Content)


def events_in(raw: bytes, number: str, root: str, now: datetime) -> Sequence[Event]:
    """The messages and news in the body of a webhook that are of this number. `root`: where files are asked for."""
    notice = notice_in(raw, now)
    if isinstance(notice, Unreadable):
        return [notice]
    found: list[Event] = []
    for entry in notice.entry if notice.object == "whatsapp_business_account" else []:
        for change in changes_in(entry, now):
            if isinstance(change, Unreadable):
                found.append(change)
            elif change[0].field == "messages":
                found += _value_in(bytes(change[0].value), number, root, now)
    return found


def _value_in(raw: bytes, number: str, root: str, now: datetime) -> Sequence[Event]:
    value = opened(raw, _value, now)
    if isinstance(value, Unreadable):
        return [value]
    if value.metadata.phone_number_id != number:
        return []
    found: list[Event] = []
    for item in value.messages:
        found += _message_in(bytes(item), value.contacts, root, now)
    for item in value.statuses:
        found += _report_in(bytes(item), now)
    return found


def _message_in(raw: bytes, known: Sequence[_Known], root: str, now: datetime) -> Sequence[Event]:
    message = opened(raw, _message, now)
    if isinstance(message, Unreadable):
        return [message]
    if message.type == "system":  # a number changed: nobody wrote anything
        return []
    when, (handle, name) = at(message.timestamp, now), _author(message, known)
    if not message.id or not handle:
        return [unreadable(raw, "it is a message without a name or without a sender", when, handle)]
    if message.reaction is not None:
        sign, of = readable(message.reaction.emoji or "")[:40], key_of(message.reaction.message_id)
        return [Reaction(key_of(message.id), of, handle, sign or "reaction", when, taken_back=not sign)]
    if message.revoke is not None:
        return [Deletion(key_of(message.id), key_of(message.revoke.original_message_id), when, handle)]
    if message.edit is not None:
        anew = opened(bytes(message.edit.message), _content, now)
        of = key_of(message.edit.original_message_id)
        return [anew if isinstance(anew, Unreadable) else Edit(key_of(message.id), of, handle, words_in(anew), when)]
    return [_incoming(raw, message, handle, name, root, when)]


def _incoming(raw: bytes, message: _Message, handle: str, name: str, root: str, when: datetime) -> Incoming | Unreadable:
    content = opened(raw, _content, when)
    if isinstance(content, Unreadable):
        return content
    text, media = words_in(content), files_in(content, root)
    if not text and not media:
        said = _fault(message.errors)
        return unreadable(raw, f"WhatsApp does not pass on a message of type {message.type!r}. {said}".strip(), when, handle)
    if reason := too_long(text):
        return unreadable(raw, reason, when, handle)
    answered = message.context.id if message.context and message.context.id else ""
    return Incoming(
        key_of(message.id), handle, text, Reach.PRIVATE, when, name,
        in_reply_to=key_of(answered) if answered else "", media=media,
    )  # fmt: skip


def _author(message: _Message, known: Sequence[_Known]) -> tuple[str, str]:
    """(the handle, the name). The handle is the id that holds when a number is hidden or changes hands, where there is one."""
    mine = [k for k in known if (k.wa_id and k.wa_id == message.sender) or (k.user_id and k.user_id == message.from_user_id)]
    one = (mine or [*known[:1], _Known()])[0]
    told = message.from_user_id or one.user_id or message.sender or one.wa_id or ""
    name = line(one.profile.name or one.profile.username)
    return (f"{NAME}:{line(told, 160)}" if told else ""), name


def _report_in(raw: bytes, now: datetime) -> Sequence[Event]:
    status = opened(raw, _status, now)
    if isinstance(status, Unreadable):
        return [status]
    state = STATES.get(status.status)
    if state is None or not status.id:
        return []
    key = key_of(f"{status.id}:{line(status.status, 20)}")
    return [Report(key, key_of(status.id), state, at(status.timestamp, now), _fault(status.errors))]


def _fault(errors: Sequence[_Fault] | None) -> str:
    """Why, in the network's words; "": it does not say."""
    if not errors:
        return ""
    first = errors[0]
    details: Any = first.error_data.details if first.error_data else None
    return line(f"{first.code}: {details or first.title or first.message or ''}", 300)
