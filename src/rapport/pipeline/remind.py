"""What comes by itself: facts that wait are written, the tree over the ledger grows and is signed.

Reminders that fall due are taken by `advance`, which alone changes rows.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from rapport.clock import Clock
from rapport.ledger.append import Appender
from rapport.ledger.checkpoint import grow
from rapport.ledger.intake import Within
from rapport.ledger.seal import Keys

log = structlog.get_logger()


async def write_for_ever(appender: Appender, keys: Keys, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
    """Write what waits until cancelled; after a broken connection, a new one. Who waited is told, and may try again.

    New keys are committed without waiting for the disk, so a fault may have undone some that are still in memory: all are
    forgotten, and what was sealed with them and waits is given up.
    """
    last = 0
    while True:
        try:
            if appender.db is None or appender.db.is_closed():
                appender.db = await connect()
            last = await appender.flush(last)
        except Exception as error:
            last = 0
            keys.forget_all()
            appender.give_up(f"the ledger could not be written: {error}")
            log.warning("append.failed", error=repr(error)[:200])
            await asyncio.sleep(0.1)


async def checkpoint(within: Within, keys: Keys, clock: Clock, tenant: int) -> int:
    """Take every entry of a tenant into the tree and sign it; how many entries the tree has."""
    size = 0
    while True:
        async with within(tenant) as db:
            made = await grow(db, keys, tenant, clock.now())
        if made is None:
            return size
        size = made.size
