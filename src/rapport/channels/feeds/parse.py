"""A feed's entries as messages, and as news where we had them before and they say something else now. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from rapport.channels.feeds.reader import LENGTHS, Entry, Feed
from rapport.channels.wire import honest, key_of, line, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Edit

NAME = "feeds"
_NOT_A_NAME = re.compile(r"[^\w.@+-]+")


class Known(msgspec.Struct, frozen=True):
    """What is known of a feed: what its server calls this state, and each entry's key with what it said, both as digests.

    `body`: the whole document as a digest. The keys are in the order in which they were seen last.
    """

    etag: str = ""
    modified: str = ""
    body: str = ""
    seen: dict[str, str] = {}


def messages_in(feed: Feed, address: str, now: datetime) -> list[tuple[Entry, Incoming | Unreadable]]:
    """Each entry with the message that it is, oldest first; those without a date in the order of the feed, from its end."""
    keys = keys_of(feed.entries)
    found = [(entry, _message(entry, key, address, now)) for entry, key in zip(feed.entries, keys, strict=True)]
    found.reverse()
    return sorted(found, key=lambda pair: pair[1].at)


def keys_of(entries: Sequence[Entry]) -> list[str]:
    """A key for each entry: its own name. Where it has none, or shares it with others of the feed, what it says is in it."""
    shared = Counter(entry.id for entry in entries)
    return [key_of(entry.id if entry.id and shared[entry.id] == 1 else f"{entry.id}#{said(entry)}") for entry in entries]


def said(entry: Entry) -> str:
    """What an entry says, as a digest."""
    return hashlib.sha256(f"{entry.title}\0{entry.text}".encode()).hexdigest()[:16]


def told(
    feed: Feed, address: str, known: Known, now: datetime, since: datetime | None
) -> tuple[list[Incoming | Unreadable | Edit], dict[str, str]]:
    """What is new, or says something else than it did, and what is known of the entries afterwards.

    `since`: at the first reading, what is older is known from then on and not told.
    """
    events: list[Incoming | Unreadable | Edit] = []
    seen = dict(known.seen)
    for entry, message in messages_in(feed, address, now):
        mark, fresh = _mark(message.key), said(entry)
        before = seen.pop(mark, "")
        seen[mark] = fresh
        if not before and (since is None or message.at >= since):
            events.append(message)
        elif before and before != fresh and isinstance(message, Incoming):
            events.append(_edit(entry, message, before, fresh, now))
    keep = max(LENGTHS["remembered"], len(feed.entries))
    return events, dict(list(seen.items())[-keep:])


def handle_of(author: str, address: str) -> str:
    """Who wrote it: a name on a site. Whoever a site leaves unnamed is the site."""
    host = (_host(address) or "unknown").removeprefix("www.")
    name = _NOT_A_NAME.sub("-", author.lower()).strip("-.")[:100]
    return f"{NAME}:{name}@{host}" if name else f"{NAME}:{host}"


def _message(entry: Entry, key: str, address: str, now: datetime) -> Incoming | Unreadable:
    handle = handle_of(entry.author, entry.link or address)
    text = entry.text or entry.title
    at = honest(entry.published or entry.updated, now)
    if reason := too_long(text):
        return msgspec.structs.replace(unreadable(text.encode(), reason, at, handle), key=key)
    return Incoming(
        key=key,
        handle=handle,
        text=f"{text}\n\n{entry.link}" if entry.link else text,
        reach=Reach.PUBLIC,
        at=at,
        name=line(entry.author),
        subject=line(entry.title, 500),
        thread=key_of(entry.answers) if entry.answers else key,
        in_reply_to=key_of(entry.answers) if entry.answers else "",
        media=tuple(Media(line(url.rpartition("/")[2], 150) or "file", line(kind, 100), url=url) for url, kind in entry.files),
    )


def _edit(entry: Entry, message: Incoming, before: str, fresh: str, now: datetime) -> Edit:
    name = f"{message.key}~{before[:8]}>{fresh[:8]}"
    if entry.updated is not None:
        name = f"{name}~{entry.updated:%Y%m%dT%H%M%S}"
    at = honest(entry.updated, now)
    return Edit(key_of(name), message.key, message.handle, message.text, max(at, message.at))


def _mark(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def first_since(now: datetime, days: float) -> datetime:
    """From when the entries of a first reading are told."""
    return now - timedelta(days=min(days, 36_500))
