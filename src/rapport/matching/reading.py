"""Offers as pages read them."""

import asyncpg

from rapport.ledger.tables import read_rows, read_where
from rapport.model.agent import AgentNow
from rapport.model.need import Offer


async def open_offers(db: asyncpg.Connection, tenant: int, agent: str) -> list[Offer]:
    """What is offered to an agent now, the one that expires first before the others."""
    return await read_where(db, tenant, Offer, "state = 'open' and agent = $2 order by expires_at, id", agent)


async def offer(db: asyncpg.Connection, tenant: int, id: bytes) -> Offer | None:
    """One offer; None where there is none."""
    found = await read_rows(db, tenant, Offer, [id])
    return found[0] if found else None


async def offers_of(db: asyncpg.Connection, tenant: int, conversation: bytes) -> list[Offer]:
    """Every offer of a conversation, oldest first."""
    return await read_where(
        db, tenant, Offer, "conversation is not null and conversation = $2 order by made_at, id", conversation
    )


async def presences(db: asyncpg.Connection, tenant: int) -> dict[str, AgentNow]:
    """Every agent's presence and places, by id."""
    return {row.id: row for row in await read_where(db, tenant, AgentNow, "true")}
