"""The centre as a page sees it: what its things say, read at most once a second for each tenant; and which tenants there are."""

from datetime import datetime, timedelta

from rapport.ledger.tenants import Listed, list_tenants
from rapport.model.centre import Centre, Thing, read_centre
from rapport.web.office import Office

FRESH = timedelta(seconds=1)


async def centre_now(office: Office, tenant: int, *, fresh: bool = False) -> Centre:
    """The centre: agents, plans, accounts ... `fresh`: read it again at once."""
    kept: dict[int, tuple[datetime, Centre]] = office.memory.setdefault("centres", {})
    now = office.clock.now()
    if not fresh and tenant in kept and now - kept[tenant][0] < FRESH:
        return kept[tenant][1]
    async with office.store.within(tenant, readonly=True) as db:
        rows = await db.fetch("select id, body, at from thing where tenant = $1", tenant)
    centre = read_centre(Thing(row["id"], bytes(row["body"]), row["at"]) for row in rows)
    kept[tenant] = (now, centre)
    return centre


async def tenants_now(office: Office) -> list[Listed]:
    """Every tenant of this house."""
    async with office.store.within((), readonly=True) as db:
        return await list_tenants(db)


async def tenant_named(office: Office, name: str) -> int:
    """The number of a tenant; "" is the first of all. 0, which is nobody's, where there is none of that name."""
    return next((tenant.id for tenant in await tenants_now(office) if name in {"", tenant.name}), 0)
