"""Studying: what pages ask to be reckoned or checked in the background; where it stands is kept in the database."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module

import asyncpg
import msgspec

from rapport.app.house import House
from rapport.errors import RapportError
from rapport.measures import studies

RECKONING = "rapport.app.reckoning"  # read when it is first asked for: it brings what learns and simulates
VERIFYING = "rapport.app.verifying"
Study = Callable[[int, str, str], Awaitable[bool]]


def studying(house: House) -> Study:
    """`study(tenant, name, by)` begins one of `studies`; False where it is going on already."""

    async def study(tenant: int, name: str, by: str) -> bool:
        async with house.within(tenant) as db:
            begun = await studies.begin(db, tenant, name, by, house.clock.now())
        if begun:
            house.start(_study(house, tenant, name))
        return begun

    return study


async def _study(house: House, tenant: int, name: str) -> None:
    found, problem = None, ""
    try:
        reckoning = await asyncio.to_thread(import_module, VERIFYING if name == studies.VERIFY else RECKONING)
        found = msgspec.json.encode(await reckoning.reckoned(house, tenant, name))
    except (RapportError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        problem = str(error)[:500] or type(error).__name__
    async with house.within(tenant) as db:
        await studies.end(db, tenant, name, house.clock.now(), found=found, problem=problem)
