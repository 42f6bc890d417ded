"""The centre as a page sees it, read at most once a second for each tenant; and which tenants there are."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rapport.ledger.tenants import Listed, list_tenants
from rapport.model.centre import Centre, Thing, read_centre
from rapport.web.office import Office

FRESH = timedelta(seconds=1)


@dataclass(slots=True)
class _Kept:
    """What was read of a tenant's centre and when; while one reads again, the others take what is there."""

    at: datetime = datetime(1, 1, 1, tzinfo=UTC)
    centre: Centre | None = None
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


async def centre_now(office: Office, tenant: int, *, fresh: bool = False) -> Centre:
    """The centre: agents, plans, accounts ... `fresh`: read it again at once."""
    kept: _Kept = office.memory.setdefault("centres", {}).setdefault(tenant, _Kept())
    if not fresh and kept.centre is not None and (kept.reading.locked() or office.clock.now() - kept.at < FRESH):
        return kept.centre
    async with kept.reading:
        if fresh or kept.centre is None or office.clock.now() - kept.at >= FRESH:
            at = office.clock.now()
            async with office.store.within(tenant, readonly=True) as db:
                rows = await db.fetch("select id, body, at from thing where tenant = $1", tenant)
            kept.centre = read_centre(Thing(row["id"], bytes(row["body"]), row["at"]) for row in rows)
            kept.at = at
        return kept.centre


async def tenants_now(office: Office) -> list[Listed]:
    """Every tenant of this house."""
    async with office.store.within((), readonly=True) as db:
        return await list_tenants(db)


async def tenant_named(office: Office, name: str) -> int:
    """The number of a tenant; "" is the first of all. 0, which is nobody's, where there is none of that name."""
    return next((tenant.id for tenant in await tenants_now(office) if name in {"", tenant.name}), 0)
