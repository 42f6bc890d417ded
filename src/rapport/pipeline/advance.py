"""The loop that takes what came, in the order it came, tenant by tenant: the only writer of a tenant's rows.

It survives whatever an entry does to it: the batch is taken apart, the entry that a stage cannot digest is set aside with its
reason, and what comes behind it goes on. The same where the stages take it and the database does not.
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
from rapport.errors import Conflict, RapportError, Unwritable
from rapport.ledger.entry import Entry, New
from rapport.ledger.fetch import fetch
from rapport.ledger.round import Batch, Round, Tenant
from rapport.ledger.seal import Keys
from rapport.ledger.tenants import lease, list_tenants, release
from rapport.ledger.views import Rows
from rapport.model.reply import Reminder
from rapport.pipeline.order import Order, digest, let_fall, set_aside, settle
from rapport.store.connecting import NOT_TAKEN

log = structlog.get_logger()
LEASE = timedelta(seconds=10)
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
    doubted: set[int] = field(default_factory=set)  # whose last round the database did not take: taken apart next
    reader: asyncpg.Connection = None
    writer: asyncpg.Connection = None
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
            Unwritable: the database did not take what it would write; the next round is taken apart.
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
                self.doubted.discard(id)
                return 0
            if id in self.doubted:
                await self._apart(tenant, batch)
                self.doubted.discard(id)
            else:
                await self._digest(tenant, batch)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, RapportError):
            tenant.reset()
            raise
        return len(batch.entries) + len(batch.due) + unsettled

    @property
    def flight(self) -> asyncio.Task[None] | None:
        """The writing of a round that nobody waited for yet."""
        return self._flight[1] if self._flight else None

    async def land(self) -> None:
        """Wait until what is on its way is written.

        Raises:
            Conflict: another worker has its tenant now.
            Unwritable: the database did not take it; the tenant's next round is taken apart.
            PostgresError, OSError: the database cannot be reached.
        """
        flight, self._flight = self._flight, None
        if flight is None:
            return
        tenant, written = flight
        try:
            await written
        except NOT_TAKEN as error:
            tenant.reset()
            self.doubted.add(tenant.id)
            raise Unwritable(tenant.id, repr(error)[:200]) from error
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
            return
        try:
            await self._write(tenant, batch, facts)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, RapportError):
            raise
        except Exception as error:
            log.warning("pipeline.batch_taken_apart", tenant=tenant.id, entries=len(batch.entries), error=repr(error)[:200])
            await self._apart(tenant, batch)

    async def _apart(self, tenant: Tenant, batch: Batch) -> None:
        """One at a time, so that what cannot be digested is known; then everybody waiting is looked at once."""
        await self.land()
        for reminder in batch.due:
            await self._alone(tenant, [], [reminder], {}, partial(let_fall, reminder))
        for entry in batch.entries:
            await self._alone(tenant, [entry], [], batch.again, partial(set_aside, entry))
        rows = await self._fresh(tenant)
        try:
            facts = settle(rows, self._order(tenant.id), tenant.cursor)
            if facts:
                await self._write(tenant, Batch([], [], tenant.cursor), facts)
                await self.land()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, Conflict, Unwritable):
            raise
        except Exception as error:
            log.error("pipeline.settling_failed", tenant=tenant.id, error=repr(error)[:200])
            tenant.reset()

    async def _alone(
        self, tenant: Tenant, entries: list[Entry], due: list[Reminder], again: dict[int, Entry], recorded: Recorded
    ) -> None:
        batch = Batch(entries, due, tenant.cursor, again)
        rows = await self._fetched(tenant, batch)
        try:
            await self._write(tenant, batch, digest(batch, rows, self._order(tenant.id)))
            await self.land()
        except (Conflict, asyncpg.InterfaceError, OSError):
            raise
        except asyncpg.PostgresError as error:
            if not isinstance(error, NOT_TAKEN):
                raise
            await self._aside(tenant, batch, error, recorded)
        except Exception as error:
            await self._aside(tenant, batch, error, recorded)

    async def _aside(self, tenant: Tenant, batch: Batch, error: Exception, recorded: Recorded) -> None:
        log.error("pipeline.set_aside", tenant=tenant.id, error=repr(error)[:200])
        rows = await self._fetched(tenant, batch)
        await self._write(tenant, batch, recorded(error, rows, self._order(tenant.id)))
        await self.land()

    async def _fetched(self, tenant: Tenant, batch: Batch) -> Rows:
        rows = await self._fresh(tenant)
        await fetch(self.reader, tenant.id, rows, [*batch.entries, *batch.again.values()], batch.due)
        return rows

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
