"""Our own copies of files that came with messages."""

from hashlib import sha256

import asyncpg
import msgspec

_KEEP = "insert into blob (tenant, hash, type, size, data) values ($1, $2, $3, $4, $5) on conflict do nothing"
_ONE = "select type, data from blob where tenant = $1 and hash = $2"


class Blob(msgspec.Struct, frozen=True):
    """A copy as it came; `type`: its media type, as it was found."""

    type: str
    data: bytes


async def read_blob(db: asyncpg.Connection, tenant: int, digest: bytes) -> Blob | None:
    """The copy with this SHA-256; None where there is none, or no more."""
    row = await db.fetchrow(_ONE, tenant, digest)
    return Blob(*row) if row is not None else None


async def keep_blob(db: asyncpg.Connection, tenant: int, data: bytes) -> None:
    """Keep a file's bytes; what type they are, the message's Media says."""
    await db.execute(_KEEP, tenant, sha256(data).digest(), "application/octet-stream", len(data), data)
