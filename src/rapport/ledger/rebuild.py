"""Rebuilding: every row of a tenant's views folded anew from its ledger, in one transaction."""

from collections import deque
from collections.abc import Callable

import asyncpg

from rapport.clock import Clock
from rapport.ledger.entry import Entry
from rapport.ledger.fetch import fetch
from rapport.ledger.folding import fold
from rapport.ledger.keeping import let_go
from rapport.ledger.read import read_entries
from rapport.ledger.seal import Keys
from rapport.ledger.tables import clear_rows, write_rows
from rapport.ledger.views import AllFolds, Rows
from rapport.model.fact import INBOUND

BATCH = 2_000


async def rebuild(
    db: asyncpg.Connection,
    keys: Keys,
    tenant: int,
    views: AllFolds,
    clock: Clock,
    progress: Callable[[int, int], None] = lambda done, whole: None,
) -> int:
    """Fold every entry anew; how many there were. `db`: a transaction within the tenant's wall.

    The head row is locked, so nothing is appended meanwhile; the epoch rises, so a worker reads its rows anew.
    """
    whole = int(await db.fetchval("update head set epoch = epoch + 1 where tenant = $1 returning seq", tenant) or 0)
    cursor = int(await db.fetchval("select seq from cursor where tenant = $1 and name = 'pipeline'", tenant) or 0)
    await clear_rows(db, tenant)
    rows = Rows(clock.now())
    done, pending = 0, deque[Entry]()
    while entries := await read_entries(db, keys, tenant, done, BATCH):
        await fetch(db, tenant, rows, [*pending, *entries], ())
        for entry in entries:
            if type(entry.fact).number in INBOUND:
                pending.append(entry)
            else:
                _fold_upto(pending, int((entry.source or "#0")[1:]), rows, views)
                fold(entry, rows, views)
        done = entries[-1].seq
        await write_rows(db, tenant, rows.take_changes())
        let_go(rows)
        progress(done, whole)
    await fetch(db, tenant, rows, pending, ())
    _fold_upto(pending, cursor, rows, views)
    await write_rows(db, tenant, rows.take_changes())
    return whole


def _fold_upto(pending: deque[Entry], seq: int, rows: Rows, views: AllFolds) -> None:
    """Fold what came from outside, up to `seq`: a worker had taken so much when it wrote what follows."""
    while pending and pending[0].seq <= seq:
        fold(pending.popleft(), rows, views)
