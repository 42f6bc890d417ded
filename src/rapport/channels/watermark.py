"""Reading a list that a network gives newest first: how far back to go, and which of it was read before.

Times have seconds at best and lists lag, so each reading goes back a little beyond the last one; what was given then is named
in the cursor and not given again.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

OVERLAP = timedelta(minutes=15)  # how late a network may show something that is older than what it showed before
MOST_SEEN = 20_000
MOST_PAGES = 500  # of one reading, against a list that never ends; what is older than those pages is left out


@dataclass(frozen=True, slots=True)
class Found:
    """One thing of a list. `name` is its own, and another one when it changed; `at` is what the list is ordered by."""

    name: str
    at: datetime
    raw: bytes


class Watermark(msgspec.Struct, frozen=True):
    """A cursor: the time of the newest thing given, and what was given at about that time, as (digest, seconds)."""

    at: datetime | None = None
    seen: dict[str, int] = {}


Turn = Callable[[str], Awaitable[tuple[Sequence[Found], str]]]


def watermark(cursor: bytes | None) -> Watermark:
    """The cursor that we gave; a new one where it is none."""
    try:
        mark = msgspec.json.decode(cursor or b"{}", type=Watermark)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return Watermark()
    aware = mark.at is None or mark.at.tzinfo is not None
    return mark if aware else Watermark()


class DeepMark(msgspec.Struct, frozen=True):
    """A cursor where answers come late: also when all was last looked through, and how many answers each thing had then."""

    mark: Watermark = Watermark()
    deep_at: datetime | None = None
    counted: dict[str, int] = {}


def deep_mark(cursor: bytes | None) -> DeepMark:
    """The cursor that we gave; a new one where it is none."""
    try:
        mark = msgspec.json.decode(cursor or b"{}", type=DeepMark)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return DeepMark()
    times = [at for at in (mark.mark.at, mark.deep_at) if at is not None]
    return mark if all(at.tzinfo for at in times) else DeepMark()


def since(mark: Watermark, now: datetime, back: timedelta, overlap: timedelta = OVERLAP) -> datetime:
    """How far back this reading goes: `back` before now at the first."""
    return now - back if mark.at is None else mark.at - overlap


async def read_back(turn: Turn, until: datetime) -> list[Found]:
    """What a list has since `until`. `turn(token)` gives a page, newest first, and the token of the next, "" at the end.

    A page that is older as a whole ends the reading: some networks pin older things above newer ones.
    """
    found: list[Found] = []
    token = ""
    for _ in range(MOST_PAGES):
        page, token = await turn(token)
        found += [one for one in page if one.at >= until]
        if not token or (page and all(one.at < until for one in page)):
            break
    return found


def fresh(
    mark: Watermark, found: Sequence[Found], now: datetime, overlap: timedelta = OVERLAP
) -> tuple[list[Found], Watermark]:
    """(what was not given before, oldest first; the cursor behind it). Times in the future do not move the cursor there."""
    given = {_digest(one.name): one for one in sorted(found, key=lambda one: one.at)}
    new = [one for name, one in given.items() if name not in mark.seen]
    times = [min(one.at, now) for one in given.values()] + ([mark.at] if mark.at else [])
    at = max(times, default=None)
    if at is None:
        return new, mark
    edge = int((at - overlap).timestamp())
    seen = mark.seen | {name: int(one.at.timestamp()) for name, one in given.items()}
    kept = sorted((seconds, name) for name, seconds in seen.items() if seconds >= edge)[-MOST_SEEN:]
    return new, Watermark(at.astimezone(UTC), {name: seconds for seconds, name in kept})


def cursor_of(mark: Watermark) -> bytes:
    """The bytes that are kept."""
    return msgspec.json.encode(mark)


def _digest(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=9).hexdigest()
