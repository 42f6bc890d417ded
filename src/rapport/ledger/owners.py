"""Handles found or made by name, and their keys opened: one statement each for a whole batch."""

import os
from collections.abc import Collection

import asyncpg

from rapport.ledger.seal import Keys


async def owners_of(db: asyncpg.Connection, keys: Keys, tenant: int, names: Collection[str]) -> dict[str, bytes]:
    """The handle id of each name; a name met for the first time gets an id by chance and a key of its own.

    `db` may commit asynchronously: whatever is committed later carries a new key along (docs/ledger.md).
    """
    found = {name: owner for name in names if (owner := keys.owner_of(tenant, name)) is not None}
    missing = sorted({name for name in names if name not in found})
    if not missing:
        return found
    digests = {keys.digest(tenant, name): name for name in missing}
    fresh = {digest: (owner := os.urandom(16), *keys.new(tenant, owner)) for digest in digests}
    made = await db.fetch(
        "insert into key (tenant, owner, name, wrapped) select $1, * from unnest($2::uuid[], $3::bytea[], $4::bytea[])"
        " on conflict do nothing returning name",
        tenant,
        [owner for owner, _, _ in fresh.values()],
        list(digests),
        [wrapped for _, _, wrapped in fresh.values()],
    )
    for (digest,) in made:
        owner, key, _ = fresh[digest]
        keys.hold(tenant, owner, key)
        found[digests[digest]] = owner
    others = [digest for digest, name in digests.items() if name not in found]
    if others:
        stored = "select owner, name, wrapped from key where tenant = $1 and name = any($2::bytea[])"
        for owner, digest, wrapped in await db.fetch(stored, tenant, others):
            keys.open(tenant, owner, wrapped)
            found[digests[digest]] = owner
    for name in missing:
        keys.remember(tenant, name, found[name])
    return found


async def open_keys(db: asyncpg.Connection, keys: Keys, tenant: int, owners: Collection[bytes]) -> None:
    """Open the keys of these handles; a key that was destroyed stays closed."""
    missing = [owner for owner in set(owners) if not keys.knows(tenant, owner)]
    if not missing:
        return
    for owner, wrapped in await db.fetch(
        "select owner, wrapped from key where tenant = $1 and owner = any($2::uuid[])", tenant, missing
    ):
        keys.open(tenant, owner, wrapped)
