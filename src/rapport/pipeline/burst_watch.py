"""The loop that watches for bursts: contacts in steps of five minutes, one detector a tenant, each burst told once.

A contact is a conversation that began, or a message that is held: a brigade that the guard keeps out is a burst as well. What
is told are facts; what was told stands in the view, so that a restart, which learns its detector anew, tells nothing twice.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog

from rapport.clock import Clock
from rapport.ledger.intake import Within
from rapport.ledger.tables import read_where
from rapport.model.burst import Burst
from rapport.model.fact import Fact
from rapport.model.fact_workforce import BurstBegan, BurstFollowed
from rapport.model.ids import named_id
from rapport.workforce.bursts import Burst as Running, Detector, unheld

log = structlog.get_logger()
STEP = timedelta(minutes=5)
LATE = timedelta(seconds=15)  # what came at the end of a step may be digested so much later
HISTORY, LEAST = timedelta(days=35), timedelta(days=3)  # what the detector learns from, and what must be there before it speaks
AGAIN = timedelta(minutes=15)  # after which what has changed is told once more
BRIGADE = 0.5  # the share of what came above the usual that is held: from there on it is one
USUAL_HANDLING = 300.0  # seconds, where nothing has ended yet
LONGEST_WAIT = 86_400.0
# What was opened since was also last heard since; the two halves are those of the indexes that go by that time.
CAME = """select date_bin('5 minutes', at, timestamptz '2000-01-01') as began, count(*)::int as came from (
  select opened_at as at from conversation where tenant = $1 and last_at >= $2 and state <> 'resolved'
  union all
  select opened_at from conversation where tenant = $1 and last_at >= $2 and state <> 'open' and state = 'resolved'
  union all select at from message where tenant = $1 and standing = 'held' and at >= $2
) as contact where at >= $2 and at < $3 group by 1"""
EVIDENCE = """select count(*) filter (where standing = 'held')::int as held, count(distinct handle)::int as voices
from message where tenant = $1 and at >= $2 and direction = 'in'"""
WORK = """select (select count(*) from need where tenant = $1)::int as waiting,
  count(*) filter (where started_at >= $3)::int as taken,
  avg(extract(epoch from ended_at - started_at)) filter (where ended_at is not null)::double precision as seconds
from interaction where tenant = $1 and not bot and started_at >= $2"""


@dataclass(slots=True)
class _Seen:
    """What is known of one tenant: its detector, up to when it has seen all, and the burst that it told last."""

    detector: Detector
    began: datetime
    upto: datetime
    told: bytes = b""


@dataclass(slots=True)
class BurstWatch:
    """Watches the tenants that this process has. `tell` appends a fact; `least`: how much history must be there."""

    within: Within
    clock: Clock
    tell: Callable[[int, Fact], Awaitable[None]]
    least: timedelta = LEAST
    _seen: dict[int, _Seen] = field(default_factory=dict)

    async def look(self, tenant: int) -> Fact | None:
        """See what came since the last time; what was told of it, if anything."""
        now = self.clock.now()
        async with self.within(tenant) as db:
            seen = await self._caught_up(db, tenant, now)
            if seen is None:
                return None
            stands = await read_where(
                db, tenant, Burst, "kind <> '' and since >= $2 order by since desc limit 3", now - HISTORY
            )
            fact = await _said(db, tenant, seen, stands, now)
        if fact is not None:
            await self.tell(tenant, fact)
            seen.told = fact.burst
        return fact

    def looks_at(self, tenant: int) -> datetime:
        """When the next step has ended and all of it should be there."""
        seen = self._seen.get(tenant)
        return (seen.upto if seen else _floor(self.clock.now() - LATE)) + STEP + LATE

    async def _caught_up(self, db: asyncpg.Connection, tenant: int, now: datetime) -> _Seen | None:
        """The detector with every step that has ended; None where there is too little history, or nothing new."""
        upto = _floor(now - LATE)
        seen = self._seen.get(tenant)
        if seen is None:
            counts = await _counts(db, tenant, now - HISTORY, upto)
            first = min(counts, default=now)
            if now - first < self.least:
                return None
            began = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            seen = self._seen[tenant] = _Seen(Detector(5), began, began)
        elif upto <= seen.upto:
            return None
        else:
            counts = await _counts(db, tenant, seen.upto, upto)
        steps = 0
        while seen.upto < upto:
            seen.detector.see(float(counts.get(seen.upto, 0)))
            seen.upto += STEP
            steps += 1
            if steps % 1000 == 0:
                await asyncio.sleep(0)
        return seen


async def _counts(db: asyncpg.Connection, tenant: int, since: datetime, upto: datetime) -> Counter[datetime]:
    return Counter({row["began"]: row["came"] for row in await db.fetch(CAME, tenant, since, upto)})


async def _said(
    db: asyncpg.Connection, tenant: int, seen: _Seen, stands: list[Burst], now: datetime
) -> BurstBegan | BurstFollowed | None:
    """What is to be told: a burst that nobody was told of, how one goes on, or that it is over."""
    burst = seen.detector.running
    told = next((one for one in stands if one.ended_at is None), None)
    if burst is None:
        return None if told is None else BurstFollowed(told.id, *_figures_of(told), ended=True)
    since = told.since if told else seen.began + burst.began * STEP
    if told is None and any(one.ended_at is not None and one.ended_at > since for one in stands):
        return None  # it was told, and is over: a detector that learnt anew sees its end later
    if told is not None and now - told.seen_at < AGAIN:
        return None
    id = named_id(since, "burst", tenant)
    if told is None and id == seen.told:
        return None  # it does not stand in the view yet
    kind, figures = await _figures(db, tenant, burst, since, now)
    if told is not None:
        return BurstFollowed(told.id, kind, *figures)
    usual = max(0.0, seen.detector.mean) * (timedelta(hours=1) / STEP)
    return BurstBegan(id, since, kind, round(usual, 2), *figures)


async def _figures(
    db: asyncpg.Connection, tenant: int, burst: Running, since: datetime, now: datetime
) -> tuple[str, tuple[int, int, int, float, int, int, int, float]]:
    """What a burst is, and: came, above, to come, lasts, held, voices, people, waits."""
    counts = await _counts(db, tenant, since, now)
    evidence = await db.fetchrow(EVIDENCE, tenant, since)
    work = await db.fetchrow(WORK, tenant, now - timedelta(days=7), now - timedelta(minutes=30))
    came, above, to_come = counts.total(), round(burst.above), round(burst.still_to_come)
    lasts = max(burst.still_to_last, 1.0) * STEP.total_seconds()
    held = int(evidence["held"])
    kind = "brigade" if held and held >= BRIGADE * max(above, 1) else "real"
    comes = round(unheld(kind, to_come, came, held))
    seconds = float(work["seconds"] or USUAL_HANDLING)
    people = max(1, round((comes + int(work["waiting"])) * seconds / max(lasts, 1800.0)))
    waits = int(work["waiting"]) * 1800.0 / work["taken"] if work["taken"] else max(lasts, 1800.0)
    return kind, (came, above, to_come, lasts, held, int(evidence["voices"]), people, min(waits, LONGEST_WAIT))


def _figures_of(burst: Burst) -> tuple[str, int, int, int, float, int, int, int, float]:
    """The figures as they stood, for its end: nothing more is to come."""
    return burst.kind, burst.came, burst.above, 0, 0.0, burst.held, burst.voices, 1, burst.waits


def _floor(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0)
