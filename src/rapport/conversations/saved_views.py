"""An agent's own saved views of the inbox. A table beside the views: how somebody likes their desk is no fact."""

import asyncpg
import msgspec

from rapport.model.ids import Id

MOST = 30
_OF = "select id, name, query from saved_view where tenant = $1 and agent = $2 order by name, id limit $3"
_KEEP = """insert into saved_view(tenant, agent, name, query) select $1, $2, $3, $4
where (select count(*) from saved_view where tenant = $1 and agent = $2) < $5 returning id"""
_FORGET = "delete from saved_view where tenant = $1 and agent = $2 and id = $3"


class SavedView(msgspec.Struct, frozen=True):
    """A view with its filters, under a name. `query`: its address."""

    id: Id
    name: str
    query: str


async def of(db: asyncpg.Connection, tenant: int, agent: str) -> list[SavedView]:
    """An agent's saved views, by name."""
    return [SavedView(row["id"], row["name"], row["query"]) for row in await db.fetch(_OF, tenant, agent, MOST)]


async def keep(db: asyncpg.Connection, tenant: int, agent: str, name: str, query: str) -> bool:
    """Keep one; False where there are too many."""
    return await db.fetchval(_KEEP, tenant, agent, name, query, MOST) is not None


async def forget(db: asyncpg.Connection, tenant: int, agent: str, id: bytes) -> None:
    """Remove one."""
    await db.execute(_FORGET, tenant, agent, id)
