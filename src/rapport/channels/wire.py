"""What every parser does with what a network says: names of bounded length, plain lines, honest times, bytes that are kept."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from rapport.channels.plain import LONGEST, readable
from rapport.model.message import Unreadable

T = TypeVar("T")
LONGEST_KEY = 500  # characters
LONGEST_NAME = 200
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # no network that we read is older; what says so has a wrong clock


def opened(raw: bytes, decoder: msgspec.json.Decoder[T], now: datetime) -> T | Unreadable:
    """What the decoder makes of the bytes, or the bytes with the reason. Never raises."""
    try:
        return decoder.decode(raw)
    except RecursionError:
        return unreadable(raw, "it is nested too deeply", now)
    except (msgspec.MsgspecError, ValueError) as error:
        return unreadable(raw, f"it is not what this network sends: {error}", now)


def those_opened(items: Iterable[bytes], decoder: msgspec.json.Decoder[T]) -> list[T]:
    """What the decoder makes of those of the items that it can read: for looking something up, never for hearing."""
    made: list[T] = []
    for item in items:
        try:
            made.append(decoder.decode(item))
        except (msgspec.MsgspecError, RecursionError, ValueError):
            continue
    return made


def unreadable(raw: bytes, reason: str, now: datetime, handle: str = "") -> Unreadable:
    """Bytes that could not be read, under a name that is the same each time that they come."""
    return Unreadable("sha256:" + hashlib.sha256(raw).hexdigest(), raw, readable(reason)[:500], now, handle)


def key_of(name: str) -> str:
    """What we call something of a network: its own name; a digest of one that is too long, or of which nothing is left."""
    kept = readable(name)
    if 0 < len(kept) <= LONGEST_KEY:
        return kept
    return "sha256:" + hashlib.sha256((kept or name).encode("utf-8", "surrogatepass")).hexdigest()


def key_if_any(name: str | None) -> str:
    """What we call something that may not be there; "": it is not."""
    return key_of(name) if name else ""


def line(text: str | None, most: int = LONGEST_NAME) -> str:
    """One line of what a network calls somebody or something."""
    return " ".join(readable(text or "")[: 4 * most].split())[:most]


def honest(at: datetime | None, now: datetime) -> datetime:
    """When something was said, as far as that can be believed: with its zone, and never in the future. None: now."""
    if at is None:
        return now
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if EARLIEST <= at <= now else now


def too_long(text: str) -> str:
    """Why a text cannot be a message; "": it can."""
    return f"a text may have {LONGEST} characters, this one has {len(text)}" if len(text) > LONGEST else ""
