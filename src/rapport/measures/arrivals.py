"""How many conversations began in each interval of each day, by the clock of the place: what the forecast learns from."""

from datetime import datetime, timedelta

import asyncpg
import msgspec

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


_BY_STREAM = """
select date_bin($4::interval, opened_at at time zone $3, timestamp '2000-01-01') as began, kind, language, count(*)::int as came
from (
  select opened_at, kind, language from conversation where tenant = $1 and last_at >= $2 and state <> 'resolved'
  union all
  select opened_at, kind, language from conversation
  where tenant = $1 and last_at >= $2 and state <> 'open' and state = 'resolved'
) as heard where opened_at >= $2 group by 1, 2, 3"""
_OF_A_DAY = """
select c.opened_at, c.kind, c.language, w.seconds
from conversation c left join lateral (
  select sum(extract(epoch from i.ended_at - i.started_at))::double precision as seconds from interaction i
  where i.tenant = $1 and i.conversation = c.id and not i.bot and i.ended_at is not null) w on true
where c.tenant = $1 and c.opened_at >= $2 and c.opened_at < $3 order by c.opened_at limit $4"""


class Met(msgspec.Struct, frozen=True):
    """A conversation as it began. `seconds`: the work that it was to people; None where nobody ended any."""

    at: datetime
    kind: str
    language: str
    seconds: float | None


async def by_stream(
    db: asyncpg.Connection, tenant: int, *, since: datetime, zone: str, step: timedelta
) -> list[tuple[datetime, str, str, int]]:
    """As `opened`, by channel kind and language: when, kind, language, how many."""
    found = await db.fetch(_BY_STREAM, tenant, since, zone, step)
    return [(row["began"], row["kind"], row["language"], row["came"]) for row in found]


async def of_a_day(db: asyncpg.Connection, tenant: int, *, since: datetime, until: datetime, most: int) -> list[Met]:
    """The conversations that began in a time, in their order; `most` of them."""
    found = await db.fetch(_OF_A_DAY, tenant, since, until, most)
    return [Met(row["opened_at"], row["kind"], row["language"], row["seconds"]) for row in found]
