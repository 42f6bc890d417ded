"""The loop that takes what came, in the order it came, tenant by tenant: the only writer of a tenant's rows.

It survives whatever an entry does to it: the batch is taken apart, the entry that a stage cannot digest is set aside with its
reason, and what comes behind it goes on.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import asyncpg
import structlog

from rapport.clock import Clock
from rapport.errors import Conflict, RapportError
from rapport.ledger.entry import New
from rapport.ledger.fetch import fetch
from rapport.ledger.round import Batch, Tenant
from rapport.ledger.seal import Keys
from rapport.ledger.tenants import lease, list_tenants, release
from rapport.ledger.views import Rows
from rapport.pipeline.order import Order, digest, let_fall, set_aside, settle

log = structlog.get_logger()
LEASE = timedelta(seconds=10)
PACE = 0.004  # seconds between the starts of two rounds when work is thin: buys the tail of the latency (docs/ledger.md)
Connect = Callable[[], Awaitable[asyncpg.Connection]]
OpenWall = Callable[[asyncpg.Connection, int], Awaitable[None]]
Recorded = Callable[[Exception, Rows, Order], list[New]]


@dataclass(slots=True)
class Advance:
    """Rounds over the tenants that this process has the lease of.

    `holder` names the process; `rang` tells others that rows changed; `order_of` makes the stages of a tenant.
    """

    order_of: Callable[[int], Order]
    keys: Keys
    clock: Clock
    holder: str
    connect: Connect
    open_wall: OpenWall
    rang: Callable[[int], None]
    most: int = 200
    queued: Callable[[], None] = lambda: None  # something to send was written
    tenants: dict[int, Tenant] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    reader: asyncpg.Connection = None
    writer: asyncpg.Connection = None
    _wall: int = 0

    async def lease_all(self) -> list[int]:
        """Take or keep the leases of all tenants that no other worker has; the ids of those that this one has now."""
        await self._connected()
        for listed in await list_tenants(self.writer):
            await self.lease(listed.id)
        return sorted(self.tenants)

    async def lease(self, id: int) -> bool:
        """Take or keep the lease of one tenant; False where another worker has it."""
        await self._open(id)
        epoch = await lease(self.writer, id, self.holder, LEASE)
        mine = self.tenants.get(id)
        if epoch is None:
            self.tenants.pop(id, None)
        elif mine is None or mine.epoch != epoch:
            self.tenants[id] = Tenant(id, epoch, self.keys)
        return epoch is not None

    async def round(self, id: int) -> int:
        """Digest what waits for one tenant, at most `most` entries; how many entries and reminders that were.

        Raises:
            Conflict: another worker has the tenant now.
            PostgresError, OSError: the database cannot be reached; what was in memory is forgotten.
        """
        tenant = self.tenants[id]
        await self._open(id)
        try:
            batch = await tenant.take(self.reader, self.clock.now(), self.most)
            if not batch.entries and not batch.due:
                return 0
            await self._digest(tenant, batch)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, RapportError):
            tenant.reset()
            raise
        self.rang(id)
        if tenant.has_queued:
            self.queued()
        return len(batch.entries) + len(batch.due)

    async def settle(self, id: int) -> int:
        """Look once at everything that waits, with nothing new; how many facts came of it."""
        tenant = self.tenants[id]
        await self._open(id)
        rows = await tenant.load(self.reader, self.clock.now())
        facts = settle(rows, self._order(tenant.id), tenant.cursor)
        if facts:
            await tenant.write(self.reader, self.writer, Batch([], [], tenant.cursor), facts)
            self.rang(id)
        return len(facts)

    async def _digest(self, tenant: Tenant, batch: Batch) -> None:
        rows = tenant.rows
        assert rows is not None
        try:
            facts = digest(batch, rows, self._order(tenant.id)) + settle(rows, self._order(tenant.id), batch.upto)
        except Exception as error:
            log.warning("pipeline.batch_taken_apart", tenant=tenant.id, entries=len(batch.entries), error=repr(error)[:200])
            await self._apart(tenant, batch)
        else:
            await tenant.write(self.reader, self.writer, batch, facts)

    async def _apart(self, tenant: Tenant, batch: Batch) -> None:
        """One at a time, so that what cannot be digested is known; then everybody waiting is looked at once."""
        for reminder in batch.due:
            await self._alone(tenant, Batch([], [reminder], tenant.cursor), partial(let_fall, reminder))
        for entry in batch.entries:
            one = Batch([entry], [], tenant.cursor, batch.again)
            await self._alone(tenant, one, partial(set_aside, entry))
        tenant.reset()
        rows = await tenant.load(self.reader, self.clock.now())
        try:
            facts = settle(rows, self._order(tenant.id), tenant.cursor)
        except Exception as error:
            log.error("pipeline.settling_failed", tenant=tenant.id, error=repr(error)[:200])
            tenant.reset()
        else:
            if facts:
                await tenant.write(self.reader, self.writer, Batch([], [], tenant.cursor), facts)

    async def _alone(self, tenant: Tenant, batch: Batch, recorded: Recorded) -> None:
        rows = await self._fresh(tenant, batch)
        try:
            facts = digest(batch, rows, self._order(tenant.id))
        except Exception as error:
            tenant.reset()
            rows = await self._fresh(tenant, batch)
            facts = recorded(error, rows, self._order(tenant.id))
            log.error("pipeline.set_aside", tenant=tenant.id, error=repr(error)[:200])
        await tenant.write(self.reader, self.writer, batch, facts)

    async def _fresh(self, tenant: Tenant, batch: Batch) -> Rows:
        tenant.reset()
        rows = await tenant.load(self.reader, self.clock.now())
        await fetch(self.reader, tenant.id, rows, [*batch.entries, *batch.again.values()], batch.due)
        return rows

    def _order(self, id: int) -> Order:
        """The stages of one tenant: what they keep between rounds (rates, columns of agents) is theirs alone."""
        if id not in self.orders:
            self.orders[id] = self.order_of(id)
        return self.orders[id]

    async def _open(self, id: int) -> None:
        await self._connected()
        if self._wall != id:
            for db in (self.reader, self.writer):
                await self.open_wall(db, id)
            self._wall = id

    async def _connected(self) -> None:
        for name in ("reader", "writer"):
            db = getattr(self, name)
            if db is None or db.is_closed():
                setattr(self, name, await self.connect())
                self._wall = 0

    async def give_back(self) -> None:
        """Give all leases back, so that another worker need not wait for them to run out."""
        for id in list(self.tenants):
            await self._open(id)
            await release(self.writer, id, self.holder)
        self.tenants.clear()

    async def aclose(self) -> None:
        """Let go of the connections."""
        for db in (self.reader, self.writer):
            if db is not None and not db.is_closed():
                await db.close()

    async def run(self, woken: asyncio.Event) -> None:
        """Round after round until cancelled. `woken` is set when a ledger may have grown; it looks by itself every 200 ms."""
        loop = asyncio.get_running_loop()
        leased = 0.0
        while True:
            started = loop.time()
            busy = 0
            try:
                if started - leased > LEASE.total_seconds() / 4:
                    await self.lease_all()
                    leased = started
                for id in list(self.tenants):
                    busy += await self._round_of(id)
            except Exception as error:
                log.warning("pipeline.round_failed", error=repr(error)[:200])
                await asyncio.sleep(0.2)
                leased = 0.0
            if busy < self.most:
                await asyncio.sleep(max(0.0, PACE - (loop.time() - started)))
            if not busy:
                await self._idle(woken)

    async def _round_of(self, id: int) -> int:
        try:
            return await self.round(id)
        except Conflict:
            self.tenants.pop(id, None)
            return 0

    async def _idle(self, woken: asyncio.Event) -> None:
        now = self.clock.now()
        nearest = min(
            ((t.next_due - now).total_seconds() for t in self.tenants.values() if t.next_due is not None), default=0.2
        )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.001, min(0.2, nearest))):
                await woken.wait()
        woken.clear()
