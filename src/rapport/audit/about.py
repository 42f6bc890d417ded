"""About: every entry on a conversation, a page at a time, without walking a ledger.

The ledger has no index of what an entry is about, as it would cost every append. The views know what belongs to a conversation
and where its first message came in; from there entries are looked at by their numbers, at most MOST_LOOKED_AT for each page.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

MOST_LOOKED_AT = 50_000  # entries: some 15 ms
MOST_SHOWN = 200
MOST_HEARD = 1_000  # messages whose place is looked for
EARLIER = timedelta(minutes=5)  # clocks of two processes differ by less
BELONGING = """
select id from message where tenant = $1 and conversation is not null and conversation = $2
union all select o.id from message m join outgoing o on o.tenant = m.tenant and o.message = m.id and o.message is not null
          where m.tenant = $1 and m.conversation is not null and m.conversation = $2
union all select id from offer where tenant = $1 and conversation is not null and conversation = $2
union all select id from draft where tenant = $1 and conversation is not null and conversation = $2"""
HEARD = """
select e.seq from (select account, key from message where tenant = $1 and conversation is not null and conversation = $2
                   and direction = 'in' and key <> '' order by at, id limit $3) m
cross join lateral (select seq from entry where source_id = m.key and source = 'in:' || m.account and tenant = $1 offset 0) e
order by 1"""
ABOUT = """
select seq, at, kind, body, leaf from entry
where tenant = $1 and seq >= $2 and seq < $3 and subject = any($4::uuid[]) order by seq limit $5"""
LAST = "select seq from entry where tenant = $1 order by seq desc limit 1"


class Found(msgspec.Struct, frozen=True):
    """An entry as it stands in the ledger, its content left sealed."""

    seq: int
    at: datetime
    kind: int
    body: bytes
    leaf: bytes


class Looked(msgspec.Struct, frozen=True):
    """A page of entries: those about it from number `first` up to, not with, `end`. `last`: the ledger's newest entry.

    `next_heard`: where its next message after this page came in; None where none did.
    """

    entries: tuple[Found, ...]
    first: int
    end: int
    last: int
    next_heard: int | None = None

    @property
    def is_all(self) -> bool:
        """Whether the page reaches the ledger's end."""
        return self.end > self.last


async def entries_about(
    db: asyncpg.Connection, tenant: int, conversation: bytes, opened_at: datetime, *, first: int = 0, most: int = MOST_LOOKED_AT
) -> Looked:
    """The entries about a conversation, oldest first. `first`: the number to begin at; 0: where it began."""
    last = int(await db.fetchval(LAST, tenant) or 0)
    heard = [seq for (seq,) in await db.fetch(HEARD, tenant, conversation, MOST_HEARD)]
    if first <= 0:
        first = heard[0] if heard else await seq_at(db, tenant, opened_at - EARLIER, last)
    subjects = [conversation, *(id for (id,) in await db.fetch(BELONGING, tenant, conversation))]
    end = min(first + most, last + 1)
    rows = await db.fetch(ABOUT, tenant, first, end, subjects, MOST_SHOWN)
    if len(rows) == MOST_SHOWN:
        end = rows[-1]["seq"] + 1
    entries = tuple(Found(row["seq"], row["at"], row["kind"], bytes(row["body"]), bytes(row["leaf"])) for row in rows)
    return Looked(entries, first, end, last, _after(heard, end))


async def seq_at(db: asyncpg.Connection, tenant: int, at: datetime, last: int) -> int:
    """The number of the first entry at or after a time, found by halving: times rise with numbers. `last` + 1: none is."""
    low, high = 1, last + 1
    while low < high:
        middle = (low + high) // 2
        when = await db.fetchval("select at from entry where tenant = $1 and seq = $2", tenant, middle)
        if when is not None and when >= at:
            high = middle
        else:
            low = middle + 1
    return low


def _after(heard: Sequence[int], end: int) -> int | None:
    return next((seq for seq in heard if seq >= end), None)
