"""Budgets of accounts, kept over restarts: what is left of what their networks let them ask and spend."""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from rapport.channels.budget import Bucket, Budget
from rapport.clock import Clock
from rapport.errors import StoreError
from rapport.ledger.intake import Within

log = structlog.get_logger()
KEPT = re.compile(r"[^\s:]{1,80}")  # a bucket of one person or group has a colon or a space in its name, and is not kept
EVERY = 5.0  # seconds
READ = 'select name, most, seconds, "left", resets_at from budget where tenant = $1 and account = $2 and resets_at > $3'
WRITE = """insert into budget (tenant, account, name, most, seconds, "left", resets_at, at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, account, name) do update set most = excluded.most, seconds = excluded.seconds, "left" = excluded."left",
resets_at = excluded.resets_at, at = excluded.at"""


@dataclass(slots=True)
class Budgets:
    """One budget for each account of this process."""

    within: Within
    clock: Clock
    _kept: dict[tuple[int, str], Budget] = field(default_factory=dict)
    _written: dict[tuple[int, str, str], tuple[float, datetime]] = field(default_factory=dict)

    async def of(self, tenant: int, account: str) -> Budget:
        """The budget of an account, with what an earlier process left of it; a period that is over begins anew."""
        found = self._kept.get((tenant, account))
        if found is None:
            async with self.within(tenant) as db:
                rows = await db.fetch(READ, tenant, account, self.clock.now())
            buckets = {n: Bucket(most, timedelta(seconds=seconds), left, at) for n, most, seconds, left, at in rows}
            found = self._kept.setdefault((tenant, account), Budget(buckets))
        return found

    async def write(self, tenants: Iterable[int]) -> None:
        """Keep what has changed since it was last kept."""
        now = self.clock.now()
        for tenant in tenants:
            rows = [
                row
                for (of, account), budget in self._kept.items()
                if of == tenant
                for row in self._changed(of, account, budget)
            ]
            if rows:
                async with self.within(tenant) as db:
                    await db.executemany(WRITE, [(tenant, *row, now) for row in rows])
                self._written |= {(tenant, row[0], row[1]): (row[4], row[5]) for row in rows}

    def _changed(self, tenant: int, account: str, budget: Budget) -> list[tuple[str, str, float, float, float, datetime]]:
        return [
            (account, name, b.limit, b.period.total_seconds(), b.left, b.resets_at)
            for name, b in budget.buckets.items()
            if KEPT.fullmatch(name) and self._written.get((tenant, account, name)) != (b.left, b.resets_at)
        ]

    async def keep(self, tenants: Callable[[], Iterable[int]]) -> None:
        """Write every few seconds until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(EVERY)
                await self._tried(tenants())
        finally:
            await asyncio.shield(self._tried(tenants()))

    async def _tried(self, tenants: Iterable[int]) -> None:
        try:
            await self.write(tenants)
        except (OSError, StoreError) as error:
            log.warning("budgets.not_kept", error=repr(error)[:200])
