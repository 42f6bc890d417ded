"""The calls that are to be made."""

import asyncpg

from rapport.ledger.tables import read_where
from rapport.model.bot import Errand


async def open_errands(db: asyncpg.Connection, tenant: int, limit: int = 50) -> list[Errand]:
    """The oldest calls that nobody has ended."""
    return await read_where(db, tenant, Errand, "open order by at limit $2", limit)
