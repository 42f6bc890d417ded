"""Following: a tenant's rows in memory, brought up to the head of the ledger whenever somebody looks; one at a time."""

import asyncio
import time

import asyncpg

from rapport.ledger.read import head_of
from rapport.measures.entries import STRETCH, Dated, stretch
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
        began, coming = time.monotonic(), self._coming(db, tenant, folded.seq, last)
        try:
            while coming is not None:
                upto, entries = min(last, folded.seq + STRETCH), await coming
                coming = self._coming(db, tenant, upto, last)
                await asyncio.to_thread(folded.fold, entries, upto)
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.wait({coming})
        if folded.stale:
            await asyncio.to_thread(tidy, folded, TIDYING + (time.monotonic() - began) / 10)
        self.folded = folded
        return folded

    def _coming(self, db: asyncpg.Connection, tenant: int, after: int, last: int) -> "asyncio.Task[list[Dated]] | None":
        """The next stretch, which is read while the one before it is folded; None where there is none."""
        if after >= last:
            return None
        return asyncio.create_task(stretch(db, tenant, after, min(last, after + STRETCH), KINDS_READ))
