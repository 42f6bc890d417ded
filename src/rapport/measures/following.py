"""Following: a tenant's rows in memory, brought up to the head of the ledger whenever somebody looks; one at a time."""

import asyncio
import time

import asyncpg

from rapport.ledger.read import head_of
from rapport.measures.entries import STRETCH, stretch
from rapport.measures.folding import KINDS_READ, Folded
from rapport.measures.tiles import tidy

TIDYING = 0.02  # seconds, beside a tenth of what the reading took, in which days are summed up for the reports to come


class Following:
    """The rows of one tenant, `folded` up to an entry of `head`; whoever reads them holds `lock`, and brings them up first."""

    def __init__(self) -> None:
        self.folded = Folded()
        self.head = 0
        self.lock = asyncio.Lock()

    @property
    def share(self) -> float:
        """How much of the ledger is in the rows, in [0, 1]."""
        return self.folded.seq / self.head if self.head else 1.0

    async def catch_up(self, db: asyncpg.Connection, tenant: int, most: int = 1_000_000) -> Folded:
        """Fold what came since, so many entries at most: a long ledger that nobody looked at yet is read in several goes."""
        folded, self.folded = self.folded, Folded()  # half a stretch may be in the rows of whoever fails
        self.head = await head_of(db, tenant)
        last = min(self.head, folded.seq + most)
        began = time.monotonic()
        while folded.seq < last:
            upto = min(last, folded.seq + STRETCH)
            entries = await stretch(db, tenant, folded.seq, upto, KINDS_READ)
            await asyncio.to_thread(folded.fold, entries, upto)
        if folded.stale:
            await asyncio.to_thread(tidy, folded, TIDYING + (time.monotonic() - began) / 10)
        self.folded = folded
        return folded
