"""Reading comments: of the videos whose count changed every minute, of all of them four times an hour."""

import hashlib
from datetime import datetime, timedelta

import msgspec

from rapport.channels.limits import limits_of
from rapport.channels.vimeo.api import PAGE, Video, Vimeo
from rapport.channels.vimeo.parse import Heard, comment_of
from rapport.channels.watermark import OVERLAP, DeepMark, Found, fresh, read_back
from rapport.channels.wire import honest
from rapport.errors import Refused

LIMITS = limits_of(__package__)
MOST_COUNTED = 10_000


async def read(vimeo: Vimeo, cursor: DeepMark, now: datetime, back: timedelta) -> tuple[list[Found], DeepMark]:
    """(comments not given before, oldest first; the cursor behind them). Raises Unavailable, Refused."""
    last, counted = cursor.deep_at, dict(cursor.counted)
    deep = last is None or now - last >= LIMITS.window("deep")
    found: list[Found] = []
    for video in await _videos(vimeo):
        if video.comments != counted.get(video.uri, 0) or (deep and video.comments):
            found += await _of_video(vimeo, video, counted, now, now - back)
            counted[video.uri] = video.comments
    until = now - back if last is None else last - OVERLAP
    new, mark = fresh(cursor.mark, [one for one in found if one.at >= until], now, LIMITS.window("late"))
    kept = dict(list(counted.items())[-MOST_COUNTED:])
    return new, DeepMark(mark, now if deep else last, kept)


async def _videos(vimeo: Vimeo) -> list[Video]:
    found: list[Video] = []
    page, more = 1, True
    while more and page <= LIMITS.lengths["videos"] // PAGE:
        some, more = await vimeo.videos(page)
        found, page = found + some, page + 1
    return found


async def _of_video(vimeo: Vimeo, video: Video, counted: dict[str, int], now: datetime, until: datetime) -> list[Found]:
    async def turn(token: str) -> tuple[list[Found], str]:
        page = int(token or 1)
        raws, more = await vimeo.comments(video.uri, page)
        return [_found(raw, "", video, now) for raw in raws], str(page + 1) if more else ""

    try:
        found = await read_back(turn, until)
    except Refused:  # taken away in between, or its comments were closed
        return []
    for one in list(found):
        comment = comment_of(bytes(msgspec.json.decode(one.raw, type=Heard).comment))
        if comment is None or comment.replies == counted.get(comment.uri, 0):
            continue
        try:
            raws = await vimeo.replies(comment.uri)
        except Refused:
            continue
        found += [_found(raw, comment.uri, video, now) for raw in raws]
        counted[comment.uri] = comment.replies
    return found


def _found(raw: bytes, parent: str, video: Video, now: datetime) -> Found:
    comment = comment_of(raw)
    heard = msgspec.json.encode(Heard(msgspec.Raw(raw), parent, video.name or ""))
    if comment is None:
        return Found(hashlib.sha256(raw).hexdigest(), now, heard)
    return Found(comment.uri, honest(comment.created_on, now), heard)
