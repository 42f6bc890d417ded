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
from rapport.ledger.entry import Entry, New
from rapport.ledger.fetch import fetch
from rapport.ledger.round import Batch, Round, Tenant
from rapport.ledger.seal import Keys
from rapport.ledger.tenants import lease, list_tenants, release
from rapport.ledger.views import Rows
from rapport.model.reply import Reminder
from rapport.pipeline.order import Order, digest, let_fall, set_aside, settle

log = structlog.get_logger()
LEASE = timedelta(seconds=10)
REST = 5.0  # seconds that a tenant is left alone whose round failed by itself: the others go on
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
    arranged: Callable[[], None] = lambda: None  # the centre was changed, and perhaps its accounts
    tenants: dict[int, Tenant] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    reader: asyncpg.Connection = None
    writer: asyncpg.Connection = None
    _resting: dict[int, float] = field(default_factory=dict)  # until when, by the loop's clock
    _walls: dict[str, int] = field(default_factory=dict)  # the tenant inside whose wall each connection is
    _flight: tuple[Tenant, asyncio.Task[None]] | None = None  # whose round is on its way into the tables

    async def lease_all(self) -> list[int]:
        """Take or keep the leases of all tenants that no other worker has; the ids of those that this one has now."""
        await self.land()
        await self._open("writer", 0)
        for listed in await list_tenants(self.writer):
            await self.lease(listed.id)
        return sorted(self.tenants)

    async def lease(self, id: int) -> bool:
        """Take or keep the lease of one tenant; False where another worker has it."""
        await self.land()
        await self._open("writer", id)
        epoch = await lease(self.writer, id, self.holder, LEASE)
        mine = self.tenants.get(id)
        if epoch is None:
            self.tenants.pop(id, None)
        elif mine is None or mine.epoch != epoch:
            self.tenants[id] = Tenant(id, epoch, self.keys)
        return epoch is not None

    async def round(self, id: int) -> int:
        """Digest what waits for one tenant, at most `most` entries, and write it; how many entries and reminders that were.

        Raises:
            Conflict: another worker has the tenant now.
            PostgresError, OSError: the database cannot be reached; what was in memory is forgotten.
        """
        taken = await self.begin(id)
        await self.land()
        return taken

    async def begin(self, id: int) -> int:
        """The same, but what it writes is still on its way when this returns: the next round is digested meanwhile."""
        tenant = self.tenants[id]
        await self._open("reader", id)
        try:
            batch = await tenant.take(self.reader, self.clock.now(), self.most, self.land)
            unsettled = tenant.rows is not None and tenant.rows.unsettled
            if not batch.entries and not batch.due and not unsettled:
                return 0
            await self._digest(tenant, batch)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, RapportError):
            tenant.reset()
            raise
        return len(batch.entries) + len(batch.due) + unsettled

    async def land(self) -> None:
        """Wait until what is on its way is written.

        Raises:
            Conflict: another worker has its tenant now.
            PostgresError, OSError: the database cannot be reached.
        """
        flight, self._flight = self._flight, None
        if flight is None:
            return
        tenant, written = flight
        try:
            await written
        except BaseException:
            tenant.reset()
            self.tenants.pop(tenant.id, None)  # the lease is taken again, where it is still ours
            raise

    async def _write(self, tenant: Tenant, batch: Batch, facts: list[New]) -> None:
        round = await tenant.compose(self.reader, batch, facts, self.land)
        await self._open("writer", tenant.id)
        self._flight = tenant, asyncio.create_task(self._written(tenant, round))

    async def _written(self, tenant: Tenant, round: Round) -> None:
        await tenant.write(self.writer, round)
        self.rang(tenant.id)
        if round.queued:
            self.queued()
        if round.arranged:
            self.arranged()

    async def _digest(self, tenant: Tenant, batch: Batch) -> None:
        rows = tenant.rows
        assert rows is not None
        try:
            facts = digest(batch, rows, self._order(tenant.id)) + settle(rows, self._order(tenant.id), batch.upto)
        except Exception as error:
            log.warning("pipeline.batch_taken_apart", tenant=tenant.id, entries=len(batch.entries), error=repr(error)[:200])
            await self._apart(tenant, batch)
        else:
            await self._write(tenant, batch, facts)

    async def _apart(self, tenant: Tenant, batch: Batch) -> None:
        """One at a time, so that what cannot be digested is known; then everybody waiting is looked at once."""
        for reminder in batch.due:
            await self._alone(tenant, [], [reminder], {}, partial(let_fall, reminder))
        for entry in batch.entries:
            await self._alone(tenant, [entry], [], batch.again, partial(set_aside, entry))
        rows = await self._fresh(tenant)
        try:
            facts = settle(rows, self._order(tenant.id), tenant.cursor)
        except Exception as error:
            log.error("pipeline.settling_failed", tenant=tenant.id, error=repr(error)[:200])
            tenant.reset()
        else:
            if facts:
                await self._write(tenant, Batch([], [], tenant.cursor), facts)

    async def _alone(
        self, tenant: Tenant, entries: list[Entry], due: list[Reminder], again: dict[int, Entry], recorded: Recorded
    ) -> None:
        rows = await self._fresh(tenant)
        batch = Batch(entries, due, tenant.cursor, again)
        await fetch(self.reader, tenant.id, rows, [*entries, *again.values()], due)
        try:
            facts = digest(batch, rows, self._order(tenant.id))
        except Exception as error:
            rows = await self._fresh(tenant)
            await fetch(self.reader, tenant.id, rows, [*entries, *again.values()], due)
            facts = recorded(error, rows, self._order(tenant.id))
            log.error("pipeline.set_aside", tenant=tenant.id, error=repr(error)[:200])
        await self._write(tenant, batch, facts)

    async def _fresh(self, tenant: Tenant) -> Rows:
        """The rows as the tables have them, when nothing is on its way."""
        await self.land()
        tenant.reset()
        return await tenant.load(self.reader, self.clock.now())

    def _order(self, id: int) -> Order:
        """The stages of one tenant: what they keep between rounds (rates, columns of agents) is theirs alone."""
        if id not in self.orders:
            self.orders[id] = self.order_of(id)
        return self.orders[id]

    async def _open(self, name: str, id: int) -> None:
        """See that a connection is there and inside the wall of the tenant."""
        db = getattr(self, name)
        if db is None or db.is_closed():
            db = await self.connect()
            setattr(self, name, db)
            self._walls.pop(name, None)
        if self._walls.get(name) != id:
            await self.open_wall(db, id)
            self._walls[name] = id

    async def give_back(self) -> None:
        """Give all leases back, so that another worker need not wait for them to run out."""
        await self._at_rest()
        for id in list(self.tenants):
            await self._open("writer", id)
            await release(self.writer, id, self.holder)
        self.tenants.clear()

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._at_rest()
        for db in (self.reader, self.writer):
            if db is not None and not db.is_closed():
                await db.close()

    async def _at_rest(self) -> None:
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, RapportError):
            await self.land()

    async def run(self, woken: asyncio.Event) -> None:
        """Round after round until cancelled. `woken` is set when a ledger may have grown; it looks by itself every 200 ms."""
        loop = asyncio.get_running_loop()
        leased = 0.0
        while True:
            woken.clear()  # whatever comes from here on is read by this pass, or wakes the next
            busy = 0
            try:
                if loop.time() - leased > LEASE.total_seconds() / 4:
                    await self.lease_all()
                    leased = loop.time()
                for id in list(self.tenants):
                    if self._resting.get(id, 0.0) <= loop.time():
                        busy += await self._begun(id)
                if busy < self.most and not woken.is_set():
                    await self.land()
            except Exception as error:
                log.warning("pipeline.round_failed", error=repr(error)[:200])
                await asyncio.sleep(0.2)
                leased = 0.0
                continue
            if busy < self.most and not woken.is_set() and not self._is_unsettled():
                await self._idle(woken)

    def _is_unsettled(self) -> bool:
        return any(tenant.rows is not None and tenant.rows.unsettled for tenant in self.tenants.values())

    async def _begun(self, id: int) -> int:
        """One tenant's round. What is wrong with a tenant stops that tenant alone; with the database, all."""
        try:
            return await self.begin(id)
        except Conflict:
            return 0
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            raise
        except Exception as error:
            log.error("pipeline.tenant_failed", tenant=id, error=repr(error)[:200])
            if id in self.tenants:
                self.tenants[id].reset()
            self._resting[id] = asyncio.get_running_loop().time() + REST
            return 0

    async def _idle(self, woken: asyncio.Event) -> None:
        now = self.clock.now()
        nearest = min(
            ((t.next_due - now).total_seconds() for t in self.tenants.values() if t.next_due is not None), default=0.2
        )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.001, min(0.2, nearest))):
                await woken.wait()
