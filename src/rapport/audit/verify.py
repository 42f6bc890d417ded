"""Verify: every entry hashed anew, every number in its place, every checkpoint's root and signature; what is wrong is named."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg

from rapport.ledger.checkpoint import origin_of, read_note, signing_key
from rapport.ledger.merkle import canonical, commit, extend, leaf_hash, root
from rapport.ledger.owners import open_keys
from rapport.ledger.seal import Keys

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC) - EPOCH
BATCH = 5_000
MOST_FAULTS = 100
ENTRIES = """
select e.seq, e.at, e.id, e.subject, e.kind, e.source, e.source_id, e.body, e.leaf, c.owner, c.sealed, c.commitment
from entry e left join content c on c.tenant = e.tenant and c.seq = e.seq
where e.tenant = $1 and e.seq > $2 and e.seq <= $3 order by e.seq"""


@dataclass(slots=True)
class Verdict:
    """What was found. `erased`: contents whose key is gone, which is no fault."""

    tenant: int
    entries: int = 0
    contents: int = 0
    erased: int = 0
    checkpoints: int = 0
    root: bytes = b""
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def fault(self, text: str) -> None:
        """Note what is wrong; the first hundred are kept."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(text)


def _untold(done: int) -> None:
    """Nobody asked how far it is."""


async def verify(db: asyncpg.Connection, keys: Keys, tenant: int, tell: Callable[[int], None] = _untold) -> Verdict:
    """Read a tenant's whole ledger and check it. `db`: a transaction within the tenant's wall, one snapshot.

    `tell` is called with the number of entries that were checked, now and then.
    """
    found = Verdict(tenant)
    checkpoints = {
        size: (top, note)
        for size, top, note in await db.fetch("select size, root, note from checkpoint where tenant = $1 order by size", tenant)
    }
    peaks: list[tuple[int, bytes]] = []
    async for leaves in _leaves(db, keys, tenant, found):
        for leaf in leaves:
            peaks = extend(peaks, [leaf])
            found.entries += 1
            if found.entries in checkpoints:
                _compare(found, root(peaks), *checkpoints.pop(found.entries), keys)
        tell(found.entries)
    found.root = root(peaks)
    for size in checkpoints:
        found.fault(f"a checkpoint says {size} entries, the ledger has {found.entries}: entries were cut off")
    head = await db.fetchval("select seq from head where tenant = $1", tenant)
    if head != found.entries:
        found.fault(f"the head says {head} entries, {found.entries} are there")
    return found


async def _leaves(db: asyncpg.Connection, keys: Keys, tenant: int, found: Verdict) -> AsyncIterator[list[bytes]]:
    last, expected = int(await db.fetchval("select coalesce(max(seq), 0) from entry where tenant = $1", tenant)), 1
    for after in range(0, last, BATCH):
        records = await db.fetch(ENTRIES, tenant, after, after + BATCH)
        await open_keys(db, keys, tenant, {r["owner"] for r in records if r["owner"] is not None})
        leaves = []
        for record in records:
            if record["seq"] != expected:
                found.fault(f"entry {expected} is missing")
            expected = record["seq"] + 1
            leaves.append(_checked(record, keys, tenant, found))
        yield leaves


def _checked(record: asyncpg.Record, keys: Keys, tenant: int, found: Verdict) -> bytes:
    seq, at, id, subject, kind, source, source_id, body, leaf, owner, sealed, commitment = record
    micros = (at - EPOCH) // MICROSECOND
    made = leaf_hash(canonical(micros, id, subject, kind, source, source_id, body, commitment or b""))
    if made != leaf:
        found.fault(f"entry {seq} does not hash to its leaf: it was changed")
    if sealed is not None:
        found.contents += 1
        opened = keys.unseal(tenant, owner, id, sealed)
        if opened is not None:
            if commit(*opened) != commitment:
                found.fault(f"the content of entry {seq} is not what was committed to")
        elif keys.knows(tenant, owner):
            found.fault(f"the content of entry {seq} does not open with its handle's key: it was changed")
        else:
            found.erased += 1
    return made


def _compare(found: Verdict, top: bytes, stored: bytes, note: str, keys: Keys) -> None:
    found.checkpoints += 1
    said = read_note(note, signing_key(keys, found.tenant).public_key())
    if said is None:
        found.fault(f"the checkpoint at {found.entries} entries is not signed by this centre's key")
    elif said != (origin_of(found.tenant), found.entries, top) or stored != top:
        found.fault(f"the checkpoint at {found.entries} entries has another root: an entry before it was changed")
