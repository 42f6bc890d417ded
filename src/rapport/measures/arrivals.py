"""How many conversations began in each interval of each day, by the clock of the place: what the forecast learns from."""

from datetime import datetime, timedelta

import asyncpg

# What was opened since was also last heard since; the two halves are those of the indexes that go by that time.
_OPENED = """
select date_bin($4::interval, opened_at at time zone $3, timestamp '2000-01-01') as began, count(*) as came,
  count(*) filter (where language = 'es') as spanish
from (
  select opened_at, language from conversation where tenant = $1 and last_at >= $2 and state <> 'resolved'
  union all
  select opened_at, language from conversation where tenant = $1 and last_at >= $2 and state <> 'open' and state = 'resolved'
) as heard where opened_at >= $2 group by 1 order by 1"""


async def opened(
    db: asyncpg.Connection, tenant: int, *, since: datetime, zone: str, step: timedelta
) -> list[tuple[datetime, int, int]]:
    """Intervals in which something came: when they began (without a zone), how many, and how many of them in Spanish."""
    return [(row["began"], row["came"], row["spanish"]) for row in await db.fetch(_OPENED, tenant, since, zone, step)]
