"""Files that go out with replies: kept sealed for whom they go to, from the moment somebody attaches them.

A table beside the views: what nobody has sent is no fact, and facts name a file by the SHA-256 of its bytes. They open with the
key of the handle that they go to, so whoever is forgotten takes their files along.
"""

from collections.abc import Callable, Sequence
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
_COPIES = """select a.id, a.hash, a.handle, array[coalesce(h.name, ''), coalesce(t.name, '')] as names
from attachment a left join handle h on h.tenant = a.tenant and h.id = a.handle
left join conversation c on c.tenant = a.tenant and c.id = a.conversation
left join handle t on t.tenant = a.tenant and t.id = c.handle
where a.tenant = $1 and a.hash = any($2::bytea[]) order by a.at desc, a.id"""
AT_ONCE = 100  # copies of a file whose keys are looked for at a time
Whose = Callable[[str], bool]  # whether a file may be read as that of the handle of this name


def anybody(name: str) -> bool:
    """Where it is the same whose copy of a file is read."""
    return True


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


async def read_files(
    db: asyncpg.Connection, keys: Keys, tenant: int, blobs: Sequence[str], *, whose: Whose = anybody
) -> dict[str, bytes]:
    """The bytes of files by the SHA-256 that names them; what is gone, or cannot be opened any more, is left out.

    Many may have been sent one file, each their own copy: one is fetched, of those whose handle's name is `whose`.
    """
    chosen = await _chosen(db, keys, tenant, blobs, whose)
    sealed = await db.fetch(
        "select id, hash, handle, sealed from attachment where tenant = $1 and id = any($2::uuid[])", tenant, chosen
    )
    found = {}
    for row in sealed:
        opened = keys.unseal(tenant, row["handle"], row["hash"][:16], row["sealed"])
        if opened is not None:
            found[row["hash"].hex()] = opened[1]
    return found


async def known_as(db: asyncpg.Connection, keys: Keys, tenant: int, blob: str, *, whose: Whose = anybody) -> Media | None:
    """What is known of a file, as whoever attached it last said it, of those who can be opened and are `whose`."""
    for id in await _chosen(db, keys, tenant, [blob], whose):
        row = await db.fetchrow("select handle, about from attachment where tenant = $1 and id = $2", tenant, id)
        opened = keys.unseal(tenant, row["handle"], id, row["about"]) if row else None
        if opened is not None:
            return msgspec.msgpack.decode(opened[1], type=Media)
    return None


async def _chosen(db: asyncpg.Connection, keys: Keys, tenant: int, blobs: Sequence[str], whose: Whose) -> list[bytes]:
    """Of each file the newest attachment with its key: for a handle that is `whose`, or in the conversation that it has now."""
    rows = await db.fetch(_COPIES, tenant, [bytes.fromhex(blob) for blob in blobs])
    rows = [row for row in rows if any(map(whose, row["names"]))]
    chosen: dict[bytes, bytes] = {}
    for start in range(0, len(rows), AT_ONCE):
        some = [row for row in rows[start : start + AT_ONCE] if row["hash"] not in chosen]
        await open_keys(db, keys, tenant, {row["handle"] for row in some})
        for row in some:
            if keys.knows(tenant, row["handle"]):
                chosen.setdefault(row["hash"], row["id"])
    return list(chosen.values())
