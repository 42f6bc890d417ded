"""How each account fares, kept for the page of channels: what its probe said, when it was heard and read, what was missed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from rapport.channels.channel import Channel, Event, Moderates, Op, Probe, Pulls
from rapport.model.message import Reach
from rapport.model.news import Report

SWEEP = timedelta(
    minutes=4
)  # between two readings of an account whose network pushes: a webhook that was lost is found within 5
LATELY = timedelta(minutes=15)  # a webhook within this time: the network pushes now
ON_ITS_WAY = timedelta(minutes=1)  # a webhook may still be coming
SAID = """insert into account_health (tenant, account, ok, at, detail, last_heard, last_fetched)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant, account) do update set ok = excluded.ok, at = excluded.at, detail = excluded.detail,
last_heard = coalesce(excluded.last_heard, account_health.last_heard),
last_fetched = coalesce(excluded.last_fetched, account_health.last_fetched)"""
PROBED = """insert into account_health (tenant, account, ok, at, detail, health_es, health_en, name, ops, reads_back,
pulls, pushes, expires, probed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $4)
on conflict (tenant, account) do update set ok = excluded.ok, at = excluded.at, detail = excluded.detail,
health_es = excluded.health_es, health_en = excluded.health_en, name = excluded.name, ops = excluded.ops,
reads_back = excluded.reads_back, pulls = excluded.pulls, pushes = excluded.pushes, expires = excluded.expires,
probed_at = excluded.probed_at"""
PUSHED = """insert into account_health (tenant, account, ok, at, last_pushed, last_heard, hinted_at)
values ($1, $2, true, $3, $3, $4, $5)
on conflict (tenant, account) do update set last_pushed = excluded.last_pushed,
last_heard = coalesce(excluded.last_heard, account_health.last_heard),
hinted_at = coalesce(excluded.hinted_at, account_health.hinted_at)"""
REJECTED = """insert into account_health (tenant, account, ok, at, rejected, rejected_at) values ($1, $2, true, $3, 1, $3)
on conflict (tenant, account) do update set rejected = account_health.rejected + 1, rejected_at = excluded.rejected_at"""
MISSED = "update account_health set gaps = gaps + $3, gap_at = $4 where tenant = $1 and account = $2"
HINTS = """select account, hinted_at, last_pushed from account_health
where tenant = $1 and (hinted_at is not null or last_pushed is not null)"""
OPS = frozenset({Op.HIDE, Op.UNHIDE, Op.DELETE, Op.EDIT, Op.REACT, Op.UNREACT})


async def said(
    db: asyncpg.Connection, tenant: int, account: str, now: datetime, *, ok: bool, detail: str, heard: bool, fetched: bool
) -> None:
    """Keep how a reading went."""
    await db.execute(SAID, tenant, account, ok, now, detail, now if heard else None, now if fetched else None)


async def probed(db: asyncpg.Connection, tenant: int, account: str, channel: Channel, probe: Probe, pushes: bool) -> None:
    """Keep what a probe said."""
    can = channel.capabilities
    ops = sorted(_named(op, can.only.get(op)) for op in OPS & can.ops) if isinstance(channel, Moderates) else []
    detail = "" if probe.works else probe.health.en
    await db.execute(
        PROBED, tenant, account, probe.works, probe.at, detail, probe.health.es, probe.health.en, probe.name, ops,
        channel.capabilities.reads_back, isinstance(channel, Pulls), pushes, probe.expires,
    )  # fmt: skip


def _named(op: Op, only: Reach | None) -> str:
    """An operation as it is kept: with the reach behind a colon where only messages of that one know it."""
    return f"{op}:{only}" if only else op.value


async def pushed(db: asyncpg.Connection, tenant: int, account: str, now: datetime, *, heard: bool, hint: bool) -> None:
    """Keep that the network called us; `hint`: what it called about can be read."""
    await db.execute(PUSHED, tenant, account, now, now if heard else None, now if hint else None)


async def rejected(db: asyncpg.Connection, tenant: int, account: str, now: datetime) -> None:
    """Count a call that was not the network's."""
    await db.execute(REJECTED, tenant, account, now)


async def missed(db: asyncpg.Connection, tenant: int, account: str, count: int, now: datetime) -> None:
    """Count what a reading found that no webhook had brought."""
    await db.execute(MISSED, tenant, account, count, now)


def gaps_in(events: Sequence[Event], new: Sequence[bool], now: datetime, hinted: datetime | None) -> int:
    """How many of what was read are new though the network should have told us of them; receipts are not counted.

    `hinted`: when the network last said that there is something to read.
    """
    told = [event for event, is_new in zip(events, new, strict=True) if is_new and not isinstance(event, Report)]
    return sum(now - event.at > ON_ITS_WAY and (hinted is None or hinted < event.at) for event in told)
