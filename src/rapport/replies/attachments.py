"""Files that go out with replies: kept sealed for whom they go to, from the moment somebody attaches them.

A table beside the views: what nobody has sent is no fact, and facts name a file by the SHA-256 of its bytes. They open with the
key of the handle that they go to, so whoever is forgotten takes their files along.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import asyncpg
import msgspec
from msgspec.structs import replace

from rapport.errors import BadInput
from rapport.ledger.owners import open_keys
from rapport.ledger.seal import Keys
from rapport.model.ids import named_id
from rapport.model.message import Media

MOST = 10  # files beside one reply
LARGEST = 10 * 1024 * 1024  # bytes of one
FORGOTTEN = timedelta(days=30)  # after which a file that was never sent is let go
LONGEST_ALT = 1_500
_KEEP = """insert into attachment(tenant, id, hash, handle, conversation, agent, at, about, sealed)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing"""
_KEPT = """select id, handle, about from attachment
where tenant = $1 and conversation = $2 and agent = $3 and said_at is null order by at, id"""
_OWN = "tenant = $1 and conversation = $2 and agent = $3 and said_at is null"


class Kept(msgspec.Struct, frozen=True):
    """A file beside a composer; `id` names it there."""

    id: bytes
    file: Media


async def keep_file(
    db: asyncpg.Connection, keys: Keys, tenant: int, conversation: bytes, agent: str, file: Media, data: bytes, now: datetime
) -> Kept:
    """Keep a file beside what an agent writes in a conversation; the same bytes twice are one.

    Raises BadInput where there is no such conversation, or too many files.
    """
    handle = await db.fetchval("select handle from conversation where tenant = $1 and id = $2", tenant, conversation)
    if handle is None:
        raise BadInput(f"no conversation {conversation.hex()}; reload the page")
    await db.execute("delete from attachment where tenant = $1 and said_at is null and at < $2", tenant, now - FORGOTTEN)
    count = await db.fetchval(f"select count(*) from attachment where {_OWN}", tenant, conversation, agent)
    if count >= MOST:
        raise BadInput(f"A reply carries at most {MOST} files; send the others with the next one.")
    await open_keys(db, keys, tenant, [handle])
    if not keys.knows(tenant, handle):
        raise BadInput("This person was forgotten; nothing can be kept for them.")
    digest = sha256(data).digest()
    id = named_id(now, tenant, conversation, agent, digest)
    about, _ = keys.seal(tenant, handle, id, msgspec.msgpack.encode(file))
    sealed, _ = keys.seal(tenant, handle, digest[:16], data)
    at = now + timedelta(microseconds=count)  # several come at one time, and stand in their order
    await db.execute(_KEEP, tenant, id, digest, handle, conversation, agent, at, about, sealed)
    return Kept(id, file)


async def files_beside(db: asyncpg.Connection, keys: Keys, tenant: int, conversation: bytes, agent: str) -> tuple[Kept, ...]:
    """What is attached to what an agent writes there, oldest first."""
    found = await db.fetch(_KEPT, tenant, conversation, agent)
    await open_keys(db, keys, tenant, {row["handle"] for row in found})
    kept = []
    for row in found:
        opened = keys.unseal(tenant, row["handle"], row["id"], row["about"])
        if opened is not None:
            kept.append(Kept(row["id"], msgspec.msgpack.decode(opened[1], type=Media)))
    return tuple(kept)


async def describe(
    db: asyncpg.Connection, keys: Keys, tenant: int, conversation: bytes, agent: str, said: dict[bytes, str]
) -> tuple[Kept, ...]:
    """Keep what somebody says that their pictures show, by the file's id; what is attached then."""
    kept = []
    for one in await files_beside(db, keys, tenant, conversation, agent):
        alt = " ".join(said.get(one.id, one.file.alt).split())[:LONGEST_ALT]
        file = replace(one.file, alt=alt)
        if file != one.file:
            handle = await db.fetchval("select handle from attachment where tenant = $1 and id = $2", tenant, one.id)
            about, _ = keys.seal(tenant, handle, one.id, msgspec.msgpack.encode(file))
            await db.execute("update attachment set about = $3 where tenant = $1 and id = $2", tenant, one.id, about)
        kept.append(Kept(one.id, file))
    return tuple(kept)


async def take_away(db: asyncpg.Connection, tenant: int, conversation: bytes, agent: str, id: bytes) -> None:
    """Remove a file from beside the composer; one that was sent stays with its message."""
    await db.execute(f"delete from attachment where {_OWN} and id = $4", tenant, conversation, agent, id)


async def went_out(
    db: asyncpg.Connection, tenant: int, conversation: bytes, agent: str, ids: Sequence[bytes], now: datetime
) -> None:
    """They belong to a reply now, and are beside the composer no more."""
    query = f"update attachment set said_at = $5 where {_OWN} and id = any($4::uuid[])"
    await db.execute(query, tenant, conversation, agent, list(ids), now)


async def back_to_composer(
    db: asyncpg.Connection, tenant: int, conversation: bytes, agent: str, blobs: Sequence[str], before: datetime
) -> None:
    """A reply came back: its files stand beside the composer again, unless a later one than `before` took them along."""
    await db.execute(
        "update attachment set said_at = null where tenant = $1 and said_at < $5 and id in (select distinct on (hash) id"
        " from attachment where tenant = $1 and conversation = $2 and agent = $3 and hash = any($4::bytea[])"
        " order by hash, at desc)",
        tenant, conversation, agent, [bytes.fromhex(blob) for blob in blobs], before,
    )  # fmt: skip


async def read_files(db: asyncpg.Connection, keys: Keys, tenant: int, blobs: Sequence[str]) -> dict[str, bytes]:
    """The bytes of files by the SHA-256 that names them; what is gone, or cannot be opened any more, is left out."""
    hashes = [bytes.fromhex(blob) for blob in blobs]
    rows = await db.fetch(
        "select hash, handle, sealed from attachment where tenant = $1 and hash = any($2::bytea[])", tenant, hashes
    )
    await open_keys(db, keys, tenant, {row["handle"] for row in rows})
    found = {}
    for row in rows:
        opened = keys.unseal(tenant, row["handle"], row["hash"][:16], row["sealed"])
        if opened is not None:
            found[row["hash"].hex()] = opened[1]
    return found


async def known_as(db: asyncpg.Connection, keys: Keys, tenant: int, blob: str) -> Media | None:
    """What is known of a file, as whoever attached it last said it."""
    row = await db.fetchrow(
        "select id, handle, about from attachment where tenant = $1 and hash = $2 order by at desc limit 1",
        tenant, bytes.fromhex(blob),
    )  # fmt: skip
    if row is None:
        return None
    await open_keys(db, keys, tenant, [row["handle"]])
    opened = keys.unseal(tenant, row["handle"], row["id"], row["about"])
    return msgspec.msgpack.decode(opened[1], type=Media) if opened is not None else None
