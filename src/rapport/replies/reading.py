"""Drafts and outgoing parts as pages read them."""

import asyncpg

from rapport.ledger.tables import read_rows, read_where
from rapport.model.reply import Draft, Outgoing

_UNSURE = "state = 'unknown' and op <> 'mark_read'"  # whether a reading mark arrived is nobody's to decide


async def asked(db: asyncpg.Connection, tenant: int, *, limit: int) -> list[Draft]:
    """Drafts that wait for a decision, oldest first."""
    return await read_where(db, tenant, Draft, "state = 'asked' order by at, id limit $2", limit)


async def asked_of_others(db: asyncpg.Connection, tenant: int, agent: str, *, limit: int = 1000) -> int:
    """How many drafts wait that are not this agent's own, counted up to `limit`."""
    counted = "select count(*) from (select from draft where tenant = $1 and state = 'asked' and agent <> $2 limit $3) as found"
    return int(await db.fetchval(counted, tenant, agent, limit))


async def draft(db: asyncpg.Connection, tenant: int, id: bytes) -> Draft | None:
    """One draft; None where there is none."""
    found = await read_rows(db, tenant, Draft, [id])
    return found[0] if found else None


async def unknown_of(db: asyncpg.Connection, tenant: int, conversation: bytes) -> list[Outgoing]:
    """Parts of a conversation of which nobody can say whether they arrived."""
    return await read_where(db, tenant, Outgoing, f"{_UNSURE} and conversation = $2 order by at, part", conversation)


async def unknown(db: asyncpg.Connection, tenant: int, *, limit: int) -> list[Outgoing]:
    """All such parts, newest first."""
    return await read_where(db, tenant, Outgoing, f"{_UNSURE} order by at desc, part limit $2", limit)


async def returned_to(db: asyncpg.Connection, tenant: int, conversation: bytes, agent: str) -> Draft | None:
    """The latest draft of theirs in it that an approver sent back; None where there is none."""
    where = "state = 'returned' and conversation = $2 and agent = $3 order by decided_at desc limit 1"
    found = await read_where(db, tenant, Draft, where, conversation, agent)
    return found[0] if found else None


async def ends_of(db: asyncpg.Connection, tenant: int, outgoing: list[bytes]) -> list[tuple[bytes, bytes | None]]:
    """(conversation, handle) of these parts: what they went out of, and to whom."""
    query = "select conversation, handle from outgoing where tenant = $1 and id = any($2::uuid[])"
    return [(row[0], row[1]) for row in await db.fetch(query, tenant, outgoing)] if outgoing else []


async def conversations_of_news(db: asyncpg.Connection, tenant: int, sequels: list[bytes]) -> list[bytes]:
    """The conversations whose messages these are news of, by the ids of their sequels."""
    query = (
        "select distinct m.conversation from sequel s join message m on m.tenant = s.tenant and m.id = s.message"
        " where s.tenant = $1 and s.id = any($2::uuid[]) and m.conversation is not null"
    )
    return [conversation for (conversation,) in await db.fetch(query, tenant, sequels)] if sequels else []
