"""A mail as a message. `read_mail` runs in the sandbox; `MailReader` asks it and never fails."""

import hashlib
import re
from datetime import datetime
from email import message_from_bytes
from email.message import Message

import msgspec

from rapport.channels.email.body import WHOLE, body_of, text_of
from rapport.channels.email.bounce import OURS, told_of_ours
from rapport.channels.email.headers import address, header, ids, is_automatic, raw_header, written_at
from rapport.channels.email.heavy import Heavy, lightened
from rapport.channels.limits import limits_of
from rapport.errors import BadInput
from rapport.model.message import Incoming, Reach
from rapport.model.news import Report

LARGEST = limits_of(__package__).lengths["mail"]
MOST_HEADERS = 1000
MOST_ADDRESSES = 500
BOUNCER = "mailer-daemon@nowhere.invalid"  # stands for a server that names nobody
_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|From ")


class Letter(msgspec.Struct, frozen=True):
    """A mail as it came: its bytes, when it arrived, and the address it came to."""

    raw: bytes
    arrived: datetime
    own: str


class Opened(msgspec.Struct, frozen=True):
    """What a mail says; neither message nor report: it is one of our own. `files`: bytes by their SHA-256."""

    message: Incoming | None
    files: dict[str, bytes] = {}
    report: Report | None = None


def read_mail(payload: bytes) -> bytes:
    """The Letter in `payload`, Opened; both as MessagePack. Raises BadInput where it is beyond the limits."""
    letter = msgspec.msgpack.decode(payload, type=Letter)
    if len(letter.raw) > LARGEST:
        raise BadInput(f"a mail may have {LARGEST >> 20} MiB, this one has {len(letter.raw) >> 20}")
    heavy = lightened(letter.raw)
    mail = _parsed(heavy.light)
    if len(mail) > MOST_HEADERS:
        raise BadInput(f"a mail may have {MOST_HEADERS} headers, this one has {len(mail)}")
    if max(raw_header(mail, name).count("@") for name in ("from", "to", "cc")) > MOST_ADDRESSES:
        raise BadInput(f"a mail may name {MOST_ADDRESSES} addresses, this one names more")
    return msgspec.msgpack.encode(opened(mail, letter, heavy))


def _parsed(raw: bytes) -> Message:
    """The mail. Where its headers break off before they say who wrote it, the lines that are no headers are left out."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    mail = message_from_bytes(raw)
    if mail.get("from") is None and re.search(rb"^from[ \t]*:", raw[:100_000], re.IGNORECASE | re.MULTILINE):
        head, gap, rest = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw[:100_000] else b"\n\n")
        lines = [line for line in head.splitlines(keepends=True) if _HEADER_LINE.match(line)]
        mail = message_from_bytes(b"".join(lines) + gap + rest)
    return mail


def opened(mail: Message, letter: Letter, heavy: Heavy = WHOLE) -> Opened:
    """What a parsed mail says. Raises BadInput where nobody can be found who wrote it."""
    sender, name = _sender(mail, letter.own)
    key = name_of(mail, letter.raw)
    if sender == letter.own and key.startswith(f"<{OURS}"):
        return Opened(None)
    told = told_of_ours(mail, letter.raw, letter.own)
    if told is not None:
        return Opened(None, report=Report(key, told.of, told.delivery, letter.arrived, told.reason))
    references = ids(raw_header(mail, "references"))
    answered = ids(raw_header(mail, "in-reply-to")) or references[-1:]
    body = body_of(mail, heavy)
    text, markup = text_of(body, is_reply=bool(answered))
    message = Incoming(
        key=key,
        handle=f"email:{sender}",
        text=text,
        reach=Reach.PRIVATE,
        at=written_at(raw_header(mail, "date"), letter.arrived),
        name=name,
        subject=header(mail, "subject")[:500],
        html=markup,
        thread=[*references, *answered, key][0],
        in_reply_to=answered[0] if answered else "",
        media=tuple(body.media),
        automatic=is_automatic(mail),
    )
    return Opened(message, body.files)


def name_of(mail: Message, raw: bytes) -> str:
    """The Message-ID; where there is none, a name made from the bytes, so that it is the same on every delivery."""
    found = ids(raw_header(mail, "message-id"))
    return found[0] if found else f"<sha256.{hashlib.sha256(raw).hexdigest()}@nowhere.invalid>"


def _sender(mail: Message, own: str) -> tuple[str, str]:
    """Who wrote it. A form of our own site writes in our name and puts the person into Reply-To."""
    found, name = address(raw_header(mail, "from"))
    if own and found.rpartition("@")[2] == own.rpartition("@")[2]:
        answer_to, answer_name = address(raw_header(mail, "reply-to"))
        if answer_to and answer_to.rpartition("@")[2] != own.rpartition("@")[2]:
            return answer_to, answer_name or name
    for other in ("from", "sender", "reply-to", "return-path", "x-sender"):
        found, name = address(raw_header(mail, other))
        if found:
            return found, name
    if is_automatic(mail):
        return BOUNCER, ""
    raise BadInput("it does not say who wrote it: no address in From, Sender, Reply-To or Return-Path")
