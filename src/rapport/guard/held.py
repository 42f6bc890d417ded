"""What is held back, as pages read it: crowds, single messages, what could not be read, entries set aside."""

from datetime import datetime

import asyncpg

from rapport.ledger.tables import read_where
from rapport.model.message import Message
from rapport.model.reply import Aside, Incident


async def incidents(db: asyncpg.Connection, tenant: int, *, since: datetime, limit: int) -> list[Incident]:
    """Crowds held as one that were not let through, the latest first."""
    return await read_where(
        db, tenant, Incident, "not released and last_at >= $2 and held > 0 order by last_at desc limit $3", since, limit
    )


async def held_messages(db: asyncpg.Connection, tenant: int, *, limit: int) -> tuple[list[Message], int]:
    """Held messages, the latest first, and how many there are."""
    found = await read_where(db, tenant, Message, "standing = 'held' order by at desc, id desc limit $2", limit)
    total = await db.fetchval("select count(*) from message where tenant = $1 and standing = 'held'", tenant)
    return found, int(total)


async def unreadable_messages(db: asyncpg.Connection, tenant: int, *, limit: int) -> list[Message]:
    """What could not be read, the latest first."""
    return await read_where(db, tenant, Message, "standing = 'unreadable' order by at desc, id desc limit $2", limit)


async def asides(db: asyncpg.Connection, tenant: int, *, limit: int) -> list[Aside]:
    """Entries set aside and not yet digested, the oldest first."""
    return await read_where(db, tenant, Aside, "not done order by seq limit $2", limit)
