"""Opening the record for pages: what only the holder of the keys can read or check, handed to the web as functions."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from rapport.app.house import House
from rapport.audit import entries


def readers(house: House) -> dict[str, Callable[..., Awaitable[Any]]]:  # Any: see each
    """`raw_bytes(tenant, message)` and `verified(tenant, seqs)`, under the names by which pages look for them."""

    async def raw_bytes(tenant: int, message: bytes) -> bytes | None:
        async with house.store.within(tenant, readonly=True) as db:
            return await entries.raw_bytes(db, house.keys, tenant, message)

    async def verified(tenant: int, seqs: Collection[int]) -> dict[int, bool]:
        async with house.store.within(tenant, readonly=True) as db:
            return await entries.unaltered(db, house.keys, tenant, seqs)

    return {"raw_bytes": raw_bytes, "verified": verified}
