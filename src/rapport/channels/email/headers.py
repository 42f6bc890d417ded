"""Headers of mails as the world writes them: encoded words, raw bytes, broken addresses. Tolerant, and linear."""

import base64
import binascii
import quopri
import re
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime

from rapport.channels.plain import readable

LONGEST = 20_000
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(=\?[^?\s]{1,60}\?[bBqQ]\?)")
_ID = re.compile(r"<([^<>\s]{1,900})>")
_ANGLED = re.compile(r"<\s*([^<>\s@]{1,200}@[^<>\s@]{1,255})\s*>")
_FOLD = re.compile(r"\r?\n[ \t]?")
_COMMENT = re.compile(r"\([^()]*\)\s?")
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_BY_MACHINE = frozenset(
    {"x-autoreply", "x-autorespond", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply", "x-failed-recipients"}
)
_NOT_TO_BE_ANSWERED = frozenset({"x-auto-response-suppress", "list-id", "list-unsubscribe"})
_UNREAD = re.compile(
    r"(mailer-daemon|bounces?|(no|do[._-]?not)[._-]?reply|no[._-]?(responder|contestar))([+._-][^@]*)?@", re.IGNORECASE
)
_BARE = re.compile(r"[^\s<>,;:\"'()\[\]@]{1,200}@[^\s<>,;:\"'()\[\]@]{1,255}")


def raw_header(mail: Message, name: str) -> str:
    """The first header of that name as it stands, unfolded; "" where there is none."""
    value = _firsts(mail).get(name)
    if value is None:
        return ""
    text = str(value)[:LONGEST]
    return (_FOLD.sub(" ", text) if "\n" in text else text).strip()


def _firsts(mail: Message) -> dict[str, object]:
    """The first header of each name, by its name in small letters; kept with the mail, which is asked for a dozen of them."""
    kept: dict[str, object] | None = vars(mail).get("first_headers")
    if kept is None:
        kept = {}
        for key, value in mail.raw_items():
            kept.setdefault(key.lower(), value)
        vars(mail)["first_headers"] = kept
    return kept


def header(mail: Message, name: str) -> str:
    """The first header of that name as people read it."""
    return decoded(raw_header(mail, name))


def decoded(value: str) -> str:
    """The text of a header value: encoded words decoded, bytes beyond ASCII guessed, control characters out."""
    if value.isascii() and value.isprintable() and "=?" not in value:
        return value.strip()
    value = as_text(value.encode("utf-8", "surrogateescape"), "utf-8")
    value = _BETWEEN.sub(r"\1\2", value)
    pieces: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _WORD.finditer(value):
        if pending and (word.start() != end or word[1].lower() != charset):
            pieces.append(as_text(pending, charset))
            pending = b""
        pieces.append(value[end : word.start()])
        charset, end = word[1].lower(), word.end()
        pending += _bytes_of(word[2].lower(), word[3])  # one character may stand in two words
    pieces += [as_text(pending, charset) if pending else "", value[end:]]
    return re.sub(r"[\x00-\x1f\x7f]+ ?", " ", readable("".join(pieces))).strip()


def _bytes_of(encoding: str, word: str) -> bytes:
    data = word.encode("utf-8", "replace")
    if encoding == "q":
        return quopri.decodestring(data, header=True)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return data


def as_text(data: bytes, charset: str) -> str:
    """Bytes as text: by their charset (`name*language` too), else UTF-8, else Windows-1252. Never fails."""
    for name in (charset.partition("*")[0], "utf-8"):
        try:
            return data.decode(name or "utf-8")
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def address(value: str) -> tuple[str, str]:
    """The first address of a raw header value, in small letters, and the name beside it; ("", "") where there is none."""
    value = value[:LONGEST]
    if found := _ANGLED.search(value):
        return readable(decoded(found[1])).lower(), _name(value[: found.start()])
    if found := _BARE.search(_COMMENT.sub("", value) if "(" in value else value):
        return readable(decoded(found[0])).lower(), ""
    return "", ""


def _name(before: str) -> str:
    name = before.rpartition(",")[2] if '"' not in before else before
    return decoded(name.strip().strip('"').replace('\\"', '"'))[:200].strip()


def ids(value: str) -> list[str]:
    """The Message-IDs in a raw header value, with their brackets, at most 1,000."""
    return [f"<{readable(found)}>" for found in _ID.findall(value)[:1000]]


def written_at(value: str, arrived: datetime) -> datetime:
    """When the sender says it was written, where that can be: at most a week before it arrived; else when it arrived."""
    try:
        written = parsedate_to_datetime(value)
        if written.tzinfo is None:
            written = written.replace(tzinfo=UTC)
        written = written.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return arrived
    return min(written, arrived) if arrived - timedelta(days=7) <= written <= arrived + timedelta(minutes=10) else arrived


def is_automatic(mail: Message) -> bool:
    """Whether a machine wrote it: an absence note, a bounce, a list. Nobody answers those by machine (RFC 3834)."""
    submitted = raw_header(mail, "auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if mail.get_content_type() == "multipart/report" or raw_header(mail, "return-path") == "<>":
        return True
    present = _firsts(mail).keys()
    if present & _BY_MACHINE:
        return True
    if submitted:  # its writer says that a person wrote it; another help desk, for one
        return False
    return raw_header(mail, "precedence").lower() in _BULK or bool(present & _NOT_TO_BE_ANSWERED)


def is_unread(address: str) -> bool:
    """Whether an address says of itself that nobody reads what is sent to it."""
    return bool(_UNREAD.match(address))
