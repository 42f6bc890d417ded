"""Single entries: whether each is the one that was recorded, and the bytes of what could not be read."""

from collections.abc import Collection

import asyncpg

from rapport.audit.verify import EPOCH, MICROSECOND
from rapport.ledger.merkle import canonical, commit, leaf_hash
from rapport.ledger.owners import open_keys
from rapport.ledger.read import read_entry
from rapport.ledger.seal import Keys
from rapport.ledger.tables import read_rows
from rapport.model.fact import RawBytes
from rapport.model.message import Message

_SOME = """
select e.seq, e.at, e.id, e.subject, e.kind, e.source, e.source_id, e.body, e.leaf, c.owner, c.sealed, c.commitment
from entry e left join content c on c.tenant = e.tenant and c.seq = e.seq
where e.tenant = $1 and e.seq = any($2::bigint[])"""
_HEARD = "select seq from entry where tenant = $1 and source = $2 and source_id = $3"


async def unaltered(db: asyncpg.Connection, keys: Keys, tenant: int, seqs: Collection[int]) -> dict[int, bool]:
    """Of each of these entries: whether its leaf, computed again, is the one on record, and its content what was committed to.

    That no entry is missing, and that the tree holds them all, is for `verify` to say.
    """
    records = await db.fetch(_SOME, tenant, list(seqs))
    await open_keys(db, keys, tenant, {r["owner"] for r in records if r["owner"] is not None})
    return {record["seq"]: _is_unaltered(record, keys, tenant) for record in records}


def _is_unaltered(record: asyncpg.Record, keys: Keys, tenant: int) -> bool:
    _, at, id, subject, kind, source, source_id, body, leaf, owner, sealed, commitment = record
    micros = (at - EPOCH) // MICROSECOND
    if leaf_hash(canonical(micros, id, subject, kind, source, source_id, body, commitment or b"")) != leaf:
        return False
    if sealed is None:
        return True
    opened = keys.unseal(tenant, owner, id, sealed)
    return commit(*opened) == commitment if opened is not None else not keys.knows(tenant, owner)


async def raw_bytes(db: asyncpg.Connection, keys: Keys, tenant: int, message: bytes) -> bytes | None:
    """The bytes of a message that could not be read, as they came; None where there are none, or they were erased."""
    rows = await read_rows(db, tenant, Message, [message])
    seq = await db.fetchval(_HEARD, tenant, f"in:{rows[0].account}", rows[0].key) if rows else None
    entry = await read_entry(db, keys, tenant, seq) if seq is not None else None
    return entry.content.raw if entry is not None and isinstance(entry.content, RawBytes) else None
