"""Kept stories, as they are on record: which, by whom, and for which departments."""

import asyncpg

from rapport.ledger.tables import read_rows, read_where
from rapport.model.story import KeptStory

MOST = 500


async def kept_stories(db: asyncpg.Connection, tenant: int) -> list[KeptStory]:
    """All that are kept, the latest first."""
    return await read_where(db, tenant, KeptStory, "by <> '' order by at desc, id limit $2", MOST)


async def kept_story(db: asyncpg.Connection, tenant: int, id: bytes) -> KeptStory | None:
    """What is kept of a story; None where it is not kept."""
    found = await read_rows(db, tenant, KeptStory, [id])
    return found[0] if found else None
