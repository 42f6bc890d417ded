"""The budget of one account: what its network lets us ask and spend, fed by what the network says in its headers.

A bucket is one of the network's limits (an endpoint's requests in 15 minutes, points a day, money a month). Replies go first:
the lanes below them leave a reserve untouched.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from rapport.errors import Unavailable

RESERVED = 0.3  # of a bucket is kept for replies
UNTOLD = timedelta(minutes=15)  # after which a bucket is full again where the network does not say


class Lane(IntEnum):
    """Who asks: the lower, the sooner."""

    REPLY = 0
    POLL = 1
    BACKFILL = 2


KEPT = {Lane.REPLY: 0.0, Lane.POLL: RESERVED, Lane.BACKFILL: 2 * RESERVED}  # share of a bucket that a lane leaves untouched


_FILLING: ContextVar[bool] = ContextVar("back_filling", default=False)


@contextmanager
def back_filling(yes: bool) -> Iterator[None]:
    """Within, what a channel reads is of the past: it has waited long, so it comes behind what is new (`Lane.BACKFILL`)."""
    before = _FILLING.set(yes)
    try:
        yield
    finally:
        _FILLING.reset(before)


@dataclass(slots=True)
class Bucket:
    """One limit: `left` of `limit` until `resets_at`, then `limit` again for another `period`."""

    limit: float
    period: timedelta
    left: float
    resets_at: datetime


@dataclass(slots=True)
class Budget:
    """The buckets of one account by name. What no bucket knows of is not limited. One loop uses it; it is not thread-safe."""

    buckets: dict[str, Bucket] = field(default_factory=dict)

    def allow(self, name: str, limit: float, period: timedelta, now: datetime) -> None:
        """Begin with a limit as the network publishes it; kept where the bucket is known already."""
        self.buckets.setdefault(name, Bucket(limit, period, limit, now + period))

    def told(
        self, name: str, left: float, now: datetime, resets_at: datetime | None = None, limit: float | None = None
    ) -> None:
        """What the network said is left: it knows better than we. Of a bucket that is empty and new, one unit is supposed."""
        bucket = self.buckets.setdefault(name, Bucket(max(limit or left, 1.0), UNTOLD, left, now + UNTOLD))
        bucket.left = left
        bucket.limit = limit if limit else max(bucket.limit, left)
        bucket.resets_at = resets_at or bucket.resets_at

    def spend(self, name: str, lane: Lane, now: datetime, cost: float = 1.0) -> None:
        """Take `cost` out of a bucket.

        Raises:
            Unavailable: nothing is left for this lane; `retry_after` is when the bucket is full again. Nothing was taken.
        """
        lane = Lane.BACKFILL if lane is Lane.POLL and _FILLING.get() else lane
        bucket = self.buckets.get(name)
        if bucket is None:
            return
        if now >= bucket.resets_at:
            periods = (now - bucket.resets_at) // bucket.period + 1
            bucket.resets_at += periods * bucket.period
            bucket.left = bucket.limit
        if bucket.left - cost < KEPT[lane] * bucket.limit:
            left = f"{bucket.left:g} of {bucket.limit:g} left until {bucket.resets_at:%H:%M:%S} UTC"
            raise Unavailable(f"the network's budget {name!r} has {left}", bucket.resets_at - now)
        bucket.left -= cost
