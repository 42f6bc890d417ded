"""Handles found or made by name, and their keys opened: one statement each for a whole batch."""

import asyncio
import os
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager

import asyncpg

from rapport.ledger.seal import Keys
from rapport.store.pool import wall

# One round trip: it raises its own wall and does not wait for the disk. Its rows follow from `quick`, so both are set first.
MAKE = """with quick as materialized (select set_config('app.tenants', $1, true), set_config('synchronous_commit', 'off', true))
insert into key (tenant, owner, name, wrapped)
select $2, u.owner, u.name, u.wrapped from quick, unnest($3::uuid[], $4::bytea[], $5::bytea[]) as u(owner, name, wrapped)
on conflict do nothing returning name"""
OF_CONVERSATION = """select c.handle from conversation c where c.tenant = $1 and c.id = coalesce($2::uuid,
    (select d.conversation from draft d where d.tenant = $1 and d.id = $3::uuid))"""
MANY = 64  # names from which it is cheaper to ask first who has a key than to make one for each
SIDES = 3  # statements at once: names lie all over a large table, and each place of it is waited for
Within = Callable[[int], AbstractAsyncContextManager[asyncpg.Connection]]
Bare = Callable[[], AbstractAsyncContextManager[asyncpg.Connection]]


async def find_or_make(within: Within, bare: Bare, keys: Keys, tenant: int, names: Collection[str]) -> None:
    """Remember the id of each name and open its key; who has none is given both."""
    if len(names) >= MANY:
        ordered = list(names)
        await asyncio.gather(*(_find_some(within, keys, tenant, ordered[side::SIDES]) for side in range(SIDES)))
        names = [name for name in ordered if keys.owner_of(tenant, name) is None]
    there: Collection[str] = ()
    if names:
        async with bare() as db:
            there = await make_owners(db, keys, tenant, names)
    if there:
        await _find_some(within, keys, tenant, there)


async def _find_some(within: Within, keys: Keys, tenant: int, names: Collection[str]) -> None:
    async with within(tenant) as db:
        await find_owners(db, keys, tenant, names)


async def make_owners(db: asyncpg.Connection, keys: Keys, tenant: int, names: Collection[str]) -> set[str]:
    """Give each name an id by chance and a key of its own, and remember them; returns the names that have both already.

    It commits without waiting for the disk: whatever is committed later carries a new key along (docs/ledger.md).
    """
    digests = {keys.digest(tenant, name): name for name in names}
    fresh = {digest: (owner := os.urandom(16), *keys.new(tenant, owner)) for digest in digests}
    columns = list(zip(*((owner, digest, wrapped) for digest, (owner, _, wrapped) in fresh.items()), strict=True))
    made = await db.fetch(MAKE, wall(tenant), tenant, *columns)
    for (digest,) in made:
        owner, key, _ = fresh[digest]
        keys.hold(tenant, owner, key)
        keys.remember(tenant, digests.pop(digest), owner)
    return set(digests.values())


async def find_owners(db: asyncpg.Connection, keys: Keys, tenant: int, names: Collection[str]) -> None:
    """Remember the ids of names that have one, and open their keys."""
    digests = {keys.digest(tenant, name): name for name in names}
    stored = "select owner, name, wrapped from key where tenant = $1 and name = any($2::bytea[])"
    for owner, digest, wrapped in await db.fetch(stored, tenant, list(digests)):
        keys.open(tenant, owner, wrapped)
        keys.remember(tenant, digests[digest], owner)


async def open_keys(db: asyncpg.Connection, keys: Keys, tenant: int, owners: Collection[bytes]) -> None:
    """Open the keys of these handles; a key that was destroyed stays closed."""
    missing = [owner for owner in set(owners) if not keys.knows(tenant, owner)]
    if not missing:
        return
    for owner, wrapped in await db.fetch(
        "select owner, wrapped from key where tenant = $1 and owner = any($2::uuid[])", tenant, missing
    ):
        keys.open(tenant, owner, wrapped)


async def whose(
    db: asyncpg.Connection, keys: Keys, tenant: int, conversation: bytes | None, draft: bytes | None
) -> tuple[bytes | None, bool]:
    """The handle that a conversation, or that of a draft, is with; and whether its key is open: not where it was destroyed."""
    owner: bytes | None = await db.fetchval(OF_CONVERSATION, tenant, conversation, draft)
    if owner is not None:
        await open_keys(db, keys, tenant, [owner])
    return owner, owner is not None and keys.knows(tenant, owner)
