"""Rounds: what looks at every tenant of this process again and again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()
Tenants = Callable[[], list[int]]  # those that this process has now
SOON = 0.1  # seconds


async def rounds(name: str, every: float, tenants: Tenants, look: Callable[[int], Awaitable[object]]) -> None:
    """Look at each tenant, every so many seconds, until cancelled.

    Where a look answers True, more is left, and the next round comes soon. One that fails is logged as `name`.failed and keeps
    no other tenant waiting.
    """
    while True:
        more = False
        for tenant in tenants():
            try:
                more = await look(tenant) is True or more
            except Exception as error:
                log.warning(f"{name}.failed", tenant=tenant, error=repr(error)[:200])
        await asyncio.sleep(SOON if more else every)
