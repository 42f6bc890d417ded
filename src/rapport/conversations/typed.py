"""What is being written in a conversation now: each agent's text as it stands.

A table beside the views: what nobody has sent is no fact.
"""

from datetime import datetime

import asyncpg

_KEEP = """insert into typing(tenant, conversation, agent, at, text) values ($1, $2, $3, $4, $5)
on conflict (tenant, conversation, agent) do update set at = excluded.at, text = excluded.text"""
_FORGET = "delete from typing where tenant = $1 and conversation = $2 and agent = $3"
_IN = "select agent, at, text from typing where tenant = $1 and conversation = $2 order by agent"
_AFTER = """select conversation, agent, at from typing where tenant = $1 and at > $2
union all select conversation, agent, changed_at from viewing where tenant = $1 and changed_at > $2 order by at"""


async def keep(db: asyncpg.Connection, tenant: int, conversation: bytes, agent: str, text: str, at: datetime) -> bool:
    """Keep a text, an empty one is forgotten; False where there is no such conversation."""
    if not await db.fetchval("select exists (select from conversation where tenant = $1 and id = $2)", tenant, conversation):
        return False
    if text:
        await db.execute(_KEEP, tenant, conversation, agent, at, text.replace("\x00", "�"))
    else:
        await db.execute(_FORGET, tenant, conversation, agent)
    return True


async def texts_in(db: asyncpg.Connection, tenant: int, conversation: bytes) -> list[tuple[str, datetime, str]]:
    """Agent, time and text of everything that is being written there."""
    return [(row["agent"], row["at"], row["text"]) for row in await db.fetch(_IN, tenant, conversation)]


async def written_after(db: asyncpg.Connection, tenant: int, at: datetime) -> list[tuple[bytes, str, datetime]]:
    """Conversation, agent and time of what was written, opened or closed after a time, oldest first."""
    return [(row["conversation"], row["agent"], row["at"]) for row in await db.fetch(_AFTER, tenant, at)]
