"""Our own copies of files that came with messages."""

import asyncpg
import msgspec

_ONE = "select type, data from blob where tenant = $1 and hash = $2"


class Blob(msgspec.Struct, frozen=True):
    """A copy as it came; `type`: its media type, as it was found."""

    type: str
    data: bytes


async def read_blob(db: asyncpg.Connection, tenant: int, digest: bytes) -> Blob | None:
    """The copy with this SHA-256; None where there is none, or no more."""
    row = await db.fetchrow(_ONE, tenant, digest)
    return Blob(*row) if row is not None else None
