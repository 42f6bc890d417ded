"""Reading a feed's bytes, which anybody may have written. `read_feed` runs in the sandbox, and nowhere else."""

import calendar
import io
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import msgspec

from rapport.channels.limits import limits_of
from rapport.channels.plain import LONGEST, plain_from_html, readable
from rapport.errors import BadInput

LENGTHS = limits_of(__package__).lengths
PARSER = "rapport.channels.feeds.buffered"  # with it a feed of 1,000 entries takes 0.7 s, without it 1.6 s
_MARKUP = ("text/html", "application/xhtml+xml")


class Document(msgspec.Struct, frozen=True):
    """A feed as it came: its bytes, the type that its server gave, and where it stands."""

    raw: bytes
    type: str = ""
    address: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One entry, as plain text. `id`: its own name, or its address; "" where it has neither. `answers`: the id of another."""

    id: str
    link: str
    title: str
    text: str
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    answers: str = ""
    files: tuple[tuple[str, str], ...] = ()  # (address, media type)


class Feed(msgspec.Struct, frozen=True):
    """What a document says. `wrong`: what is wrong with its XML, where it could be read all the same."""

    title: str
    entries: tuple[Entry, ...]
    wrong: str = ""


def read_feed(payload: bytes) -> bytes:
    """The Document in `payload`, as a Feed; both as MessagePack. Raises BadInput where it is none, or beyond the limits."""
    document = msgspec.msgpack.decode(payload, type=Document)
    if len(document.raw) > LENGTHS["bytes"]:
        raise BadInput(f"a feed may have {LENGTHS['bytes']} bytes, this one has {len(document.raw)}")
    import feedparser  # type: ignore[import-untyped]  # only here: it takes a tenth of a second, and only the sandbox needs it

    feedparser.api.PREFERRED_XML_PARSERS[:] = [PARSER]
    headers = {"content-type": document.type} if document.type else {}
    found: Any = feedparser.parse(  # as a stream: bytes would be tried as the name of a file
        io.BytesIO(document.raw), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version") and not found.entries:
        raise BadInput("it is no feed: neither RSS nor Atom can be found in it; give the address of the feed, not of the page")
    if len(found.entries) > LENGTHS["entries"]:
        raise BadInput(f"a feed may have {LENGTHS['entries']} entries, this one has {len(found.entries)}")
    wrong = _wrong(found.get("bozo_exception"))
    if wrong and not found.entries:
        raise BadInput(f"no entry can be found in it, and its XML is broken: {wrong}")
    title = _text(found.feed.get("title_detail"))[:300]
    return msgspec.msgpack.encode(Feed(title, tuple(_entry(entry, document.address) for entry in found.entries), wrong))


def _wrong(error: Any) -> str:  # Any: an exception that feedparser kept, or nothing
    """What is wrong with the XML; a type or an alphabet that the server named wrongly is not."""
    if error is None or type(error).__name__ in ("NonXMLContentType", "CharacterEncodingOverride"):
        return ""
    return readable(str(error))[:200]


def _entry(entry: Mapping[str, Any], address: str) -> Entry:  # Any: whatever feedparser finds
    link = _address(entry.get("link"), address)
    title = _text(entry.get("title_detail"))
    contents = [*(entry.get("content") or ()), entry.get("summary_detail")]
    text = next((said for content in contents if (said := _text(content))), "")
    author = entry.get("author_detail") or {}
    files = [(_address(one.get("href"), address), str(one.get("type", ""))) for one in entry.get("enclosures") or ()]
    answers = entry.get("thr_in-reply-to")
    return Entry(
        id=_plain(entry.get("id")) or link,
        link=link,
        title=title,
        text=text,
        author=_plain(author.get("name") or author.get("email") or entry.get("author")),
        published=_moment(entry.get("published_parsed")),
        updated=_moment(entry.get("updated_parsed")),
        answers=_plain(answers.get("ref") if isinstance(answers, Mapping) else ""),
        files=tuple(file for file in files if file[0])[: LENGTHS["files"]],
    )


def _text(detail: Any) -> str:  # Any: a mapping of feedparser, or nothing
    """What a person would read. Only what says that it is markup is read as markup; the rest shows its brackets."""
    value = str(detail.get("value") or "") if isinstance(detail, Mapping) else ""
    value = readable(value)
    if isinstance(detail, Mapping) and detail.get("type") in _MARKUP:
        value = plain_from_html(value)
    return value.strip()[: LONGEST + 1]


def _plain(value: Any) -> str:  # Any: a text, or nothing
    return " ".join(readable(value).split())[:500] if isinstance(value, str) else ""


def _address(value: Any, beside: str) -> str:  # Any: a text, or nothing
    try:
        found = urljoin(beside, _plain(value)) if value else ""
    except ValueError:
        return ""
    return found if found.startswith(("https://", "http://")) else ""


def _moment(parsed: Any) -> datetime | None:  # Any: a struct_time in UTC, or nothing
    if not isinstance(parsed, time.struct_time):
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
