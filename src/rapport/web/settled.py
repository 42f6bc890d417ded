"""Settled: what was appended a moment ago is to be seen on the next page."""

import asyncio

from rapport.ledger.bare import came_between
from rapport.ledger.place import place_now
from rapport.model.fact import OF_PEOPLE
from rapport.web.office import Office

PATIENCE = 3.0  # seconds


async def settled(office: Office, tenant: int, seconds: float = PATIENCE) -> bool:
    """Wait until a worker has digested all that is on record now, at most so long; whether it has."""
    loop = asyncio.get_running_loop()
    async with office.store.within(tenant, readonly=True) as db:
        head = (await place_now(db, tenant)).head
    until = loop.time() + seconds
    while True:
        async with office.store.within(tenant, readonly=True) as db:
            waits = await came_between(db, tenant, (await place_now(db, tenant)).digested, head, list(OF_PEOPLE))
        if not waits:
            return True
        if loop.time() >= until:
            return False
        await office.changed(tenant, 0.25)
