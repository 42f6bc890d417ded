"""Known: the entry that an outside source's own key names, where we have it already."""

import asyncpg

_BY_SOURCE = "select id from entry where tenant = $1 and source = $2 and source_id = $3"


async def entry_of(db: asyncpg.Connection, tenant: int, source: str, source_id: str) -> bytes | None:
    """The id of the entry that came from there; None where none did."""
    found: bytes | None = await db.fetchval(_BY_SOURCE, tenant, source, source_id)
    return found
