"""Promises of ours, and what became of each: whether we came back to the person in time, on whatever channel.

Kept: we wrote or spoke to them again by the time that was named. Broken: that time passed first. Where no time was named: kept
where we came back before they had to ask; broken where they came back first, hours later, asking or unhappy. What was promised
is not read: that we came back is what the record shows. One who has not been waited for long enough is open.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from rapport.measures.stories.episodes import Read
from rapport.measures.stories.masking import bare
from rapport.measures.stories.sentences import SHORTEST
from rapport.measures.stories.told import BROKEN, KEPT, Line, Means, Promise, Talk

MINUTE, HOUR = 60_000, 3_600_000
TOGETHER = 2 * MINUTE  # what we say within it is the same breath
CAME_BACK = 2 * HOUR  # they write after that: they waited, and asked
MOST_EACH = 6  # promises of a talk
Timeline = list[tuple[int, Line]]


def timelines(talks: Iterable[Talk]) -> dict[bytes, Timeline]:
    """Everything that was said by and to each person, in order, over all channels."""
    found: dict[bytes, Timeline] = defaultdict(list)
    for talk in talks:
        found[talk.person] += [(line.at, line) for line in talk.lines]
    for said in found.values():
        said.sort(key=lambda pair: (pair[0], pair[1].id))
    return found


def promises_of(read: Read, said: Timeline, now: int, means: Means, feels: Callable[[Line], int]) -> tuple[Promise, ...]:
    """The promises of a talk. `said`: all that was said by and to its person; `feels`: how a line of theirs feels."""
    found = []
    for sentence in read.of(read.lines, theirs=False):
        if len(sentence.words) < SHORTEST or not means.promised(bare(sentence.text)):
            continue
        line = sentence.line
        due = means.due(bare(sentence.text), datetime.fromtimestamp(line.at / 1000, UTC), means.zone)
        until = int(due.timestamp() * 1000) if due is not None else None
        found.append(_settled(Promise(sentence.text, line.id, line.at, until=until), said, now, feels))
        if len(found) == MOST_EACH:
            break
    return tuple(found)


def _settled(promise: Promise, said: Timeline, now: int, feels: Callable[[Line], int]) -> Promise:
    """What became of it, as far as is known at `now`."""
    later = said[bisect_right(said, promise.at, key=lambda pair: pair[0]) :]
    ours = next((line for at, line in later if not line.theirs and at > promise.at + TOGETHER), None)
    if promise.until is not None:
        if ours is not None and ours.at <= promise.until:
            return _as(promise, KEPT, ours)
        if now <= promise.until:
            return promise
        return _as(promise, BROKEN, ours)
    back = next((line for at, line in later if line.theirs and promise.at + CAME_BACK < at <= now and _asks(line, feels)), None)
    if back is not None and (ours is None or back.at < ours.at):
        return _as(promise, BROKEN, back)
    return _as(promise, KEPT, ours) if ours is not None else promise


def _as(promise: Promise, state: str, by: Line | None) -> Promise:
    return msgspec.structs.replace(promise, state=state, by=by.id if by else None, settled=by.at if by else None)


def _asks(line: Line, feels: Callable[[Line], int]) -> bool:
    return feels(line) < 0 or "?" in line.text
