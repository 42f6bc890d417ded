"""Looking: how much a record holds, its entries from the latest back, of one kind if one likes, and one of them whole.

Contents stay sealed. Entries are looked at by their numbers, at most MOST_LOOKED_AT for each page, however long a ledger is.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from rapport.audit.about import LAST, MOST_LOOKED_AT, Found
from rapport.ledger.entry import read_fact
from rapport.model.fact import Fact

LATELY = 10_000  # of the newest entries, whose kinds are counted
_FIRST = "select at from entry where tenant = $1 and seq = 1"
_AT = "select at from entry where tenant = $1 and seq = $2"
_KINDS = "select kind, count(*)::int from entry where tenant = $1 and seq > $2 group by kind order by 2 desc, 1"
_BACK = """select seq, at, kind, body, leaf from entry where tenant = $1 and seq < $2 and seq >= $3
and (cardinality($4::smallint[]) = 0 or kind = any($4::smallint[])) order by seq desc limit $5"""
_ONE = """select e.seq, e.at, e.kind, e.body, e.leaf, e.id, e.subject, e.source, e.source_id, c.commitment, c.sealed is not null
from entry e left join content c on c.tenant = e.tenant and c.seq = e.seq where e.tenant = $1 and e.seq = $2"""


class Holds(msgspec.Struct, frozen=True):
    """What a record holds: so many entries, when the first and the last came, and how many of each kind came lately."""

    entries: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    lately: tuple[tuple[int, int], ...] = ()


class Back(msgspec.Struct, frozen=True):
    """Entries before a number, latest first. `end`: the lowest number that was looked at; 1: the page reaches the beginning."""

    entries: tuple[Found, ...]
    end: int


class Whole(msgspec.Struct, frozen=True):
    """One entry. `commitment`: what it says of a content that lies beside it, b"" for none; `kept`: that content is there."""

    entry: Found
    fact: Fact
    id: bytes
    subject: bytes
    source: str
    source_id: str
    commitment: bytes
    kept: bool


async def last_of(db: asyncpg.Connection, tenant: int) -> int:
    """The number of the newest entry; 0 where there is none."""
    return int(await db.fetchval(LAST, tenant) or 0)


async def holds(db: asyncpg.Connection, tenant: int) -> Holds:
    """What is on record."""
    last = await last_of(db, tenant)
    if not last:
        return Holds(0)
    kinds = tuple((kind, count) for kind, count in await db.fetch(_KINDS, tenant, last - LATELY))
    return Holds(last, await db.fetchval(_FIRST, tenant), await db.fetchval(_AT, tenant, last), kinds)


async def entries_before(db: asyncpg.Connection, tenant: int, before: int, *, kinds: Sequence[int] = (), most: int) -> Back:
    """At most `most` entries below a number, latest first; of these kinds, none named: of all."""
    end = max(before - MOST_LOOKED_AT, 1)
    rows = await db.fetch(_BACK, tenant, before, end, list(kinds), most)
    found = tuple(Found(row["seq"], row["at"], row["kind"], bytes(row["body"]), bytes(row["leaf"])) for row in rows)
    return Back(found, found[-1].seq if len(found) == most else end)


async def one_entry(db: asyncpg.Connection, tenant: int, seq: int) -> Whole | None:
    """The entry with a number; None where there is none."""
    row = await db.fetchrow(_ONE, tenant, seq)
    if row is None:
        return None
    number, at, kind, body, leaf, id, subject, source, source_id, commitment, kept = row
    entry = Found(number, at, kind, bytes(body), bytes(leaf))
    return Whole(entry, read_fact(kind, body), id, subject, source or "", source_id or "", commitment or b"", kept)
