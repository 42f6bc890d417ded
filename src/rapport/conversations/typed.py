"""What is being written in a conversation now: each agent's text as it stands.

A table beside the views: what nobody has sent is no fact.
"""

from datetime import datetime

import asyncpg

_KEEP = """insert into typing(tenant, conversation, agent, at, text, reply) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant, conversation, agent) do update set at = excluded.at, text = excluded.text, reply = excluded.reply"""
_FORGET = "delete from typing where tenant = $1 and conversation = $2 and agent = $3"
_IN = "select agent, at, text from typing where tenant = $1 and conversation = $2 order by agent"
_AFTER = """select t.conversation, t.agent, t.at, c.handle from typing t left join conversation c on c.tenant = t.tenant
and c.id = t.conversation and c.channel = 'webchat' and c.agent = t.agent and t.reply where t.tenant = $1 and t.at > $2
union all select conversation, agent, changed_at, null from viewing where tenant = $1 and changed_at > $2 order by at"""


async def keep(
    db: asyncpg.Connection, tenant: int, conversation: bytes, agent: str, text: str, at: datetime, *, reply: bool = False
) -> bool:
    """Keep a text, an empty one is forgotten; False where there is no such conversation. `reply`: its reader may know of it."""
    if not await db.fetchval("select exists (select from conversation where tenant = $1 and id = $2)", tenant, conversation):
        return False
    if text:
        await db.execute(_KEEP, tenant, conversation, agent, at, text.replace("\x00", "�"), reply)
    else:
        await db.execute(_FORGET, tenant, conversation, agent)
    return True


async def texts_in(db: asyncpg.Connection, tenant: int, conversation: bytes) -> list[tuple[str, datetime, str]]:
    """Agent, time and text of everything that is being written there."""
    return [(row["agent"], row["at"], row["text"]) for row in await db.fetch(_IN, tenant, conversation)]


async def written_after(db: asyncpg.Connection, tenant: int, at: datetime) -> list[tuple[bytes, str, datetime, bytes | None]]:
    """Conversation, agent and time of what was written, opened or closed after a time, oldest first.

    With the handle of the visitor of the chat whom a reply is written to by whoever has the conversation.
    """
    rows = await db.fetch(_AFTER, tenant, at)
    return [(row["conversation"], row["agent"], row["at"], row["handle"]) for row in rows]
