"""Store: the way into the database, always inside the walls of the tenants that are named."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Self

import asyncpg

from rapport.store.arrays import encode_arrays
from rapport.store.asking import Asking
from rapport.store.connecting import open_connection, prepare, server_settings
from rapport.store.doorbell import Doorbell
from rapport.store.migrate import check_migrated

TIMEOUT = timedelta(seconds=10)
PATIENCE = 30.0  # seconds that somebody waits for a connection of the pool: never for ever
ASKING = {"default_transaction_read_only": "on", "statement_timeout": f"{int(TIMEOUT.total_seconds() * 1000)}"}

Tenants = int | Sequence[int]


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that needs no reset between uses: whatever `within` sets ends with its transaction."""

    def get_reset_query(self) -> str:
        """Nothing: a round trip saved each time."""
        return ""


class Reading:
    """Takes single statements of one tenant that only read; what takes a connection to read from takes this too."""

    def __init__(self, asking: Asking, tenant: int) -> None:
        self._asking = asking
        self._wall = wall(tenant)

    async def fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:  # Any: as asyncpg takes them
        """The rows of one statement, which is a transaction of its own."""
        return await self._asking.fetch(self._wall, query, *values)


class Store:
    """A pool of connections, each inside the walls, and the doorbell."""

    def __init__(self, url: str, pool: asyncpg.Pool) -> None:
        self.url = url
        self.bell = Doorbell(self._plain)
        self._pool = pool
        self._asking = Asking(self._reader)

    @classmethod
    async def open(cls, url: str, *, size: int = 8) -> Self:
        """Connect; `size`: how many connections at most. Raises StoreError."""
        first = await open_connection(url)
        try:
            await check_migrated(first)
        finally:
            await first.close()
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            init=prepare,
            connection_class=Connection,
            server_settings=server_settings(),
            max_inactive_connection_lifetime=60,
        )
        return cls(url, pool)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.bell.close()
        await self._asking.close()
        await self._pool.close()

    @asynccontextmanager
    async def within(
        self, tenants: Tenants, *, readonly: bool = False, at_most: timedelta = TIMEOUT
    ) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that sees and writes the rows of `tenants` alone; committed at the end, undone by an error.

        `at_most`: how long one statement may take.
        It is a transaction already: for a part that may fail alone use a savepoint, not `db.transaction()`.
        """
        begin = f"begin{' read only' if readonly else ''}; set local app.tenants = '{wall(tenants)}'"
        limit = f"set local statement_timeout = {int(at_most.total_seconds() * 1000)}"
        async with self._pool.acquire(timeout=PATIENCE) as db:
            done = False
            try:
                await db.execute(f"{begin}; {limit}")
                yield db
                await db.execute("commit")
                done = True
            finally:
                if not done and not db.is_closed():
                    await db.execute("rollback")

    @asynccontextmanager
    async def bare(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection outside all walls and transactions: for one statement that raises its own wall."""
        async with self._pool.acquire(timeout=PATIENCE) as db:
            yield db

    def reading(self, tenant: int) -> Reading:
        """A way to read of one tenant in one round trip: each statement for itself, nothing held between two."""
        return Reading(self._asking, tenant)

    async def connect(
        self, tenants: Tenants = (), *, plan_cache_mode: str = "auto", name: str = "rapport"
    ) -> asyncpg.Connection:
        """A connection of one's own inside the walls of `tenants`, which `set_tenants` changes. The caller closes it.

        `plan_cache_mode`: `force_generic_plan` for one whose statements all go by keys, so that each is planned once.
        """
        extra = {"app.tenants": wall(tenants), "plan_cache_mode": plan_cache_mode, "application_name": name}
        db = await open_connection(self.url, settings=extra)
        encode_arrays(db)
        return db

    async def _reader(self) -> asyncpg.Connection:
        planned_once = {"plan_cache_mode": "force_generic_plan", "application_name": "rapport asking"}
        return await open_connection(self.url, settings=ASKING | planned_once)

    async def _plain(self) -> asyncpg.Connection:
        return await open_connection(self.url, settings={"synchronous_commit": "off", "application_name": "rapport doorbell"})


async def set_tenants(db: asyncpg.Connection, tenants: Tenants) -> None:
    """Move the walls of a connection that `connect` made."""
    await db.execute("select set_config('app.tenants', $1, false)", wall(tenants))


def wall(tenants: Tenants) -> str:
    """The value of app.tenants: an array of numbers, as PostgreSQL writes it."""
    numbers = [tenants] if isinstance(tenants, int) else tenants
    return "{" + ",".join(str(int(number)) for number in numbers) + "}"
