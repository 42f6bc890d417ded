"""The centre's pieces as pages and programs read them."""

from datetime import datetime

import asyncpg

from rapport.model.centre import Thing


async def things_of(db: asyncpg.Connection, tenant: int) -> list[Thing]:
    """Every piece of a centre but its articles, by its id `kind/name`."""
    rows = await db.fetch("select id, body, at from thing where tenant = $1 and id not like 'article/%' order by id", tenant)
    return [Thing(row["id"], bytes(row["body"]), row["at"]) for row in rows]


async def body_of_thing(db: asyncpg.Connection, tenant: int, kind: str, name: str) -> bytes | None:
    """The JSON of one piece; None where there is none."""
    body: bytes | None = await db.fetchval("select body from thing where tenant = $1 and id = $2", tenant, f"{kind}/{name}")
    return body


async def set_at(db: asyncpg.Connection, tenant: int, kind: str, name: str) -> datetime | None:
    """When one piece was set last; None where there is none."""
    at: datetime | None = await db.fetchval("select at from thing where tenant = $1 and id = $2", tenant, f"{kind}/{name}")
    return at
