"""What a mail server tells of a mail of ours: it came back, it waits, it arrived, it was opened (RFC 3464, RFC 8098)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from rapport.channels.email.headers import address, as_text, header, ids, raw_header
from rapport.channels.plain import readable
from rapport.model.news import Delivery, further

OURS = "rapport."  # what the names of our own mails begin with
MOST_STATUSES = 200
MOST_BYTES = 1 << 20  # of a report: its beginning names the mail that it is about
_NAMED = rb"^[> \t]*(?:original-|x-original-)?message-id[ \t]*:\s*<(rapport\.[a-z0-9._-]{1,110}@%s)>"
_OPENED = re.compile(rb"^disposition[ \t]*:[^\r\n]{0,200};\s*displayed", re.IGNORECASE | re.MULTILINE)
_SERVERS = ("mailer-daemon", "postmaster", "mail-daemon", "maildelivery")
_HOW = {
    "failed": Delivery.FAILED,
    "delayed": Delivery.SENT,
    "relayed": Delivery.SENT,
    "expanded": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
}


@dataclass(frozen=True, slots=True)
class Told:
    """How far the mail of ours that is called `of` has come, and why it failed, in the server's words."""

    of: str
    delivery: Delivery
    reason: str = ""


def told_of_ours(mail: Message, raw: bytes, own: str) -> Told | None:
    """What a mail tells of one of ours; None where it is no such report. `own`: our address."""
    is_report = mail.get_content_type() == "multipart/report"
    if not is_report and not _is_from_a_server(mail):
        return None
    of = _named(mail, raw, own.rpartition("@")[2])
    if not of:
        return None
    kind = str(mail.get_param("report-type", "")).lower()
    if kind == "disposition-notification":
        return Told(of, Delivery.READ) if _OPENED.search(raw[:MOST_BYTES]) else None
    found: Told | None = None
    about_the_copy = False
    for recipient, action, words in _statuses(mail):
        about_the_copy = about_the_copy or recipient == own
        how = _HOW.get(action)
        if how is not None and recipient != own and (found is None or further(found.delivery, how) is how):
            found = Told(of, how, words if how is Delivery.FAILED else "")
    if (
        found is None and not about_the_copy and kind in ("", "delivery-status")
    ):  # servers that report in prose alone report failures
        return Told(of, Delivery.FAILED, header(mail, "subject")[:300])
    return found


def _is_from_a_server(mail: Message) -> bool:
    sender, _ = address(raw_header(mail, "from"))
    return sender.partition("@")[0] in _SERVERS or bool(raw_header(mail, "x-failed-recipients"))


def _named(mail: Message, raw: bytes, domain: str) -> str:
    """The name of the mail of ours that a report is about: in what it encloses, else in what it answers; "" for none."""
    pattern = re.compile(_NAMED % re.escape(domain.encode()), re.IGNORECASE | re.MULTILINE)
    found = pattern.search(raw[:MOST_BYTES])
    if found:
        return f"<{found[1].decode()}>"
    answered = ids(raw_header(mail, "in-reply-to")) + ids(raw_header(mail, "references"))[-1:]
    return next((name for name in answered if name.startswith(f"<{OURS}") and name.endswith(f"@{domain}>")), "")


def _statuses(mail: Message) -> Iterator[tuple[str, str, str]]:
    """(recipient, action, the server's words) of each recipient that a report names."""
    blocks = [
        block
        for part in _inside(mail)
        if part.get_content_subtype() in ("delivery-status", "global-delivery-status")
        for block in _inside(part)
    ]
    for block in blocks[:MOST_STATUSES]:
        action = raw_header(block, "action").lower().partition(" ")[0].strip(";")
        if action:
            said = f"{raw_header(block, 'status')} {raw_header(block, 'diagnostic-code').partition(';')[2]}"
            yield _recipient(block), action, " ".join(_plain(said).split())[:300]


def _inside(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []


def _recipient(block: Message) -> str:
    for name in ("original-recipient", "final-recipient"):
        found, _ = address(raw_header(block, name).partition(";")[2])
        if found:
            return found
    return ""


def _plain(value: str) -> str:
    return readable(as_text(value.encode("utf-8", "surrogateescape"), "utf-8"))
