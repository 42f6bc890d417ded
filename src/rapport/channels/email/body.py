"""The body of a mail: its text, its HTML and the files in it, found by walking a tree that may be hostile."""

import hashlib
import re
from dataclasses import dataclass, field
from email.message import Message

from rapport.channels.email.headers import as_text, decoded
from rapport.channels.email.heavy import Heavy, transferred
from rapport.channels.markup import harmless
from rapport.channels.plain import LONGEST, plain_from_html, readable
from rapport.errors import BadInput
from rapport.model.message import Media

DEEPEST = 50
MOST_PARTS = 1000
MOST_TEXT = 1 << 20  # bytes of a text that is read whole; of what is longer people read the beginning, and have it as a file
WHOLE = Heavy(b"")  # where nothing was taken out
MOST_ENCLOSED = 200  # parts of a mail inside the mail: writing it out again costs more than reading it
_SAYS_WHEN = re.compile(r"(On|El|Le|Am|Il|Em)\b")
_SAYS_WHO = re.compile(r"(wrote|writes|escribió|escribio|escreveu|schrieb|a écrit|scrisse)\s*:$", re.IGNORECASE)


@dataclass(slots=True)
class Body:
    """What a walk over the parts found. `files`: bytes by their SHA-256."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def keep(self, name: str, kind: str, data: bytes, place: str = "") -> None:
        """Keep a file of the mail."""
        blob = hashlib.sha256(data).hexdigest()
        self.files[blob] = data
        self.media.append(Media(_file_name(name) or "file", kind, len(data), blob, place))


def body_of(mail: Message, heavy: Heavy = WHOLE) -> Body:
    """The body; `heavy` has what was taken out of the mail. Raises BadInput where it is nested or divided beyond all reason."""
    body, waiting, seen = Body(), [(mail, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            raise BadInput(f"a mail may be nested {DEEPEST} deep, this one is deeper")
        if seen > MOST_PARTS:
            raise BadInput(f"a mail may have {MOST_PARTS} parts, this one has more")
        inner, kind = part.get_payload(), part.get_content_type()
        if kind.startswith("message/") and depth:
            _keep_enclosed(part, body, heavy)
        elif isinstance(inner, list):
            waiting += [(p, depth + 1) for p in reversed(inner) if isinstance(p, Message)]
        else:
            _take(part, kind, body, heavy)
    return body


def _take(part: Message, kind: str, body: Body, heavy: Heavy) -> None:
    if kind.startswith("multipart/"):  # says that it has parts, and has none
        kind = "text/plain"
    data = _said(part, heavy)
    if data is None:
        return
    told, placed = str(part.get("content-type", "")).lower(), "content-disposition" in part
    name = decoded(str(part.get_filename(""))) if placed or "name" in told else ""
    place = str(part.get("content-id", "")).strip().strip("<>")
    if placed and part.get_content_disposition() == "attachment" or name or kind not in ("text/plain", "text/html"):
        if data or name:
            body.keep(name or kind.replace("/", "."), kind, data, f"cid:{place}" if place else "")
        return
    is_cut = len(data) > MOST_TEXT
    if is_cut:
        body.keep(f"text.{'html' if kind == 'text/html' else 'txt'}", kind, data)
        data = _beginning(data)
    text = readable(as_text(data, str(part.get_content_charset("utf-8")))).replace("\r\n", "\n").replace("\r", "\n")
    if is_cut:
        body.plain.append((plain_from_html(text) if kind == "text/html" else text)[: LONGEST - 1] + "…")
    elif kind == "text/html":
        body.html.append(text)
    elif "flowed" in told and str(part.get_param("format", "")).lower() == "flowed":
        body.plain.append(_unflowed(text, str(part.get_param("delsp", "")).lower() == "yes"))
    else:
        body.plain.append(text)


def _beginning(data: bytes) -> bytes:
    """As many bytes of a long text as people read; no letter of UTF-8 is cut in two."""
    end = LONGEST
    while end > LONGEST - 4 and data[end] & 0xC0 == 0x80:
        end -= 1
    return data[:end]


def _said(part: Message, heavy: Heavy) -> bytes | None:
    """The bytes of a part; None: it has none."""
    light = part.get_payload()
    if isinstance(light, str) and heavy.holds(light):
        encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
        return transferred(heavy.whole(light.encode("utf-8", "surrogateescape")), encoding)
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else None


def _keep_enclosed(part: Message, body: Body, heavy: Heavy) -> None:
    """A mail inside the mail is a file: what somebody else wrote is not what this person says."""
    inner = part.get_payload()
    if _holds_more_than(MOST_ENCLOSED, part):
        reason = f"it holds more than {MOST_ENCLOSED} parts; the mailbox has it whole"
        body.media.append(Media("message.eml", part.get_content_type(), reason=reason))
        return
    try:
        light = b"\n".join(p.as_bytes() for p in inner if isinstance(p, Message)) if isinstance(inner, list) else b""
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        body.media.append(Media("message.eml", part.get_content_type(), reason=f"it cannot be written out: {error}"[:200]))
        return
    body.keep("message.eml", part.get_content_type(), heavy.whole(light))


def _holds_more_than(most: int, part: Message) -> bool:
    waiting, seen = [part], 0
    while waiting and seen <= most:
        inner = waiting.pop().get_payload()
        seen += 1
        waiting += [p for p in inner if isinstance(p, Message)] if isinstance(inner, list) else []
    return seen > most


def text_of(body: Body, is_reply: bool) -> tuple[str, str]:
    """What a person reads and the HTML beside it, made harmless.

    Too long a text goes on in a file; HTML that is too long or too deep is only a file.
    """
    markup = "\n".join(body.html)
    plain = "\n\n".join(piece.strip() for piece in body.plain if piece.strip())
    text = (plain or plain_from_html(markup)).strip()
    if is_reply:
        text = without_quotation(text)
    if len(text) > LONGEST:
        body.keep("text.txt", "text/plain", text.encode())
        text = text[:LONGEST] + "…"
    clean = harmless(markup) if markup else ""
    if clean is None:
        body.keep("text.html", "text/html", markup.encode())
    return text, (clean or "").strip()


def without_quotation(text: str) -> str:
    """A reply without the mail that it quotes at its end. Cuts only after a line such as `Ana wrote:`, and never everything."""
    lines = text.split("\n")
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith(">")):
        end -= 1
    if not 0 < end < len(lines) or not any(line.startswith(">") for line in lines[end:]):
        return text
    if not _SAYS_WHO.search(lines[end - 1].strip()[-300:]):
        return text
    start = end - 1
    for above in range(end - 1, max(end - 4, -1), -1):  # `On Monday, Ana <ana@…>` may stand on a line of its own
        if not lines[above].strip():
            break
        if _SAYS_WHEN.match(lines[above]):
            start = above
            break
    return "\n".join(lines[:start]).strip() or text


def _unflowed(text: str, delete_space: bool) -> str:
    """Lines of format=flowed joined again (RFC 3676, section 4)."""
    lines: list[str] = []
    flows = False
    for line in text.split("\n"):
        unstuffed = line[1:] if line.startswith(" ") else line
        if flows and lines and not unstuffed.startswith(">"):
            lines[-1] = (lines[-1][:-1] if delete_space else lines[-1]) + unstuffed
        else:
            lines.append(unstuffed)
        flows = unstuffed.endswith(" ") and unstuffed != "-- "
    return "\n".join(lines)


def _file_name(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "", name.replace("\\", "/").rpartition("/")[2]).strip(". ")[:150]
