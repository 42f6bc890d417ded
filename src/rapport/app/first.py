"""The first start: the database brought up to date, a first tenant, and its administrator, whose password is told once."""

import json

from rapport.clock import SystemClock
from rapport.errors import BadInput
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
    # These bring every stage and channel: a start that makes no tenant need not wait for them.
    from rapport.access.logins import first_administrator
    from rapport.app.digesting import digest_once
    from rapport.app.house import open_house

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
