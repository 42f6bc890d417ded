"""What Kannel calls us with, as messages and reports. Pure, and total: nothing is raised and nothing is lost."""

import re
from datetime import UTC, datetime

import msgspec

from rapport.channels.plain import readable
from rapport.channels.webhook import Request
from rapport.channels.wire import honest, key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Delivery, Report

NAME = "sms"
_SPACING = re.compile(r"[\s().-]")
_DIGITS = re.compile(r"[0-9]{3,15}")
SHORTEST_NUMBER = 8  # digits; what has fewer is a short code and has no country in it
_CHARSETS = {
    "": "utf-8", "utf-8": "utf-8", "us-ascii": "utf-8",
    "iso-8859-1": "latin-1", "windows-1252": "cp1252", "utf-16be": "utf-16-be",
}  # fmt: skip
# Kannel's numbers for delivery reports, its user guide, "Delivery reports".
DELIVERIES = {
    "1": Delivery.DELIVERED, "2": Delivery.FAILED, "4": Delivery.ACCEPTED, "8": Delivery.SENT, "16": Delivery.FAILED,
}  # fmt: skip


class Heard(msgspec.Struct, frozen=True, tag="message", tag_field="kind"):
    """A short message as Kannel posts it. `coding`: 0 GSM-7, 1 bytes, 2 UCS-2; `at`: seconds of Unix time."""

    id: str
    sender: str
    coding: str = "0"
    charset: str = ""
    at: str = ""
    body: bytes = b""


class Reported(msgspec.Struct, frozen=True, tag="report", tag_field="kind"):
    """How far a message of ours has come, as Kannel says it. `of`: the key that we gave it."""

    of: str
    type: str
    at: str = ""
    why: str = ""


_decoder = msgspec.json.Decoder(Heard | Reported)


def told_in(request: Request) -> Heard | Reported | None:
    """What a call says; None where it says neither."""
    query = dict(request.query)
    if "report" in query and query.get("of"):
        return Reported(query["of"], query["report"], query.get("at", ""), query.get("why", ""))
    if request.method == "POST" and query.get("id") and query.get("from"):
        charset = query.get("charset", "").lower()
        return Heard(query["id"], query["from"], query.get("coding", "0"), charset, query.get("at", ""), request.body)
    return None


def said_in(raw: bytes, now: datetime) -> list[Incoming | Unreadable | Report]:
    """What one call said, written down by `told_in`."""
    told = opened(raw, _decoder, now)
    if isinstance(told, Heard):
        return [_message(told, raw, now)]
    if isinstance(told, Reported):
        return [_report(told, raw, now)]
    return [told]


def number_of(name: str) -> str:
    """A number as it is written everywhere: `+5215512345678`; a short code or a sender that is a word stays as it is."""
    plain = _SPACING.sub("", readable(name))
    digits = plain.removeprefix("+") if plain.startswith("+") else plain.removeprefix("00")
    if _DIGITS.fullmatch(digits):
        return f"+{digits}" if len(digits) >= SHORTEST_NUMBER else digits
    return line(name, 20)


def can_be_answered(number: str) -> bool:
    """Whether a message may be sent there: a sender that is a word is nobody's telephone."""
    return _DIGITS.fullmatch(number.removeprefix("+")) is not None


def text_in(heard: Heard) -> str | None:
    """What a message says; None where its bytes are no text in the alphabet that it names."""
    charset = "utf-16be" if heard.coding == "2" and heard.charset in ("", "utf-16be") else heard.charset
    if heard.coding == "1" or charset not in _CHARSETS:
        return None
    try:
        return readable(heard.body.decode(_CHARSETS[charset], "replace" if charset == "utf-16be" else "strict"))
    except UnicodeDecodeError:
        return None


def _message(heard: Heard, raw: bytes, now: datetime) -> Incoming | Unreadable:
    number, text = number_of(heard.sender), text_in(heard)
    if not number or not heard.id:
        return unreadable(raw, "it does not say who wrote it, or has no name of its own", now)
    if text is None or (reason := too_long(text)):
        reason = reason if text is not None else f"its bytes are no text (coding {heard.coding!r}, charset {heard.charset!r})"
        return unreadable(raw, reason, now, f"{NAME}:{number}")
    return Incoming(
        key=key_of(heard.id), handle=f"{NAME}:{number}", text=text, reach=Reach.PRIVATE, at=honest(_moment(heard.at), now)
    )


def _report(told: Reported, raw: bytes, now: datetime) -> Report | Unreadable:
    delivery, of = DELIVERIES.get(told.type), key_of(told.of)
    if delivery is None or not of:
        return unreadable(raw, f"a report must be one of {', '.join(DELIVERIES)}, got {told.type!r}", now)
    why = line(told.why, 300) if delivery is Delivery.FAILED else ""
    return Report(key_of(f"{of}/{told.type}"), of, delivery, honest(_moment(told.at), now), why)


def _moment(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII):
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
