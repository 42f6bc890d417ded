"""Calendars that are read from an address: whose are due, and what became of each reading. The address is kept sealed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

EVERY = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)  # after many readings that failed
LEASE = timedelta(minutes=2)  # in which nobody else reads it
AT_ONCE = 20
_DUE = """update calendar_feed set next_at = $2::timestamptz + $3::interval where tenant = $1 and agent in (
  select f.agent from calendar_feed f join login l on l.tenant = f.tenant and l.id = f.agent and l.disabled_at is null
  where f.tenant = $1 and f.next_at <= $2 order by f.next_at limit $4 for update of f skip locked)
returning agent, sealed, failed, set_at"""
_KEEP = """insert into calendar_feed(tenant, agent, sealed, host, port, set_at, next_at) values ($1, $2, $3, $4, $5, $6, $6)
on conflict (agent, tenant) do update set sealed = excluded.sealed, host = excluded.host, port = excluded.port,
set_at = excluded.set_at, next_at = excluded.next_at, read_at = null, failed = 0, problem = ''"""
_READ = """update calendar_feed set read_at = $4, next_at = $4::timestamptz + $5::interval, failed = 0, problem = ''
where tenant = $1 and agent = $2 and set_at = $3"""
_FAILED = """update calendar_feed set next_at = $4::timestamptz + $5::interval, failed = failed + 1, problem = $6
where tenant = $1 and agent = $2 and set_at = $3"""
_BUSY = """insert into desk_setting(tenant, agent, busy) values ($1, $2, $3)
on conflict (tenant, agent) do update set busy = excluded.busy, at = now()"""
_OF = "select host, port, read_at, next_at, failed, problem from calendar_feed where tenant = $1 and agent = $2"


def calendar_secret(agent: str) -> str:
    """The name under which somebody's address is sealed."""
    return f"calendar|{agent}"


class Due(msgspec.Struct, frozen=True):
    """A calendar that is to be read now. `set_at` tells this address from another that was set meanwhile."""

    agent: str
    sealed: bytes
    failed: int
    set_at: datetime


class Feed(msgspec.Struct, frozen=True):
    """How somebody's calendar fares. `read_at` None: never read; `problem`: why the last reading failed, "" for none."""

    host: str
    port: int
    read_at: datetime | None
    next_at: datetime
    failed: int
    problem: str


async def feeds_due(db: asyncpg.Connection, tenant: int, now: datetime) -> list[Due]:
    """The calendars of people who may log in that are to be read now; nobody else is given them for two minutes."""
    return [Due(*row) for row in await db.fetch(_DUE, tenant, now, LEASE, AT_ONCE)]


async def keep_feed(db: asyncpg.Connection, tenant: int, agent: str, sealed: bytes, at: tuple[str, int], now: datetime) -> None:
    """Keep an address (`at`: its host and port) in place of an earlier one; it is read at once."""
    await db.execute(_KEEP, tenant, agent, sealed, *at, now)


async def forget_feed(db: asyncpg.Connection, tenant: int, agent: str) -> None:
    """Read it no more."""
    await db.execute("delete from calendar_feed where tenant = $1 and agent = $2", tenant, agent)


async def feed_of(db: asyncpg.Connection, tenant: int, agent: str) -> Feed | None:
    """How somebody's calendar fares; None where they named no address."""
    row = await db.fetchrow(_OF, tenant, agent)
    return Feed(*row) if row else None


async def feed_read(db: asyncpg.Connection, tenant: int, due: Due, busy: bytes, now: datetime) -> None:
    """It was read. `busy`: JSON of its times."""
    kept = await db.execute(_READ, tenant, due.agent, due.set_at, now, EVERY)
    if kept.endswith(" 1"):
        await db.execute(_BUSY, tenant, due.agent, busy.decode())


async def feed_failed(db: asyncpg.Connection, tenant: int, due: Due, problem: str, now: datetime) -> None:
    """It could not be read; what was read before stands, and the next try waits longer each time."""
    pause = min(EVERY * 2 ** min(due.failed, 10), LONGEST_PAUSE)
    await db.execute(_FAILED, tenant, due.agent, due.set_at, now, pause, problem[:300])


async def feed_hosts(db: asyncpg.Connection, tenant: int) -> Sequence[tuple[str, int]]:
    """Where calendars are read from."""
    query = """select distinct f.host, f.port from calendar_feed f
        join login l on l.tenant = f.tenant and l.id = f.agent and l.disabled_at is null where f.tenant = $1 order by 1, 2"""
    return [(row[0], row[1]) for row in await db.fetch(query, tenant)]
