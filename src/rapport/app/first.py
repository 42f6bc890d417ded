"""The first start: the database brought up to date, a first tenant, and its administrator, whose password is told once."""

import asyncio
import json

from rapport.access.logins import first_administrator
from rapport.app.house import House, open_house
from rapport.app.stages import advance_of
from rapport.clock import SystemClock
from rapport.errors import BadInput, RapportError
from rapport.ledger.tenants import Listed, list_tenants, make_tenant
from rapport.settings import Settings
from rapport.store.migrate import migrate
from rapport.store.pool import Store

FIRST = "default"


async def prepare(settings: Settings, url: str, master: bytes) -> tuple[list[str], str]:
    """(migrations applied, what to tell of the first administrator or ""). Raises StoreError."""
    applied = await migrate(url)
    known = await every_tenant(url)
    welcome = await add_tenant(settings, url, master, FIRST) if not known else ""
    return applied, welcome


async def every_tenant(url: str) -> list[Listed]:
    """Every tenant there is."""
    store = await Store.open(url, size=1)
    try:
        async with store.within((), readonly=True) as db:
            return await list_tenants(db)
    finally:
        await store.close()


async def add_tenant(settings: Settings, url: str, master: bytes, name: str) -> str:
    """Make a tenant with the chat of its own page and an administrator; what to tell of them. Raises BadInput."""
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        async with house.store.within((), readonly=True) as db:
            listed = await list_tenants(db)
        if name in {one.name for one in listed}:
            raise BadInput(f"there is a tenant called {name!r} already: choose another name")
        number = max((one.id for one in listed), default=0) + 1
        async with house.store.within(number) as db:
            await make_tenant(db, number, name)
        chat = json.dumps({"id": "webchat", "channel": "webchat"}).encode()
        await house.intake.set_things(number, [("account", "webchat", chat)], by="first start")
        password = await first_administrator(house.store, number)
        await digest_once(house, number)
    finally:
        await house.aclose()
    return f"Tenant {name!r}: sign in as admin with the password {password} (told once; change it there)" if password else ""


async def digest_once(house: House, tenant: int, seconds: float = 5.0) -> None:
    """See that what was appended is in the views: by the worker that has the tenant, or here where none runs."""
    advance = advance_of(house, "command")
    try:
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            if tenant in await advance.lease_all():
                while await advance.round(tenant):
                    pass
                return
            if await _is_digested(house, tenant):
                return
            await asyncio.sleep(0.1)
        raise RapportError("what was recorded is safe, but no worker has taken it up yet: start one with `rapport up`")
    finally:
        await advance.give_back()
        await advance.aclose()


async def _is_digested(house: House, tenant: int) -> bool:
    async with house.within(tenant) as db:
        waiting = await db.fetchval(
            "select count(*) from entry e join cursor c on c.tenant = e.tenant and c.name = 'pipeline'"
            " where e.tenant = $1 and e.seq > c.seq and e.kind < 32",
            tenant,
        )
    return int(waiting) == 0
