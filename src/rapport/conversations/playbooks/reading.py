"""Playbooks as pages read them: the run of a conversation, the edition that it follows, its tasks."""

import asyncpg

from rapport.conversations.playbooks.editions import decoded, edition_id
from rapport.ledger.tables import read_rows, read_where
from rapport.model.playbook import Edition, Playbook, Run, Task

_NEWEST = "select coalesce(max(split_part(id, '@', -1)::bigint), 0) from edition where tenant = $1 and id like $2"
_OPEN = "done_at is null order by at limit $2"


async def run_of(db: asyncpg.Connection, tenant: int, conversation: bytes) -> Run | None:
    """The playbook of a conversation, under way or ended last; None where there was none."""
    found = await read_rows(db, tenant, Run, [conversation])
    return found[0] if found else None


async def edition_of(db: asyncpg.Connection, tenant: int, run: Run) -> Playbook | None:
    """The playbook that a run follows, as it was; None where it was set before there were editions."""
    found = await read_rows(db, tenant, Edition, [edition_id("playbook", run.playbook, run.edition)])
    return decoded(Playbook, found[0].body) if found else None


async def newest_edition(db: asyncpg.Connection, tenant: int, kind: str, name: str) -> int:
    """The number of the newest edition of a thing; 0 where there is none."""
    pattern = f"{kind}/{name}@%".replace("\\", "\\\\").replace("_", "\\_")
    return int(await db.fetchval(_NEWEST, tenant, pattern))


async def tasks_of(db: asyncpg.Connection, tenant: int, conversation: bytes) -> list[Task]:
    """The tasks of a conversation, oldest first."""
    return await read_where(db, tenant, Task, "conversation = $2 order by at limit 50", conversation)


async def open_tasks(db: asyncpg.Connection, tenant: int, limit: int = 200) -> list[Task]:
    """The tasks that nobody has done, oldest first."""
    return await read_where(db, tenant, Task, _OPEN, limit)
