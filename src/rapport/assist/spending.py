"""How many tokens a tenant used today: a table beside the views, as no fact follows from it."""

from datetime import date

import asyncpg

_ADD = """insert into assist_spent(tenant, day, tokens) values ($1, $2, greatest(0, $3))
on conflict (tenant, day) do update set tokens = greatest(0, assist_spent.tokens + $3) returning tokens"""


async def spend(db: asyncpg.Connection, tenant: int, day: date, tokens: int) -> int:
    """Count tokens of a day, negative ones to give them back; all that was used that day since."""
    return int(await db.fetchval(_ADD, tenant, day, tokens))
