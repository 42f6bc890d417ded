"""The loop that watches over silence: what each account brings in each hour, and whether it is silent for too long.

An alarm and its end are facts: the record says when a channel was deaf. What is measured, `measures.silence` says.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import asyncpg
import structlog

from rapport.clock import Clock
from rapport.ledger.intake import Within
from rapport.measures.silence import LONGEST_HISTORY, Silence, silence
from rapport.model.centre import Account, Profile, read_thing
from rapport.model.fact import AccountHeard, AccountSilent, Fact
from rapport.people.imports.uploaded import forget_old

log = structlog.get_logger()
COUNTED = """insert into heard_hour (tenant, account, hour, slots, last_at)
select tenant, account, date_trunc('hour', at, 'UTC'), count(distinct floor(extract(epoch from at) / 300)), max(at)
from message where tenant = $1 and direction = 'in' and account <> '' and at >= $2 and at <= $3 group by 1, 2, 3
on conflict (tenant, account, hour) do update set slots = excluded.slots, last_at = excluded.last_at"""
HEARD = "select account, hour, slots, last_at from heard_hour where tenant = $1 and hour >= $2"
STANDS = "select account, silent_since, last_heard from account_health where tenant = $1"
MARK = """insert into account_health (tenant, account, ok, at, silent_since, silent_chance) values ($1, $2, true, $3, $4, $5)
on conflict (tenant, account) do update set silent_since = excluded.silent_since, silent_chance = excluded.silent_chance"""


@dataclass(slots=True)
class Watch:
    """Watches the accounts of the tenants that this process has. `tell` appends a fact.

    A silence counts from when this process began to listen at the earliest: while we are down, the silence is ours.
    """

    within: Within
    clock: Clock
    tell: Callable[[int, Fact], Awaitable[None]]
    began: datetime
    _whole: set[int] = field(default_factory=set)  # tenants whose whole history is counted

    async def look(self, tenant: int) -> dict[str, Silence]:
        """Count what was heard, and say which accounts are silent; those that are implausibly so."""
        now = self.clock.now()
        async with self.within(tenant) as db:
            await forget_old(db, tenant, now)
            back = timedelta(hours=2) if tenant in self._whole else LONGEST_HISTORY
            await db.execute(COUNTED, tenant, (now - back).replace(minute=0, second=0, microsecond=0), now)
            if tenant not in self._whole:
                await db.execute("delete from heard_hour where tenant = $1 and hour < $2", tenant, now - LONGEST_HISTORY)
                self._whole.add(tenant)
            things = await db.fetch(
                "select id, body from thing where tenant = $1 and (id like 'account/%' or id like 'centre/%')", tenant
            )
            heard = await db.fetch(HEARD, tenant, now - LONGEST_HISTORY)
            stands = {row["account"]: row for row in await db.fetch(STANDS, tenant)}
        accounts, zone = _read(things)
        hours: defaultdict[str, dict[datetime, int]] = defaultdict(dict)
        last: dict[str, datetime] = {}
        for account, hour, slots, last_at in heard:
            hours[account][hour] = slots
            last[account] = max(last.get(account, last_at), last_at)
        found: dict[str, Silence] = {}
        for account in accounts:
            before = stands.get(account.id)
            one = await self._judge(tenant, account, hours[account.id], last.get(account.id), before, zone)
            if one is not None:
                found[account.id] = one
        return found

    async def _judge(
        self,
        tenant: int,
        account: Account,
        hours: dict[datetime, int],
        last: datetime | None,
        before: asyncpg.Record | None,
        zone: ZoneInfo,
    ) -> Silence | None:
        stood = before["silent_since"] if before is not None else None
        heard = max((at for at in (last, before["last_heard"] if before is not None else None) if at is not None), default=None)
        if heard is None or account.paused:
            await self._end(tenant, account, stood)
            return None
        since = heard if stood is not None else max(heard, self.began)
        one = silence({hour: n for hour, n in hours.items() if hour <= heard}, since, self.clock.now(), zone)
        if not one.is_implausible:
            await self._end(tenant, account, stood)
            return None
        if stood is None:
            await self._mark(tenant, account.id, heard, one.chance)
            await self.tell(tenant, AccountSilent(account.id, account.channel, heard, one.chance))
        return one

    async def _end(self, tenant: int, account: Account, stood: datetime | None) -> None:
        if stood is not None:
            await self._mark(tenant, account.id, None, None)
            await self.tell(tenant, AccountHeard(account.id, account.channel, stood))

    async def _mark(self, tenant: int, account: str, since: datetime | None, chance: float | None) -> None:
        async with self.within(tenant) as db:
            await db.execute(MARK, tenant, account, self.clock.now(), since, chance)


def _read(things: list[asyncpg.Record]) -> tuple[list[Account], ZoneInfo]:
    accounts: list[Account] = []
    zone = ZoneInfo("UTC")
    for id, body in things:
        thing = read_thing(id.partition("/")[0], body)
        if isinstance(thing, Account):
            accounts.append(thing)
        elif isinstance(thing, Profile):
            try:
                zone = ZoneInfo(thing.zone)
            except (ZoneInfoNotFoundError, ValueError):
                continue
    return accounts, zone
