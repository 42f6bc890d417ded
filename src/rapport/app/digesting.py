"""What a command appended, digested before it ends: by the worker that has the tenant, or here where none runs."""

import asyncio

from rapport.app.house import House
from rapport.app.stages import advance_of
from rapport.errors import RapportError
from rapport.model.fact import INBOUND


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
            " where e.tenant = $1 and e.seq > c.seq and e.kind = any($2::int[])",
            tenant,
            list(INBOUND),
        )
    return int(waiting) == 0
