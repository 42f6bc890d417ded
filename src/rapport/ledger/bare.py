"""Reading entries without what people wrote: what happened, when, and whether anything of a kind has come."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

_BARE = "select id, seq, at, kind, body from entry where tenant = $1"
_AFTER = f"{_BARE} and seq > $2 and kind = any($3::smallint[]) order by seq limit $4"
_LATELY = f"{_BARE} and seq > $2 and kind = any($3::smallint[]) and at between $4 and $5 order by seq desc limit $6"
_ONE = f"{_BARE} and seq = $2 and kind = any($3::smallint[])"
_BETWEEN = "select exists (select 1 from entry where tenant = $1 and seq > $2 and seq <= $3 and kind = any($4::smallint[]))"
_TIME = "select at from entry where tenant = $1 and seq = $2"


class Bare(msgspec.Struct, frozen=True):
    """An entry without its content; `body`: the fact, as `ledger.entry.read_fact` reads it."""

    id: bytes
    seq: int
    at: datetime
    kind: int
    body: bytes


async def bare_after(db: asyncpg.Connection, tenant: int, after: int, kinds: Sequence[int], most: int) -> list[Bare]:
    """At most so many entries of these kinds with `seq` above `after`, oldest first."""
    return [Bare(*row) for row in await db.fetch(_AFTER, tenant, after, kinds, most)]


async def bare_lately(
    db: asyncpg.Connection, tenant: int, after: int, kinds: Sequence[int], *, since: datetime, until: datetime, most: int
) -> list[Bare]:
    """At most so many entries of these kinds between two times, newest first; `after`: an entry that came before them all."""
    return [Bare(*row) for row in await db.fetch(_LATELY, tenant, after, kinds, since, until, most)]


async def bare_one(db: asyncpg.Connection, tenant: int, seq: int, kinds: Sequence[int]) -> Bare | None:
    """The entry with this number where it is of one of these kinds; else None."""
    row = await db.fetchrow(_ONE, tenant, seq, kinds)
    return Bare(*row) if row is not None else None


async def came_between(db: asyncpg.Connection, tenant: int, after: int, upto: int, kinds: Sequence[int]) -> bool:
    """Whether an entry of these kinds has a number above `after` and not above `upto`."""
    return bool(await db.fetchval(_BETWEEN, tenant, after, upto, kinds))


async def time_of(db: asyncpg.Connection, tenant: int, seq: int) -> datetime:
    """When the entry with this number was appended, or happened; it must be there."""
    at: datetime = await db.fetchval(_TIME, tenant, seq)
    return at
