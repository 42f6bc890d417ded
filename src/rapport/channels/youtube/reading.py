"""Reading comments: new threads every minute, and once in a while the older ones, to which answers come too."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from rapport.channels.limits import limits_of
from rapport.channels.watermark import OVERLAP, DeepMark, Found, fresh, read_back
from rapport.channels.wire import honest
from rapport.channels.youtube.api import YouTube
from rapport.channels.youtube.parse import Thread, comment_of, thread_in

LIMITS = limits_of(__package__)
MOST_COUNTED = 5000


async def read(youtube: YouTube, cursor: DeepMark, now: datetime, back: timedelta) -> tuple[list[Found], DeepMark]:
    """(comments not given before, oldest first; the cursor behind them). Raises Unavailable, Refused."""
    # a thread shows itself by its own time, an answer in it comes later: so older threads are looked through now and then
    last, given = cursor.deep_at, cursor.mark.at
    deep = last is None or given is None or now - last >= LIMITS.window("deep")
    threads_since = now - back if deep or given is None else given - OVERLAP
    comments_since = now - back if last is None or given is None else last - OVERLAP
    threads: dict[str, Thread] = {}
    odd = [one for one in await read_back(_turn(youtube, threads, now), threads_since) if not one.name]
    found = [Found(hashlib.sha256(one.raw).hexdigest(), now, one.raw) for one in odd]
    counted = dict(cursor.counted)
    for name, thread in threads.items():
        total = thread.snippet.total_reply_count
        raws = [bytes(thread.snippet.top_level_comment), *map(bytes, thread.replies.comments)]
        if total > len(thread.replies.comments) and total != counted.get(name):
            raws += await youtube.replies(name)
        counted[name] = total
        found += [_found(raw, thread.snippet.video_id, now) for raw in raws]
    new, mark = fresh(cursor.mark, [one for one in found if one.at >= comments_since], now, LIMITS.window("late"))
    kept = dict(list(counted.items())[-MOST_COUNTED:])
    return new, DeepMark(mark, now if deep else cursor.deep_at, kept)


def _turn(youtube: YouTube, threads: dict[str, Thread], now: datetime) -> Callable[[str], Awaitable[tuple[list[Found], str]]]:
    async def turn(token: str) -> tuple[list[Found], str]:
        page, after = await youtube.threads(token)
        shown = []
        for raw in page:
            thread = thread_in(bytes(raw))
            if thread is None:
                shown.append(Found("", now, bytes(raw)))
                continue
            threads[thread.id] = thread
            top = comment_of(bytes(thread.snippet.top_level_comment))
            shown.append(Found(thread.id, honest(top.snippet.published_at if top else None, now), b""))
        return shown, after

    return turn


def _found(raw: bytes, video: str, now: datetime) -> Found:
    comment = comment_of(raw)
    if comment is None:
        return Found(hashlib.sha256(raw).hexdigest(), now, raw)
    told = comment.snippet
    at = honest(told.updated_at or told.published_at, now)
    if video and not told.video_id:
        raw = msgspec.json.encode(msgspec.structs.replace(comment, snippet=msgspec.structs.replace(told, video_id=video)))
    return Found(f"{comment.id}@{at.timestamp()}", at, raw)
