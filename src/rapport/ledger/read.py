"""Reading: entries from a sequence number on, with their contents opened."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from rapport.ledger.entry import Entry, read_content, read_fact
from rapport.ledger.seal import Keys

COLUMNS = "seq, id, at, subject, kind, source, source_id, body"
# With its content and the wrapped key of that in one round trip; lateral and limited, as no plan may walk those tables.
ENTRIES = f"""select e.*, c.owner, c.sealed, k.wrapped from (select {COLUMNS} from entry where tenant = $1 and {{}}) e
left join lateral (select owner, sealed from content where tenant = $1 and seq = e.seq limit 1) c on true
left join lateral (select wrapped from key where tenant = $1 and owner = c.owner limit 1) k on true order by e.seq"""
AFTER = ENTRIES.format("seq > $2 order by seq limit $3")
OF_KINDS = ENTRIES.format("seq > $2 and kind = any($4::smallint[]) order by seq limit $3")
ONE = ENTRIES.format("seq = $2")


async def read_entries(
    db: asyncpg.Connection, keys: Keys, tenant: int, after: int, limit: int, kinds: Sequence[int] | None = None
) -> list[Entry]:
    """At most `limit` entries with `seq` above `after`, oldest first; only of these kinds, None: all."""
    if kinds is None:
        records = await db.fetch(AFTER, tenant, after, limit)
    else:
        records = await db.fetch(OF_KINDS, tenant, after, limit, kinds)
    return [_entry(keys, tenant, record) for record in records]


async def read_entry(db: asyncpg.Connection, keys: Keys, tenant: int, seq: int) -> Entry | None:
    """The entry with this number; None where there is none."""
    record = await db.fetchrow(ONE, tenant, seq)
    return _entry(keys, tenant, record) if record is not None else None


def _entry(keys: Keys, tenant: int, record: asyncpg.Record) -> Entry:
    seq, id, at, subject, kind, source, source_id, body, owner, sealed, wrapped = record
    content = None
    if sealed is not None:
        if wrapped is not None and not keys.knows(tenant, owner):
            keys.open(tenant, owner, wrapped)
        opened = keys.unseal(tenant, owner, id, sealed)
        content = read_content(kind, opened[1]) if opened else None
    return Entry(tenant, seq, id, at, subject, read_fact(kind, body), content, owner, source, source_id)


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


async def happened_since(db: asyncpg.Connection, tenant: int, after: int, kind: int) -> bool:
    """Whether there is an entry of this kind with `seq` above `after`."""
    asked = "select exists(select from entry where tenant = $1 and seq > $2 and kind = $3)"
    return bool(await db.fetchval(asked, tenant, after, kind))
