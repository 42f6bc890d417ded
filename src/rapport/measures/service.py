"""Service now and today: who waits, how long, and the share answered in time, with each definition beside its number.

The day is the centre's own, from `since` on. A target is the time within which the first answer on a channel kind is due.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec

STEP = timedelta(minutes=15)

# In time: first answer within the target. Out of: every conversation opened since, but those still within their target,
# those that the guard holds, and those closed without an answer (nothing was owed). Each unanswered one past its target counts.
# What was opened or answered since was also last heard since; the two halves are those of the indexes that go by that time.
_SINCE = """
select kind, opened_at, answered_at, resolved_at from conversation
where tenant = $1 and last_at >= $2 and state <> 'resolved'
union all
select kind, opened_at, answered_at, resolved_at from conversation
where tenant = $1 and last_at >= $2 and state <> 'open' and state = 'resolved'"""
_SHARES = f"""
select c.kind, count(*) filter (where c.opened_at >= $2) as opened,
  count(*) filter (where c.opened_at >= $2 and c.answered_at <= c.opened_at + t.target) as in_time,
  count(*) filter (where c.opened_at >= $2
    and (c.answered_at is not null or (c.resolved_at is null and c.opened_at + t.target < $3))) as counted,
  count(*) filter (where c.answered_at >= $2) as answered
from ({_SINCE}) c join unnest($4::text[], $5::interval[]) as t(kind, target) on t.kind = c.kind
group by c.kind"""
_WAITING = """
select c.kind, count(*) as waiting, min(n.since) as oldest, min(c.due_at) as due
from need n join conversation c on c.tenant = n.tenant and c.id = n.id
where n.tenant = $1 group by c.kind"""
_HELD = """
select count(*) as incidents, coalesce(sum(held), 0)::bigint as held from incident
where tenant = $1 and not released and last_at >= $2"""
_LARGEST = """
select held, sample, account, reason, first_at, last_at from incident
where tenant = $1 and not released and last_at >= $2 and held > 1 order by last_at desc limit 1"""
_BACKLOG = "select kind, count(*) from conversation where tenant = $1 and state <> 'resolved' group by kind"
_FLOW = """
select date_bin('15 minutes', at, $2) as start,
  count(*) filter (where direction = 'in') as received,
  count(*) filter (where direction = 'out' and standing in ('sent', 'queued')) as answered
from message where tenant = $1 and at >= $2 and at < $3 group by 1 order by 1"""


class KindNow(msgspec.Struct, frozen=True):
    """One channel kind: how many wait, since when the oldest does, and its service level's two counts; `target` in seconds."""

    kind: str
    target: float
    waiting: int = 0
    oldest: datetime | None = None
    due: datetime | None = None
    opened: int = 0
    in_time: int = 0
    counted: int = 0

    @property
    def level(self) -> float | None:
        """The share answered in time, in [0, 1]; None when nothing counts yet."""
        return self.in_time / self.counted if self.counted else None


class Burst(msgspec.Struct, frozen=True):
    """The latest crowd that is held as one incident."""

    held: int
    sample: str
    account: str
    reason: str
    first_at: datetime
    last_at: datetime


class Now(msgspec.Struct, frozen=True):
    """The service as it stands at `at`, for the day that began at `since`."""

    at: datetime
    since: datetime
    kinds: tuple[KindNow, ...] = ()
    answered: int = 0
    incidents: int = 0
    held: int = 0
    burst: Burst | None = None

    @property
    def waiting(self) -> int:
        """How many conversations wait for somebody to take them."""
        return sum(kind.waiting for kind in self.kinds)

    @property
    def oldest(self) -> datetime | None:
        """Since when the oldest of them waits."""
        return min((kind.oldest for kind in self.kinds if kind.oldest), default=None)

    @property
    def due(self) -> datetime | None:
        """When the first of them falls due."""
        return min((kind.due for kind in self.kinds if kind.due), default=None)

    @property
    def in_time(self) -> int:
        """First answers of today that came within their target: the numerator of the level."""
        return sum(kind.in_time for kind in self.kinds)

    @property
    def counted(self) -> int:
        """Conversations of today that were answered or are past their target: the denominator of the level."""
        return sum(kind.counted for kind in self.kinds)

    @property
    def level(self) -> float | None:
        """The service level: `in_time` out of `counted`, in [0, 1]; None when nothing counts yet."""
        return self.in_time / self.counted if self.counted else None


class Interval(msgspec.Struct, frozen=True):
    """A quarter of an hour: messages that came in, and answers that went out."""

    start: datetime
    received: int = 0
    answered: int = 0


async def now(db: asyncpg.Connection, tenant: int, at: datetime, *, since: datetime, targets: Mapping[str, timedelta]) -> Now:
    """The service at `at` for the day that began at `since`; `targets` by channel kind."""
    found = {kind: KindNow(kind, target.total_seconds()) for kind, target in targets.items()}
    answered = 0
    for row in await db.fetch(_SHARES, tenant, since, at, list(targets), list(targets.values())):
        found[row["kind"]] = msgspec.structs.replace(
            found[row["kind"]], **{k: row[k] for k in ("opened", "in_time", "counted")}
        )
        answered += row["answered"]
    for row in await db.fetch(_WAITING, tenant):
        kind = found.get(row["kind"], KindNow(row["kind"], 0.0))
        found[row["kind"]] = msgspec.structs.replace(kind, **{k: row[k] for k in ("waiting", "oldest", "due")})
    recent = at - timedelta(days=1)
    held = await db.fetchrow(_HELD, tenant, recent)
    largest = await db.fetchrow(_LARGEST, tenant, recent)
    return Now(
        at=at,
        since=since,
        kinds=tuple(found.values()),
        answered=answered,
        incidents=held["incidents"] if held else 0,
        held=held["held"] if held else 0,
        burst=Burst(*largest.values()) if largest else None,
    )


async def backlog(db: asyncpg.Connection, tenant: int) -> dict[str, int]:
    """How many conversations are not resolved, by kind of channel."""
    return {row["kind"]: row["count"] for row in await db.fetch(_BACKLOG, tenant)}


async def intervals(db: asyncpg.Connection, tenant: int, *, since: datetime, until: datetime) -> tuple[Interval, ...]:
    """Every quarter of an hour from `since` to `until`, the empty ones too."""
    found = {row["start"]: Interval(*row.values()) for row in await db.fetch(_FLOW, tenant, since, until)}
    first = since.astimezone(UTC)  # on the day on which the clocks change a local hour comes twice, or not at all
    steps = max(0, -((first - until) // STEP))
    return tuple(found.get(first + n * STEP, Interval(first + n * STEP)) for n in range(steps))
