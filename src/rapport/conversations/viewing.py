"""Who has a conversation open now: said by their page as it is looked at, and again every so often while it is.

A table beside the views, as what is being written: it is no fact. Who does not say so any more is gone after `STILL`.
"""

from datetime import datetime, timedelta

import asyncpg

STILL = timedelta(seconds=75)  # somebody who has not said so again counts no more; their page says it every 30 seconds
OLD = timedelta(days=1)
MOST = 20  # who are named
_HERE = """insert into viewing as v (tenant, conversation, agent, at, changed_at, here) values ($1, $2, $3, $4, $4, $5)
on conflict (conversation, tenant, agent) do update set at = excluded.at, here = excluded.here,
changed_at = case when v.here = excluded.here and v.at > $4 - $6::interval then v.changed_at else excluded.changed_at end
returning changed_at = $4"""
_WHO = """select agent from viewing where tenant = $1 and conversation = $2 and here and at > $3 and agent <> $4
order by agent limit $5"""


async def look(db: asyncpg.Connection, tenant: int, conversation: bytes, agent: str, now: datetime, *, here: bool) -> bool:
    """Note that somebody has it open, or no more; whether that is news."""
    await db.execute("delete from viewing where tenant = $1 and conversation = $2 and at < $3", tenant, conversation, now - OLD)
    changed: bool = await db.fetchval(_HERE, tenant, conversation, agent, now, here, STILL)
    return changed


async def viewers(db: asyncpg.Connection, tenant: int, conversation: bytes, but: str, now: datetime) -> tuple[str, ...]:
    """Who has it open now, but one: at most twenty."""
    rows = await db.fetch(_WHO, tenant, conversation, now - STILL, but, MOST)
    return tuple(agent for (agent,) in rows)
