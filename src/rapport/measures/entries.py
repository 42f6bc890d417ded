"""Entries as the measures read them: a stretch of the ledger at a time, each kind decoded in one go, nothing that is sealed."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import asyncpg
import msgspec

from rapport.model.fact import KINDS, Fact

STRETCH = 40_000  # entries that are read at a time
_READ = """
select kind, array_agg(seq order by seq) as seqs,
  array_agg(floor(extract(epoch from at) * 1000)::bigint order by seq) as times,
  string_agg(body, ''::bytea order by seq) as bodies
from entry where tenant = $1 and seq > $2 and seq <= $3 and kind = any($4::smallint[]) group by kind"""
Dated = tuple[int, int, Fact]  # number in the ledger, milliseconds, what happened
_lists: dict[int, msgspec.msgpack.Decoder[Any]] = {}  # Any: a list of the kind of the number


async def stretch(db: asyncpg.Connection, tenant: int, after: int, upto: int, kinds: Sequence[int]) -> list[Dated]:
    """The entries of these kinds above `after` up to `upto`, in the order of the ledger."""
    found: list[Dated] = []
    for kind, seqs, times, bodies in await db.fetch(_READ, tenant, after, upto, kinds):
        found += zip(seqs, times, decoded(kind, len(seqs), bodies), strict=True)
    found.sort(key=itemgetter(0))
    return found


def decoded(kind: int, count: int, bodies: bytes) -> list[Fact]:
    """So many facts of a kind, whose bodies stand one after the other: an array of MessagePack without its head."""
    if kind not in _lists:
        type_of: Any = KINDS[kind]  # Any: which kind is known when it runs
        _lists[kind] = msgspec.msgpack.Decoder(list[type_of])
    facts: list[Fact] = _lists[kind].decode(b"\xdd" + count.to_bytes(4, "big") + bodies)
    return facts
