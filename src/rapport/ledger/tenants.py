"""Tenants: made with their head and cursor, listed, and leased by one worker at a time."""

from datetime import timedelta

import asyncpg
import msgspec

from rapport.ledger.round import CURSOR


class Listed(msgspec.Struct, frozen=True):
    """A tenant as the directory names it."""

    id: int
    name: str


async def make_tenant(db: asyncpg.Connection, id: int, name: str) -> None:
    """Make a tenant, its empty ledger and its cursor, once. The wall must be open for `id`."""
    await db.execute("insert into tenant (id, name) values ($1, $2) on conflict do nothing", id, name)
    await db.execute("insert into head (tenant) values ($1) on conflict do nothing", id)
    await db.execute("insert into cursor (tenant, name, seq) values ($1, $2, 0) on conflict do nothing", id, CURSOR)


async def list_tenants(db: asyncpg.Connection) -> list[Listed]:
    """Every tenant, by id: names alone, no wall stands before the directory."""
    return [Listed(id, name) for id, name in await db.fetch("select id, name from tenant order by id")]


async def lease(db: asyncpg.Connection, tenant: int, holder: str, length: timedelta) -> int | None:
    """Take or keep the lease of a tenant; its epoch, or None where another worker has it.

    The epoch rises when the holder changes; `holder` names the process. The database's clock counts.
    """
    epoch: int | None = await db.fetchval(
        """update head set holder = $2, lease_until = now() + $3,
                  epoch = epoch + case when holder is not distinct from $2 then 0 else 1 end
           where tenant = $1 and (holder is not distinct from $2 or lease_until is null or lease_until < now())
           returning epoch""",
        tenant,
        holder,
        length,
    )
    return epoch


async def release(db: asyncpg.Connection, tenant: int, holder: str) -> None:
    """Give the lease back, at a stop."""
    await db.execute("update head set lease_until = now() where tenant = $1 and holder = $2", tenant, holder)
