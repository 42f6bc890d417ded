"""What Meta sends to a webhook: whether it is Meta's, and the single events in it."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.channels.wire import honest, opened, those_opened
from rapport.model.message import Unreadable

MOST_CHALLENGE = 200  # characters
MILLISECONDS = 100_000_000_000  # a number beyond is not seconds


class Entry(msgspec.Struct, frozen=True):
    """What happened at one page, account or business. Events are kept raw: one that cannot be read spoils no other."""

    id: str | int = ""
    time: float | str | None = None
    changes: list[msgspec.Raw] = []
    messaging: list[msgspec.Raw] = []
    field: str = ""  # some of Instagram's come without `changes` around them
    value: msgspec.Raw = msgspec.Raw(b"")


class Notice(msgspec.Struct, frozen=True):
    """The body of a webhook."""

    object: str
    entry: list[Entry]


class Change(msgspec.Struct, frozen=True):
    """Something that was written or done at `field`."""

    field: str
    value: msgspec.Raw


class _Metadata(msgspec.Struct, frozen=True):
    phone_number_id: str = ""


class _Meant(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()


_meant = msgspec.json.Decoder(_Meant)
_notice = msgspec.json.Decoder(Notice)
_change = msgspec.json.Decoder(Change)


def verify(request: Request, app_secret: str, verify_token: str) -> Verified | Challenge | Rejected:
    """Whether it is Meta's: a question is answered to who knows our word, a body must carry its HMAC. Never raises."""
    if request.method.upper() == "GET":
        asked = dict(request.query)
        if asked.get("hub.mode") != "subscribe" or not _same(asked.get("hub.verify_token", ""), verify_token):
            return Rejected("the question does not carry our verify token")
        challenge = asked.get("hub.challenge", "")
        if not challenge or len(challenge) > MOST_CHALLENGE:
            return Rejected("the question has no challenge, or a very long one")
        return Challenge(challenge.encode("utf-8", "replace"))
    given = request.headers.get("x-hub-signature-256", "")
    if not given.startswith("sha256="):
        return Rejected("it carries no X-Hub-Signature-256")
    if not _same(given.removeprefix("sha256=").lower(), signature(request.body, app_secret)):
        return Rejected("its X-Hub-Signature-256 is not that of its body")
    return Verified((request.body,), b"EVENT_RECEIVED", "text/plain")


def signature(body: bytes, app_secret: str) -> str:
    """HMAC-SHA256 of the bytes as they came, in small hexadecimal letters."""
    return hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def notice_in(raw: bytes, now: datetime) -> Notice | Unreadable:
    """The body of a webhook, or its bytes with the reason why it is none."""
    return opened(raw, _notice, now)


def named_in(raw: bytes, now: datetime) -> frozenset[str]:
    """The pages, accounts and telephones of which a webhook says something, each as `object/id`."""
    notice = notice_in(raw, now)
    if isinstance(notice, Unreadable):
        return frozenset()
    if notice.object != "whatsapp_business_account":
        return frozenset(f"{notice.object}/{entry.id}" for entry in notice.entry)
    values = [bytes(change.value) for entry in notice.entry for change, _ in _whole(changes_in(entry, now))]
    return frozenset(f"{notice.object}/{one.metadata.phone_number_id}" for one in those_opened(values, _meant))


def _whole(found: Sequence[tuple[Change, bytes] | Unreadable]) -> list[tuple[Change, bytes]]:
    return [one for one in found if not isinstance(one, Unreadable)]


def changes_in(entry: Entry, now: datetime) -> list[tuple[Change, bytes] | Unreadable]:
    """The changes of an entry, each with its bytes; or the bytes with the reason."""
    found: list[tuple[Change, bytes] | Unreadable] = []
    for raw in entry.changes:
        change = opened(bytes(raw), _change, now)
        found.append(change if isinstance(change, Unreadable) else (change, bytes(raw)))
    if entry.field and bytes(entry.value):
        found.append((Change(entry.field, entry.value), bytes(entry.value)))
    return found


def at(told: Any, now: datetime) -> datetime:  # Any: a number or a text, as networks write times
    """A time as Graph writes it: seconds or milliseconds of Unix time, or ISO 8601; now where it is none of them."""
    try:
        if isinstance(told, str) and not told.replace(".", "", 1).isdecimal():
            return honest(datetime.fromisoformat(told), now)
        seconds = float(told)
        return honest(datetime.fromtimestamp(seconds / 1000 if seconds > MILLISECONDS else seconds, UTC), now)
    except (ValueError, TypeError, OverflowError, OSError):
        return now
