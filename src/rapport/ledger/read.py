"""Reading: entries from a sequence number on, with their contents opened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rapport.ledger.entry import Entry, read_content, read_fact
from rapport.ledger.owners import open_keys
from rapport.ledger.seal import Keys
from rapport.model.fact import KINDS

COLUMNS = "seq, id, at, subject, kind, source, source_id, body"


async def read_entries(
    db: asyncpg.Connection, keys: Keys, tenant: int, after: int, limit: int, kinds: Sequence[int] | None = None
) -> list[Entry]:
    """At most `limit` entries with `seq` above `after`, oldest first; only of these kinds, None: all."""
    if kinds is None:
        records = await db.fetch(
            f"select {COLUMNS} from entry where tenant = $1 and seq > $2 order by seq limit $3", tenant, after, limit
        )
    else:
        records = await db.fetch(
            f"select {COLUMNS} from entry where tenant = $1 and seq > $2 and kind = any($4::smallint[]) order by seq limit $3",
            tenant,
            after,
            limit,
            kinds,
        )
    return await _entries(db, keys, tenant, records)


async def read_entry(db: asyncpg.Connection, keys: Keys, tenant: int, seq: int) -> Entry | None:
    """The entry with this number; None where there is none."""
    records = await db.fetch(f"select {COLUMNS} from entry where tenant = $1 and seq = $2", tenant, seq)
    found = await _entries(db, keys, tenant, records)
    return found[0] if found else None


async def _entries(db: asyncpg.Connection, keys: Keys, tenant: int, records: list[Any]) -> list[Entry]:  # Any: asyncpg's Record
    with_content = [r["seq"] for r in records if KINDS[r["kind"]].content_type is not None]
    contents = await _contents(db, keys, tenant, {r["seq"]: (r["id"], r["kind"]) for r in records}, with_content)
    found = []
    for seq, id, at, subject, kind, source, source_id, body in records:
        content, owner = contents.get(seq, (None, None))
        found.append(Entry(tenant, seq, id, at, subject, read_fact(kind, body), content, owner, source, source_id))
    return found


async def _contents(
    db: asyncpg.Connection, keys: Keys, tenant: int, named: dict[int, tuple[bytes, int]], seqs: list[int]
) -> dict[int, tuple[msgspec.Struct | None, bytes]]:
    if not seqs:
        return {}
    records = await db.fetch(
        "select seq, owner, sealed from content where tenant = $1 and seq = any($2::bigint[])", tenant, seqs
    )
    await open_keys(db, keys, tenant, {owner for _, owner, _ in records})
    found: dict[int, tuple[msgspec.Struct | None, bytes]] = {}
    for seq, owner, sealed in records:
        id, kind = named[seq]
        opened = keys.unseal(tenant, owner, id, sealed)
        found[seq] = (read_content(kind, opened[1]) if opened else None, owner)
    return found


class Seen(msgspec.Struct, frozen=True):
    """An entry as the live stream needs it: what happened to what, without its content."""

    seq: int
    at: datetime
    kind: int
    subject: bytes
    body: bytes


async def seen_after(db: asyncpg.Connection, tenant: int, after: int, limit: int = 500) -> list[Seen]:
    """What came after `after`, contents left sealed."""
    records = await db.fetch(
        "select seq, at, kind, subject, body from entry where tenant = $1 and seq > $2 order by seq limit $3",
        tenant,
        after,
        limit,
    )
    return [Seen(*record) for record in records]


async def head_of(db: asyncpg.Connection, tenant: int) -> int:
    """The number of the last entry; 0 where there is none."""
    return int(await db.fetchval("select seq from head where tenant = $1", tenant) or 0)
