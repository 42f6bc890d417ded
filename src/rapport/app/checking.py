"""Commands that read whole ledgers: verify and rebuild."""

from rapport.app.stages import VIEWS
from rapport.audit.verify import Verdict, verify
from rapport.clock import SystemClock
from rapport.errors import NotFound
from rapport.ledger.rebuild import rebuild
from rapport.ledger.seal import Keys
from rapport.ledger.tenants import Listed, list_tenants
from rapport.store.pool import Store


async def verify_all(url: str, master: bytes, tenant: str) -> list[Verdict]:
    """The verdict on each tenant's ledger; on one where it is named."""
    store = await Store.open(url, size=1)
    try:
        found = []
        for listed in await _tenants(store, tenant):
            async with store.within(listed.id, readonly=True) as db:
                await db.execute("set transaction isolation level repeatable read")
                found.append(await verify(db, Keys(master), listed.id))
        return found
    finally:
        await store.close()


async def rebuild_one(url: str, master: bytes, tenant: str) -> int:
    """Fold a tenant's views anew; how many entries there were. Raises NotFound."""
    store = await Store.open(url, size=1)
    try:
        named = await _tenants(store, tenant)
        if not named:
            raise NotFound(f"no tenant is called {tenant!r}")
        async with store.within(named[0].id) as db:
            return await rebuild(db, Keys(master), named[0].id, VIEWS, SystemClock())
    finally:
        await store.close()


async def _tenants(store: Store, name: str) -> list[Listed]:
    async with store.within((), readonly=True) as db:
        return [listed for listed in await list_tenants(db) if name in ("", listed.name)]
