"""What the softphone's page shows: the calls of an agent as they stand."""

import asyncpg
import msgspec

from rapport.ledger.tables import ALL, read_where, row_of
from rapport.model.call import ALIVE, Call


class Seen(msgspec.Struct, frozen=True):
    """A call, with the caller's name and number as the handle and the person have them."""

    call: Call
    name: str
    number: str


_LIVE = ("connecting", "talking", "held", "consulting", "conference", "calling")


async def calls_of(db: asyncpg.Connection, tenant: int, agent: str) -> list[Seen]:
    """The calls that an agent is in, oldest first."""
    table = ALL[Call]
    listed = ", ".join(f'k."{c.name}"' for c in table.columns)
    records = await db.fetch(
        f"select c.name, h.name, {listed} from call k"
        " left join conversation c on c.tenant = k.tenant and c.id = k.conversation"
        " left join handle h on h.tenant = k.tenant and h.id = k.handle"
        " where k.tenant = $1 and k.agent = $2 and k.state <> 'over' and k.state = any($3::text[]) order by k.started_at",
        tenant,
        agent,
        list(_LIVE),
    )
    found = []
    for record in (tuple(r) for r in records):
        call = row_of(table, record[2:])
        assert isinstance(call, Call)
        found.append(Seen(call, record[0] or "", (record[1] or "").partition(":")[2]))
    return found


async def call_named(db: asyncpg.Connection, tenant: int, call: bytes) -> Call | None:
    """The call of that id."""
    found = await read_where(db, tenant, Call, "id = $2::uuid", call)
    return found[0] if found else None


async def is_spoken_in(db: asyncpg.Connection, tenant: int, conversation: bytes) -> bool:
    """Whether a call goes on in a conversation now."""
    where = "conversation = $2 and state <> 'over' and state = any($3::text[]) limit 1"
    return bool(await read_where(db, tenant, Call, where, conversation, sorted(ALIVE)))
