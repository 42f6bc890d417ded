"""Further tenants, and further databases beside that of the session for what must not meet its tenants."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from rapport.ledger.tenants import make_tenant
from rapport.store.connecting import open_connection
from rapport.store.migrate import migrate
from rapport.store.pool import Store


async def a_tenant(store: Store) -> int:
    """One more tenant, with an empty ledger."""
    async with store.within((), readonly=True) as db:
        number = await db.fetchval("select coalesce(max(id), 0) + 1 from tenant")
    async with store.within(number) as db:
        await make_tenant(db, number, f"tenant-{number}")
    return number


def beside(url: str, name: str) -> str:
    """The address of the database of this name beside the one at `url`."""
    address, _, options = url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")


@asynccontextmanager
async def an_empty_database(url: str, name: str, template: str = "template0") -> AsyncIterator[str]:
    """The address of a database of this name beside the one at `url`, until the block ends; nothing was applied to it."""
    owner = await open_connection(url, as_owner=True)
    try:
        await owner.execute(f"drop database if exists {name} with (force)")
        await owner.execute(f"create database {name} template {template}")
        yield beside(url, name)
        await owner.execute(f"drop database if exists {name} with (force)")
    finally:
        await owner.close()


@contextmanager
def a_database(url: str, name: str) -> Iterator[str]:
    """The same, with every migration: in the server of the tests every new database has them already."""
    with asyncio.Runner() as runner:
        made = an_empty_database(url, name, "template1")
        there = runner.run(made.__aenter__())
        try:
            runner.run(_migrated(there))
            yield there
        finally:
            runner.run(made.__aexit__(None, None, None))


async def _migrated(url: str) -> None:
    await migrate(url)
