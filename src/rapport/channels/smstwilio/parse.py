"""What Twilio says of a message, posted as a form or read as a resource, as messages and reports. Pure, and total."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl

import msgspec

from rapport.channels.plain import readable
from rapport.channels.smstwilio.signing import MOST_PARAMETERS
from rapport.channels.wire import honest, key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Delivery, Report

NAME = "smstwilio"
MOST_MEDIA = 10
STATES = {
    "accepted": Delivery.ACCEPTED,
    "scheduled": Delivery.QUEUED,
    "queued": Delivery.QUEUED,
    "sending": Delivery.ACCEPTED,
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}
Said = Incoming | Unreadable | Report


class File(msgspec.Struct, frozen=True):
    """A file of a message, as its Media subresource says."""

    sid: str
    content_type: str = ""


class Resource(msgspec.Struct, frozen=True):
    """A Message resource. `files`: what `pull` found of its media."""

    sid: str
    direction: str | None = ""
    from_: str | None = msgspec.field(default="", name="from")
    to: str | None = ""
    body: str | None = ""
    status: str | None = ""
    date_sent: str | None = ""
    date_created: str | None = ""
    error_code: int | None = None
    error_message: str | None = ""
    num_media: str | None = "0"
    files: tuple[File, ...] = ()

    @property
    def at(self) -> datetime | None:
        """When it was sent, or made."""
        for text in (self.date_sent, self.date_created):
            try:
                return parsedate_to_datetime(text or "")
            except (ValueError, TypeError, IndexError, OverflowError):
                continue
        return None


_resource = msgspec.json.Decoder(Resource)


def said_in(raw: bytes, media: str, now: datetime) -> list[Said]:
    """What a form or a resource says. `media`: the address of messages, under which their files are."""
    if raw.lstrip()[:1] == b"{":
        resource = opened(raw, _resource, now)
        said = resource if isinstance(resource, Unreadable) else _of_resource(resource, media, now)
    else:
        said = _of_form(form_in(raw), now)
    return [unreadable(raw, said, now)] if isinstance(said, str) else [said] if said is not None else []


def form_in(raw: bytes) -> list[tuple[str, str]]:
    """The parameters of a form, in order; none where it is no form."""
    try:
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="replace")
    except ValueError:
        return []


def _of_form(form: list[tuple[str, str]], now: datetime) -> Said | str | None:
    told = dict(form)
    sid = told.get("MessageSid") or told.get("SmsSid", "")
    if not sid:
        return "it has no MessageSid: it is neither a message nor a report of Twilio"
    if "Body" not in told and "NumMedia" not in told:
        return _report(sid, told.get("MessageStatus") or told.get("SmsStatus", ""), told.get("ErrorCode", ""), now)
    return _message(sid, told.get("From", ""), told.get("Body", ""), _media(told), now)


def _of_resource(told: Resource, media: str, now: datetime) -> Said | str | None:
    if told.direction != "inbound":
        why = f"{told.error_code or ''} {told.error_message or ''}".strip()
        return _report(told.sid, told.status or "", why, honest(told.at, now))
    files = [(f"{media}/{told.sid}/Media/{file.sid}", file.content_type) for file in told.files[:MOST_MEDIA]]
    return _message(told.sid, told.from_ or "", told.body or "", files, honest(told.at, now))


def _message(sid: str, sender: str, body: str, files: list[tuple[str, str]], at: datetime) -> Incoming | str:
    text, who = readable(body), line(sender, 50)
    if not who or too_long(text):
        return too_long(text) or "it does not say whom it is from"
    media = tuple(
        Media(f"file {n}", line(kind, 100) or "application/octet-stream", url=url) for n, (url, kind) in enumerate(files, 1)
    )
    return Incoming(key_of(sid), f"{NAME}:{who}", text, Reach.PRIVATE, at, thread=who, media=media)


def _report(sid: str, state: str, why: str, at: datetime) -> Report | str:
    delivery = STATES.get(state.lower())
    if delivery is None:
        return f"Twilio says a state that we do not know: {state[:50]!r}"
    reason = line(why, 300) if delivery is Delivery.FAILED else ""
    return Report(f"{key_of(sid)}/{state.lower()}", key_of(sid), delivery, at, reason)


def _media(told: Mapping[str, str]) -> list[tuple[str, str]]:
    count = told.get("NumMedia", "")
    most = min(int(count), MOST_MEDIA) if count.isascii() and count.isdecimal() and len(count) < 4 else 0
    found = [(readable(told.get(f"MediaUrl{n}", ""))[:2000], told.get(f"MediaContentType{n}", "")) for n in range(most)]
    return [(url, kind) for url, kind in found if url]
