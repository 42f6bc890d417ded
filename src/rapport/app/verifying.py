"""Verifying: a tenant's whole ledger hashed anew in a child process at low priority, while the page that asked goes on."""

import asyncio

from rapport.app.apart import Tell, apart
from rapport.app.house import House
from rapport.app.progress import teller
from rapport.audit.verify import Verdict, verify
from rapport.ledger.read import head_of
from rapport.ledger.seal import Keys
from rapport.measures.studies import VERIFY, VerifyFound
from rapport.store.pool import Store


async def reckoned(house: House, tenant: int, name: str) -> VerifyFound:
    """What checking the whole record found. Raises RapportError where it could not be done."""
    async with house.within(tenant) as db:
        whole = await head_of(db, tenant)
    found: Verdict = await apart(
        checked, house.store.url, house.keys.fresh(), tenant, told=teller(house, tenant, VERIFY, whole)
    )
    return VerifyFound(
        found.entries, found.contents, found.erased, found.checkpoints, found.root.hex(), tuple(found.faults)
    )  # fmt: skip


def checked(url: str, keys: Keys, tenant: int, tell: Tell) -> Verdict:
    """The whole record checked: in the child."""
    return asyncio.run(_checked(url, keys, tenant, tell))


async def _checked(url: str, keys: Keys, tenant: int, tell: Tell) -> Verdict:
    store = await Store.open(url, size=1)
    try:
        async with store.within(tenant, readonly=True) as db:
            await db.execute("set transaction isolation level repeatable read")
            return await verify(db, keys, tenant, tell)
    finally:
        await store.close()
