"""Which tier of customer persons are: what an attribute of theirs with one of a few names says."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

TIERS = ("tier", "loyalty", "nivel", "segment", "segmento")
LONGEST = 60  # letters of a tier's name
MOST_AT_ONCE = 5_000  # persons who are looked up by one statement
_TIERS = """select p.id, a->>'value' as tier from person p, jsonb_array_elements(p.attributes) as a
where p.tenant = $1 and p.id = any($2::uuid[]) and a->>'name' = any($3::text[]) and jsonb_typeof(a->'value') = 'string'
and coalesce((a->>'expires')::timestamptz > $4, true)"""


async def tiers_of(db: asyncpg.Connection, tenant: int, people: Sequence[bytes], now: datetime) -> dict[bytes, str]:
    """The tier of each of these persons that has one now; at most MOST_AT_ONCE of them."""
    return {id: tier[:LONGEST] for id, tier in await db.fetch(_TIERS, tenant, people, list(TIERS), now)}
