"""Appending: facts exactly once, dense per tenant, many callers in one transaction.

Rows are nearly free, transactions are not: one appender per process, one connection, one transaction over all tenants that
wait, their head rows locked in order. For one tenant that is one statement, so that no head stays locked while this process is
busy with something else. A duplicate (same tenant, source and source id) is found by the unique index; the batch is then tried
again without what is already there, so `seq` stays dense. What was measured stands in docs/ledger.md.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg

from rapport.errors import Overloaded, StoreError
from rapport.ledger.entry import New, body_of, content_bytes
from rapport.ledger.merkle import canonical, leaf_hash
from rapport.ledger.seal import Keys
from rapport.store.pool import set_tenants

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_AT_ONCE = 1000
APPEND = """h as (update head set seq = seq + $2 where tenant = $1 and ($14::bigint is null or epoch = $14)
           returning seq - $2 as base),
     u as (select * from unnest($3::timestamptz[], $4::uuid[], $5::uuid[], $6::smallint[], $7::text[], $8::text[], $9::bytea[],
           $10::bytea[], $11::uuid[], $12::bytea[], $13::bytea[])
           with ordinality as u(at, id, subject, kind, source, source_id, body, leaf, owner, sealed, commitment, ord)),
     c as (insert into content (tenant, seq, owner, sealed, commitment)
           select $1, h.base + u.ord, u.owner, u.sealed, u.commitment from h, u where u.sealed is not null),
     e as (insert into entry (tenant, seq, at, id, subject, kind, source, source_id, body, leaf)
           select $1, h.base + u.ord, u.at, u.id, u.subject, u.kind, u.source, u.source_id, u.body, u.leaf from h, u)"""
_MOVES = " on conflict (tenant, account) do update set cursor = excluded.cursor, at = excluded.at"
POSITIONS = (
    "insert into position (tenant, account, cursor, at)"
    " select $1, u.account, u.cursor, now() from unnest($2::text[], $3::bytea[]) as u(account, cursor)" + _MOVES
)
APPEND_WITH_POSITIONS = f"""with {APPEND},
     p as (insert into position (tenant, account, cursor, at)
           select $1, u.account, u.cursor, now() from h, unnest($15::text[], $16::bytea[]) as u(account, cursor){_MOVES})
    select base from h"""
Prepared = tuple[datetime, bytes, bytes, int, str | None, str | None, bytes, bytes, bytes | None, bytes | None, bytes | None]


def prepare(keys: Keys, tenant: int, new: New) -> Prepared:
    """The columns of a fact's row, its content sealed. The owner's key must be open.

    Raises:
        KeyError: the owner's key is not open.
    """
    body = body_of(new.fact)
    sealed = commitment = None
    if new.content is not None and new.owner is not None:
        sealed, commitment = keys.seal(tenant, new.owner, new.id, content_bytes(new.content))
    micros = (new.at - EPOCH) // _MICROSECOND
    number = type(new.fact).number
    leaf = leaf_hash(canonical(micros, new.id, new.subject, number, new.source, new.source_id, body, commitment or b""))
    owner = new.owner if sealed is not None else None
    return new.at, new.id, new.subject, number, new.source, new.source_id, body, leaf, owner, sealed, commitment


_MICROSECOND = datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC) - EPOCH


async def append_rows(db: asyncpg.Connection, tenant: int, rows: Sequence[Prepared], epoch: int | None = None) -> int | None:
    """Append within the caller's transaction; the `seq` before the first, or None where `epoch` is not the head's any more."""
    base: int | None = await db.fetchval(f"with {APPEND} select base from h", *append_values(tenant, rows, epoch))
    return base


def append_values(tenant: int, rows: Sequence[Prepared], epoch: int | None) -> list[Any]:  # Any: as asyncpg takes them
    """The parameters `$1` to `$14` of an append."""
    columns: list[list[Any]] = list(map(list, zip(*rows, strict=True))) if rows else [[] for _ in range(11)]
    return [tenant, len(rows), *columns, epoch]


@dataclass(slots=True)
class _Waiting:
    tenant: int
    rows: list[Prepared]
    done: "asyncio.Future[list[bool]]"
    position: tuple[str, bytes] | None = None


@dataclass(slots=True)
class Appender:
    """Takes facts from many callers and appends them together. `db`: a connection of its own, its wall moved here."""

    db: asyncpg.Connection = None
    most_waiting: int = 20_000
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _count: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _wall: tuple[asyncpg.Connection | None, tuple[int, ...]] = (None, ())

    async def append(self, tenant: int, rows: Sequence[Prepared], position: tuple[str, bytes] | None = None) -> list[bool]:
        """Append all or nothing, durable when it returns; False for each row that the ledger already had.

        `position` (account, cursor) is stored in the same transaction.
        Raises:
            Overloaded: too much waits; nothing was taken.
        """
        if self._count > self.most_waiting:
            raise Overloaded(f"{self._count} entries wait to be written, the limit is {self.most_waiting}")
        done: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(tenant, list(rows), done, position))
        self._count += len(rows)
        self._wake.set()
        return await done

    async def flush(self, last: int) -> int:
        """Write what waits, as one transaction; returns how many rows. `last`: the size of the batch before, for the linger."""
        await self._wake.wait()
        if last > 1:
            await asyncio.sleep(0.002 if last < 16 else 0.0)  # many senders fill the next batch while this one is written
        batch, size = self._take()
        if not batch:
            return 0
        try:
            try:
                await self._write(batch)
            except asyncpg.UniqueViolationError:
                await self._write_apart(batch)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, StoreError) as error:
            for one in batch:
                _fail(one, StoreError(f"the ledger could not be written: {error}"))
            raise
        return size

    def give_up(self, reason: str) -> None:
        """Tell everybody who waits that nothing of theirs was taken."""
        while self._waiting:
            _fail(self._waiting.popleft(), StoreError(reason))
        self._count = 0
        self._wake.clear()

    def _take(self) -> tuple[list[_Waiting], int]:
        taken: list[_Waiting] = []
        size = 0
        while self._waiting and (size < MOST_AT_ONCE or not taken):
            one = self._waiting.popleft()
            taken.append(one)
            size += len(one.rows)
        self._count -= size
        if not self._waiting:
            self._wake.clear()
        return taken, size

    async def _write(self, batch: list[_Waiting]) -> None:
        tenants = await self._move_wall(batch)
        if len(tenants) == 1:
            await self._write_tenant(tenants[0], batch, _rows_of(batch))
        else:
            async with self.db.transaction():
                for tenant in tenants:
                    mine = [one for one in batch if one.tenant == tenant]
                    await self._write_tenant(tenant, mine, _rows_of(mine))
        for one in batch:
            _succeed(one, [True] * len(one.rows))

    async def _write_tenant(self, tenant: int, mine: list[_Waiting], rows: list[Prepared]) -> None:
        """Append `rows` and store the positions of `mine`, in one statement."""
        positions = dict([one.position for one in mine if one.position is not None])  # of an account the last counts
        moved = [list(positions), list(positions.values())]
        if rows and positions:
            _there(tenant, await self.db.fetchval(APPEND_WITH_POSITIONS, *append_values(tenant, rows, None), *moved))
        elif rows:
            _there(tenant, await append_rows(self.db, tenant, rows))
        elif positions:
            await self.db.execute(POSITIONS, tenant, *moved)

    async def _write_apart(self, batch: list[_Waiting]) -> None:
        """After a duplicate: append what is not there yet.

        Looked up without a lock at first, for which others would wait: re-reading an account finds little but duplicates. Where
        something came in between, again: lock, then look in a statement of its own (an older snapshot would miss it).
        """
        tenants = await self._move_wall(batch)
        if len(tenants) == 1:
            try:
                answers = await self._write_fresh(tenants[0], batch)
            except asyncpg.UniqueViolationError:
                answers = []
            if answers:
                _succeed_all(answers)
                return
        answers = []
        async with self.db.transaction():
            for tenant in tenants:
                await self.db.execute("select 1 from head where tenant = $1 for update", tenant)
                answers += await self._write_fresh(tenant, [one for one in batch if one.tenant == tenant])
        _succeed_all(answers)

    async def _write_fresh(self, tenant: int, mine: list[_Waiting]) -> list[tuple[_Waiting, list[bool]]]:
        """Append what the ledger does not have; of each row whether it was taken."""
        known = await _known(self.db, tenant, _rows_of(mine))
        fresh: list[Prepared] = []
        answers = []
        for one in mine:
            answer = []
            for row in one.rows:
                origin = (row[4], row[5])
                answer.append(row[5] is None or origin not in known)
                if answer[-1]:
                    fresh.append(row)
                    known.add(origin)
            answers.append((one, answer))
        await self._write_tenant(tenant, mine, fresh)
        return answers

    async def _move_wall(self, batch: list[_Waiting]) -> tuple[int, ...]:
        wall = (self.db, tuple(sorted({one.tenant for one in batch})))
        if wall != self._wall:
            self._wall = (None, ())  # until it has moved
            await set_tenants(*wall)
            self._wall = wall
        return wall[1]


async def _known(db: asyncpg.Connection, tenant: int, rows: list[Prepared]) -> set[tuple[str | None, str | None]]:
    found = set()
    for source in {row[4] for row in rows if row[5] is not None}:
        ids = [row[5] for row in rows if row[4] == source]
        for (source_id,) in await db.fetch(
            "select source_id from entry where tenant = $1 and source = $2 and source_id = any($3::text[])", tenant, source, ids
        ):
            found.add((source, source_id))
    return found


def _rows_of(batch: list[_Waiting]) -> list[Prepared]:
    return [row for one in batch for row in one.rows]


def _there(tenant: int, base: int | None) -> None:
    if base is None:
        raise StoreError(f"tenant {tenant} has no ledger: make it with `rapport apply`")


def _succeed_all(answers: list[tuple[_Waiting, list[bool]]]) -> None:
    for one, answer in answers:
        _succeed(one, answer)


def _succeed(one: _Waiting, answer: list[bool]) -> None:
    if not one.done.done():
        one.done.set_result(answer)


def _fail(one: _Waiting, error: StoreError) -> None:
    if not one.done.done():
        one.done.set_exception(error)
