"""What a demonstration came to: counted from the ledger, the views and what the networks were given, not by the simulation."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypedDict

import asyncpg
import msgspec

from rapport.model.fact import MessageReceived, MessageSent, MessageUnderstood

Told = tuple[str, str]  # account and key of a message that we were told is taken in
Verify = Callable[[], Awaitable[bool]]

COUNTS = """select
 (select count(*) from entry where tenant = $1 and kind = $2) as messages,
 (select count(*) from entry where tenant = $1 and kind = $3) as understood,
 (select count(distinct conversation) from offer where tenant = $1) as offered,
 (select count(distinct conversation) from outgoing where tenant = $1 and state = 'sent') as answered,
 (select count(*) from draft where tenant = $1 and state = 'approved' and approver <> '') as approved,
 (select count(*) from draft where tenant = $1 and state = 'refused') as refused,
 (select seq from head where tenant = $1) as entries"""
LOST = """select count(*) from unnest($2::text[], $3::text[]) as told(source, key)
 where not exists (select 1 from entry e where e.tenant = $1 and e.source = told.source and e.source_id = told.key)"""
TWICE = """select coalesce(sum(n - 1), 0) from
 (select count(*) as n from entry where tenant = $1 and kind = $2 group by subject) as sent"""
WAITED = """with opened as (
   select distinct on (conversation) conversation, id from message
   where tenant = $1 and direction = 'in' and conversation is not null order by conversation, at, id),
 offered as (select conversation, min(made_at) as at from offer where tenant = $1 group by conversation)
select percentile_cont(array[0.5, 0.99]) within group (order by extract(epoch from offered.at - e.at) * 1000)
from opened join offered using (conversation) join entry e on e.tenant = $1 and e.kind = $2 and e.subject = opened.id
where offered.at >= e.at"""


class Figures(TypedDict):
    """`offered`, `answered`: conversations. `approved`: drafts by a second person; `refused`: drafts by a check."""

    messages: int
    understood: int
    offered: int
    answered: int
    approved: int
    refused: int
    lost: int
    doubled: int
    p50_ms: float
    p99_ms: float
    entries: int
    verified: bool


class Line(msgspec.Struct):
    """A line of what a folder channel sent."""

    once: str


async def figures(
    db: asyncpg.Connection, tenant: int, *, told: Sequence[Told], folders: Sequence[Path], verify: Verify
) -> Figures:
    """The figures of a tenant. `told`: what we were told is taken in; `folders`: of file channels; `verify` checks it all."""
    record = await db.fetchrow(COUNTS, tenant, MessageReceived.number, MessageUnderstood.number)
    counts = {name: int(value or 0) for name, value in dict(record or {}).items()}
    lost = await db.fetchval(LOST, tenant, [f"in:{account}" for account, _ in told], [key for _, key in told])
    waited = await db.fetchval(WAITED, tenant, MessageReceived.number) or [0.0, 0.0]
    recorded = int(await db.fetchval(TWICE, tenant, MessageSent.number))
    delivered = await asyncio.to_thread(written_twice, folders)
    return Figures(
        messages=counts["messages"],
        understood=counts["understood"],
        offered=counts["offered"],
        answered=counts["answered"],
        approved=counts["approved"],
        refused=counts["refused"],
        lost=int(lost),
        doubled=max(recorded, delivered),
        p50_ms=round(float(waited[0] or 0.0), 1),
        p99_ms=round(float(waited[1] or 0.0), 1),
        entries=counts["entries"],
        verified=await verify(),
    )


def written_twice(folders: Sequence[Path]) -> int:
    """How many parts stand more than once in what the folder channels sent."""
    seen: Counter[str] = Counter()
    decoder = msgspec.json.Decoder(Line)
    for folder in folders:
        path = folder / "out" / "sent.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        seen.update(decoder.decode(line).once for line in lines if line.strip())
    return sum(count - 1 for count in seen.values())
