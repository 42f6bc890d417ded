"""Whose handles these are: for whoever has the handles alone."""

from collections.abc import Collection

import asyncpg

_OF = "select person from handle where tenant = $1 and id = any($2::uuid[]) and person is not null"


async def persons_of(db: asyncpg.Connection, tenant: int, handles: Collection[bytes]) -> list[bytes]:
    """The persons that are known of these handles."""
    return [person for (person,) in await db.fetch(_OF, tenant, list(handles))] if handles else []
