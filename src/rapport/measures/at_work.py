"""Who does what now: conversations that somebody has, and those that wait for somebody, as a supervisor looks at them."""

from datetime import datetime

import asyncpg
import msgspec

from rapport.model.ids import Id

MOST_HELD, MOST_WAITING = 4_000, 40
_COLUMNS = """c.id, c.agent, c.name, c.channel, c.kind, c.reach, c.language, c.emotion, c.urgency, c.priority, c.preview,
c.waiting_since, c.due_at, c.person"""
_HELD = f"""select {_COLUMNS}, i.started_at as began, i.replied_at, 0 as step, null::timestamptz as step_until, '' as plan
from conversation c left join interaction i on i.tenant = $1 and i.id = c.interaction
where c.tenant = $1 and c.state <> 'resolved' and c.agent <> '' limit {MOST_HELD}"""
_WAITING = f"""select {_COLUMNS}, n.since as began, null::timestamptz as replied_at, n.step, n.step_until, n.plan
from need n join conversation c on c.tenant = $1 and c.id = n.id
where n.tenant = $1 and ($2::uuid is null or n.id = $2)
order by n.since - n.urgency * interval '900 seconds', n.id limit {MOST_WAITING}"""
_COUNT = "select count(*) from need where tenant = $1"


class AtWork(msgspec.Struct, frozen=True):
    """A conversation. `began`: when its agent took it, or since when it waits; `step` and `plan` of what waits."""

    id: Id
    agent: str
    name: str
    channel: str
    kind: str
    reach: str
    language: str
    emotion: str
    urgency: float
    priority: str
    preview: str
    waiting_since: datetime | None
    due_at: datetime | None
    person: Id
    began: datetime | None
    replied_at: datetime | None
    step: int = 0
    step_until: datetime | None = None
    plan: str = ""


async def held_now(db: asyncpg.Connection, tenant: int) -> list[AtWork]:
    """Every conversation that somebody has, at most MOST_HELD."""
    return [AtWork(**row) for row in await db.fetch(_HELD, tenant)]


async def waiting_now(db: asyncpg.Connection, tenant: int, one: bytes | None = None) -> tuple[list[AtWork], int]:
    """Those that wait for somebody, whose turn comes first before the others, at most MOST_WAITING; and how many there are.

    `one`: that one alone.
    """
    found = [AtWork(**row) for row in await db.fetch(_WAITING, tenant, one)]
    return found, len(found) if len(found) < MOST_WAITING else await number_waiting(db, tenant)


async def number_waiting(db: asyncpg.Connection, tenant: int) -> int:
    """How many conversations wait for somebody."""
    return int(await db.fetchval(_COUNT, tenant))
