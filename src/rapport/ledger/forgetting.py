"""Forgetting: keys of handles are destroyed, so nobody reads what was sealed with them; every proof still holds."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import asyncpg
import structlog

from rapport.ledger.append import append_rows, prepare
from rapport.ledger.entry import New
from rapport.ledger.seal import Keys
from rapport.ledger.tenants import list_tenants

log = structlog.get_logger()
EVERY = 2.0  # seconds
COUNTED = "select tenant, count(*) from erasure group by tenant"
Within = Callable[[int | Sequence[int]], AbstractAsyncContextManager[asyncpg.Connection]]


async def lock(db: asyncpg.Connection, tenant: int) -> None:
    """Let nobody append until this transaction ends; the epoch rises, so a worker reads its rows anew."""
    await db.execute("update head set epoch = epoch + 1 where tenant = $1", tenant)


async def destroy_keys(db: asyncpg.Connection, tenant: int, handles: Sequence[bytes]) -> int:
    """Destroy the keys of these handles; how many there were."""
    done = await db.execute("delete from key where tenant = $1 and owner = any($2::uuid[])", tenant, list(handles))
    return int(done.rpartition(" ")[2])


async def append_one(db: asyncpg.Connection, keys: Keys, tenant: int, new: New) -> None:
    """Append a fact without content within this transaction."""
    await append_rows(db, tenant, [prepare(keys, tenant, new)])


async def forget_for_ever(keys: Keys, within: Within) -> None:
    """Let this process's memory go of the keys of a tenant in which somebody was erased, within seconds, until cancelled."""
    seen: dict[int, int] = {}
    while True:
        try:
            async with within(()) as db:
                tenants = [tenant.id for tenant in await list_tenants(db)]
            async with within(tenants) as db:
                counted: dict[int, int] = dict(map(tuple, await db.fetch(COUNTED)))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            counted = {}
        for tenant, number in counted.items():
            if number != seen.get(tenant, 0):
                keys.forget(tenant)
                log.info("keys.forgotten", tenant=tenant)
            seen[tenant] = number
        await asyncio.sleep(EVERY)
