"""One round of one tenant: read what came, let the stages say what follows, write facts, rows and cursor as one.

The head row is locked last and only for the append; `epoch` on it fences off a worker that was cut off and wakes. Any error in
a round empties the rows in memory: they are valid only while every round succeeds.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import asyncpg
from msgspec.structs import replace

from rapport.errors import Conflict
from rapport.ledger.append import APPEND, append_values, prepare
from rapport.ledger.entry import Entry, New
from rapport.ledger.fetch import MOVES, fetch, fetch_resident, leaving
from rapport.ledger.keeping import let_go
from rapport.ledger.owners import open_keys
from rapport.ledger.read import read_entries, read_entry
from rapport.ledger.seal import Keys
from rapport.ledger.tables import parts_of, read_rows, read_where
from rapport.ledger.views import Changes, Rows
from rapport.model.centre import Thing
from rapport.model.fact import INBOUND, ActionTaken
from rapport.model.reply import Aside, Outgoing, Reminder

CURSOR = "pipeline"
MOST_DUE = 500
READS_MORE = frozenset({"retry", "moderate", "seen_mentions", "unsend", *MOVES})
Landed = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Batch:
    """What a round takes in, `after` the entry that the cursor stands at.

    `again`: entries set aside that somebody wants to be tried once more, by their number.
    """

    entries: list[Entry]
    due: list[Reminder]
    after: int
    again: dict[int, Entry] = field(default_factory=dict)

    @property
    def upto(self) -> int:
        """The number of the last entry in it."""
        return self.entries[-1].seq if self.entries else self.after


# Facts, cursor and rows in one statement, and so in one transaction and one round trip. Where the cursor or the epoch is not
# ours any more it divides by zero, which undoes all of it.
WRITE = (
    f"with {APPEND}, cur as (update cursor set seq = $17, done = done + $18 where tenant = $1 and name = $15 and seq = $16"
    " returning 1){} select 1 / ((select count(*) from cur) * (select count(*) from h))"
)


@lru_cache(1024)
def _write(parts: str) -> str:
    """One and the same text for the same parts: the connection finds its statement by it."""
    return WRITE.format(parts)


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it is written: its statement, the statement's parameters, and the rows that it changes."""

    statement: str
    values: list[Any]  # Any: as asyncpg takes them
    changed: Changes

    @property
    def queued(self) -> bool:
        """Whether it writes parts that may have to be sent."""
        return Outgoing in self.changed

    @property
    def arranged(self) -> bool:
        """Whether it changes the centre."""
        return Thing in self.changed


async def at_once() -> None:
    """Nothing is on its way into the tables."""


def reads_more(entry: Entry) -> bool:
    """Whether digesting an entry takes more than rows by their ids: who goes leaves interactions, a retry an old entry."""
    return bool(leaving([entry])) or (isinstance(entry.fact, ActionTaken) and entry.fact.do in READS_MORE)


@dataclass(slots=True)
class Tenant:
    """A tenant that this worker has the lease of."""

    id: int
    epoch: int
    keys: Keys
    rows: Rows | None = None
    cursor: int = 0
    next_due: datetime | None = None

    async def load(self, reader: asyncpg.Connection, now: datetime) -> Rows:
        """The rows of this tenant, read anew when they are not in memory."""
        if self.rows is None:
            self.cursor = int(
                await reader.fetchval("select seq from cursor where tenant = $1 and name = $2", self.id, CURSOR) or 0
            )
            rows = Rows(now)
            await fetch_resident(reader, self.id, rows)
            self.rows = rows
        self.rows.now = now
        return self.rows

    async def take(self, reader: asyncpg.Connection, now: datetime, limit: int, landed: Landed = at_once) -> Batch:
        """What waits to be digested: inbound entries after the cursor, and reminders that are due.

        `landed`: waits until the round before is in the tables; asked only where more must be read than rows by their ids.
        """
        if self.rows is None:
            await landed()
        rows = await self.load(reader, now)
        let_go(rows)  # not when a round lands: the next may have fetched what it needs by then
        entries = await read_entries(reader, self.keys, self.id, self.cursor, limit, INBOUND)
        due: list[Reminder] = []
        if self.next_due is None or self.next_due <= now:
            await landed()
            due = await read_where(reader, self.id, Reminder, "at <= $2 order by at limit $3", now, MOST_DUE)
            self.next_due = now if len(due) == MOST_DUE else await self._after(reader, now)
        batch = Batch(entries, due, self.cursor)
        if any(reads_more(entry) for entry in entries):
            await landed()
        for entry in entries:
            fact = entry.fact
            if isinstance(fact, ActionTaken) and fact.do == "retry" and fact.argument.isdigit():
                old = await read_entry(reader, self.keys, self.id, int(fact.argument))
                if old is not None:
                    batch.again[old.seq] = old
                    for aside in await read_rows(reader, self.id, Aside, [old.id]):
                        rows.hold(aside)
        if entries or due:
            await fetch(reader, self.id, rows, [*entries, *batch.again.values()], due)
        return batch

    async def _after(self, reader: asyncpg.Connection, now: datetime) -> datetime:
        found = await reader.fetchval('select min("at") from reminder where tenant = $1 and "at" > $2', self.id, now)
        return found or now.max.replace(tzinfo=now.tzinfo)

    async def compose(self, reader: asyncpg.Connection, batch: Batch, facts: Sequence[New], landed: Landed = at_once) -> Round:
        """The statement that writes facts, changed rows and the cursor; from here on memory is ahead of the tables.

        `landed`: as in `take`; always asked, when all is ready.
        """
        assert self.rows is not None
        await open_keys(reader, self.keys, self.id, {f.owner for f in facts if f.owner is not None and f.content is not None})
        prepared = [prepare(self.keys, self.id, self._readable(fact)) for fact in facts]
        await landed()
        changed = self.rows.writing = self.rows.take_changes()
        parts, values = parts_of(changed, 19, few=len(batch.entries) + len(batch.due) <= 1)
        cursor = [CURSOR, self.cursor, batch.upto, len(batch.entries)]
        self.cursor = batch.upto
        for reminder in changed.get(Reminder, {}).values():
            if isinstance(reminder, Reminder) and self.next_due is not None:
                self.next_due = min(self.next_due, reminder.at)
        values = [*append_values(self.id, prepared, self.epoch), *cursor, *values]
        return Round(_write(parts), values, changed)

    def _readable(self, fact: New) -> New:
        """The fact; without its content where its owner was erased, and nobody could ever read it."""
        is_lost = fact.content is not None and fact.owner is not None and not self.keys.knows(self.id, fact.owner)
        return replace(fact, content=None) if is_lost else fact

    async def write(self, writer: asyncpg.Connection, round: Round) -> None:
        """Write a round that was composed, in one transaction.

        Raises:
            Conflict: another worker has the tenant now.
        """
        rows = self.rows
        try:
            await writer.execute(round.statement, *round.values)
        except asyncpg.DivisionByZeroError:
            raise Conflict(f"another worker has tenant {self.id} now") from None
        if rows is not None:
            rows.writing = {}

    def reset(self) -> None:
        """Forget everything in memory, after an error."""
        self.rows = None
        self.next_due = None
