"""The record's latest checkpoint, for whoever keeps one elsewhere."""

from datetime import datetime
from typing import NamedTuple

import asyncpg

_LATEST = "select size, root, at, note from checkpoint where tenant = $1 order by size desc limit 1"


class Latest(NamedTuple):
    """A checkpoint: so many entries, their root, when it was signed, and the signed note."""

    size: int
    root: bytes
    at: datetime
    note: str


async def latest_checkpoint(db: asyncpg.Connection, tenant: int) -> Latest | None:
    """The latest one; None before the first."""
    row = await db.fetchrow(_LATEST, tenant)
    return Latest(*row) if row else None
