"""Erasing a person: keys, working tables and the certificate in one transaction; a legal hold stops it and says so."""

import os
import time
from collections.abc import Awaitable, Callable

import asyncpg

from rapport.app.house import House
from rapport.audit.erasing import clear, handles_of
from rapport.errors import Conflict, NotFound
from rapport.ledger.entry import New
from rapport.ledger.forgetting import append_one, destroy_keys, lock
from rapport.ledger.tables import read_rows
from rapport.model.fact import PersonErased
from rapport.model.ids import named_id
from rapport.model.naming import key_id, keys_of
from rapport.model.person import Certificate, Handle, Hold, Person

Erasing = Callable[[int, bytes, str], Awaitable[Certificate]]


def erasing(house: House) -> Erasing:
    """What erases a person of a tenant, in the name of somebody: (tenant, person, by)."""

    async def erase(tenant: int, person: bytes, by: str) -> Certificate:
        began, now = time.monotonic(), house.clock.now()
        async with house.store.within(tenant) as db:
            await lock(db, tenant)
            known = await _known(db, tenant, person)
            handles = await read_rows(db, tenant, Handle, await handles_of(db, tenant, known.ids))
            told = {a.name: a.value for a in known.attributes}
            keys = [key_id(key) for key in keys_of([handle.name for handle in handles], told)]
            cleared = await clear(db, tenant, known.ids, keys)
            destroyed = await destroy_keys(db, tenant, (*cleared.handles, *cleared.households))
            fact = PersonErased(person, known.ids, cleared.handles, by, destroyed, cleared.rows)
            id = named_id(now, tenant, person, os.urandom(8))
            await append_one(db, house.keys, tenant, New(id, now, person, fact))
        house.keys.forget(tenant)
        house.store.bell.ring(tenant)
        spent = time.monotonic() - began
        return Certificate(id, person, now, by, len(cleared.handles), destroyed, cleared.rows, round(spent, 3))

    return erase


async def _known(db: asyncpg.Connection, tenant: int, person: bytes) -> Person:
    found = await read_rows(db, tenant, Person, [person])
    if not found:
        raise NotFound("there is no such person; they may belong to another centre")
    for hold in await read_rows(db, tenant, Hold, found[0].ids):
        if hold.lifted_at is None:
            raise Conflict("A legal hold keeps this person's record; it must be lifted before anything is erased.")
    return found[0]
