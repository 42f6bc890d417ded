"""Entries as the measures read them: a stretch of the ledger at a time, each kind decoded in one go, nothing that is sealed."""

import asyncio
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import asyncpg
import msgspec
import numpy as np

from rapport.model.fact import KINDS, Fact

STRETCH = 40_000  # entries that are read at a time
# Numbers and moments as bytes, eight of each entry: microseconds since 2000, as PostgreSQL sends them. All three of a kind are
# in the same order, whichever that is: sorting them here as well would take as long again.
_READ = """
select kind, string_agg(int8send(seq), ''::bytea) as seqs, string_agg(timestamptz_send(at), ''::bytea) as times,
  string_agg(body, ''::bytea) as bodies
from entry where tenant = $1 and seq > $2 and seq <= $3 and kind = any($4::smallint[]) group by kind"""
Y2000 = 946_684_800_000  # in milliseconds
Dated = tuple[int, int, Fact]  # number in the ledger, milliseconds, what happened
_lists: dict[int, msgspec.msgpack.Decoder[Any]] = {}  # Any: a list of the kind of the number


async def stretch(db: asyncpg.Connection, tenant: int, after: int, upto: int, kinds: Sequence[int]) -> list[Dated]:
    """The entries of these kinds above `after` up to `upto`, in the order of the ledger."""
    return await asyncio.to_thread(_dated, await db.fetch(_READ, tenant, after, upto, kinds))


def _dated(rows: Sequence[asyncpg.Record]) -> list[Dated]:
    found: list[Dated] = []
    for kind, numbers, moments, bodies in rows:
        seqs, times = np.frombuffer(numbers, ">i8"), np.frombuffer(moments, ">i8") // 1000 + Y2000
        found += zip(seqs.tolist(), times.tolist(), decoded(kind, len(seqs), bodies), strict=True)
    found.sort(key=itemgetter(0))
    return found


def decoded(kind: int, count: int, bodies: bytes) -> list[Fact]:
    """So many facts of a kind, whose bodies stand one after the other: an array of MessagePack without its head."""
    if kind not in _lists:
        type_of: Any = KINDS[kind]  # Any: which kind is known when it runs
        _lists[kind] = msgspec.msgpack.Decoder(list[type_of])
    facts: list[Fact] = _lists[kind].decode(b"\xdd" + count.to_bytes(4, "big") + bodies)
    return facts
