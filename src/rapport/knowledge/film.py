"""Videos of articles: kept beside the other media, read piece by piece."""

import hashlib

import asyncpg

from rapport.errors import BadInput

LARGEST = 60_000_000  # bytes of a video
PIECE = 1_000_000  # bytes that are read at once
_KEEP = "insert into blob (tenant, hash, type, size, data) values ($1, $2, $3, $4, $5) on conflict do nothing"
_SIZE = "select type, size from blob where tenant = $1 and hash = $2 and type like 'video/%'"
_PIECE = "select substring(data from $3 for $4) from blob where tenant = $1 and hash = $2"
_MAY = """select exists (select from article where tenant = $1 and video = $2 and state = 'published' and audience = any($3))"""


def kind_of(data: bytes) -> str:
    """The media type of a video by its first bytes. Raises BadInput where it is neither MP4 nor WebM, or too large."""
    if len(data) > LARGEST:
        raise BadInput(f"the video has {len(data)} bytes; at most {LARGEST} can be kept, so make it shorter or smaller")
    if data[4:8] == b"ftyp":
        return "video/mp4"
    if data[:4] == b"\x1aE\xdf\xa3" and b"webm" in data[:64]:
        return "video/webm"
    raise BadInput("the file is no video in MP4 or WebM; save it as one of these")


async def keep(db: asyncpg.Connection, tenant: int, data: bytes) -> str:
    """Keep a video; its name, which is the same for the same bytes. Raises BadInput."""
    kind, digest = kind_of(data), hashlib.sha256(data).digest()
    await db.execute(_KEEP, tenant, digest, kind, len(data), data)
    return digest.hex()


async def size_of(db: asyncpg.Connection, tenant: int, video: str) -> tuple[str, int] | None:
    """The type and size of a video; None where there is none."""
    row = await db.fetchrow(_SIZE, tenant, bytes.fromhex(video))
    return (row["type"], row["size"]) if row else None


async def piece(db: asyncpg.Connection, tenant: int, video: str, start: int, size: int) -> bytes:
    """Some bytes of a video; fewer than `size` at its end."""
    return bytes(await db.fetchval(_PIECE, tenant, bytes.fromhex(video), start + 1, size) or b"")


async def may_be_seen(db: asyncpg.Connection, tenant: int, video: str, audience: tuple[str, ...]) -> bool:
    """Whether a published article for this audience shows the video."""
    return bool(await db.fetchval(_MAY, tenant, video, list(audience)))
