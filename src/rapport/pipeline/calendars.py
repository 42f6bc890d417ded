"""Calendars: those that people named by their address are read every quarter of an hour, and say when they are busy."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from rapport.channels.addresses import NotOpen
from rapport.clock import Clock
from rapport.errors import BadInput, Unavailable
from rapport.ledger.intake import Within
from rapport.ledger.seal import Keys
from rapport.matching.calendar_feeds import Due, calendar_secret, feed_failed, feed_read, feeds_due

log = structlog.get_logger()
Fetch = Callable[[str], Awaitable[bytes]]  # an address; raises BadInput, Unavailable
NOT_OPEN = "its host has no address, or one that is not in the open internet; set another address"  # names none of ours
Read = Callable[[bytes, datetime], bytes]  # JSON of the busy times of a calendar; raises BadInput


@dataclass(slots=True)
class Calendars:
    """Reads what is due, for the tenants that this process has."""

    within: Within
    clock: Clock
    keys: Keys
    fetch: Fetch
    read: Read

    async def round(self, tenant: int) -> int:
        """Read what is due at once; how many were read. One that is slow or wrong keeps no other waiting."""
        async with self.within(tenant) as db:
            due = await feeds_due(db, tenant, self.clock.now())
        return sum(await asyncio.gather(*(self._one(tenant, one) for one in due)))

    async def _one(self, tenant: int, due: Due) -> bool:
        try:
            address = self.keys.unwrap_secret(tenant, calendar_secret(due.agent), due.sealed).decode()
            busy = await asyncio.to_thread(self.read, await self.fetch(address), self.clock.now())
        except Exception as error:
            is_ours = isinstance(error, BadInput | Unavailable)
            problem = str(error) if is_ours else f"it cannot be read ({type(error).__name__}); set its address again"
            problem = NOT_OPEN if isinstance(error, NotOpen) else problem
            async with self.within(tenant) as db:
                await feed_failed(db, tenant, due, problem, self.clock.now())
            return False
        async with self.within(tenant) as db:
            await feed_read(db, tenant, due, busy, self.clock.now())
        return True
