"""What persons ask by right, as it is read: what is open, the first due first, and what was answered lately."""

from collections.abc import Collection
from datetime import datetime

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.person import Hold, Person, RightRequest

_NEAR = "select count(*) from right_request where tenant = $1 and state = 'open' and (near or due_at <= $2)"


class Standing(msgspec.Struct, frozen=True):
    """A request with its person's name. `held`: a legal hold keeps their record; `late`: its time has ended."""

    request: RightRequest
    name: str
    late: bool
    held: bool = False


async def requests_of(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[RightRequest]:
    """What a person asked, the latest first."""
    return await read_where(db, tenant, RightRequest, "person = any($2::uuid[]) order by at desc limit 100", list(persons))


async def open_requests(db: asyncpg.Connection, tenant: int, now: datetime, most: int) -> list[Standing]:
    """What is to be answered, the first due first."""
    found = await read_where(db, tenant, RightRequest, "state = 'open' order by due_at, id limit $2", most)
    return await _standing(db, tenant, found, now)


async def answered_requests(db: asyncpg.Connection, tenant: int, now: datetime, most: int) -> list[Standing]:
    """What was answered or ended, the latest first."""
    found = await read_where(db, tenant, RightRequest, "state <> 'open' order by closed_at desc, id limit $2", most)
    return await _standing(db, tenant, found, now)


async def request_of(db: asyncpg.Connection, tenant: int, id: bytes) -> RightRequest | None:
    """One request; None where there is none."""
    found = await read_rows(db, tenant, RightRequest, [id])
    return found[0] if found else None


async def number_near(db: asyncpg.Connection, tenant: int, now: datetime) -> int:
    """How many are near the end of their time or late."""
    return int(await db.fetchval(_NEAR, tenant, now))


async def _standing(db: asyncpg.Connection, tenant: int, requests: list[RightRequest], now: datetime) -> list[Standing]:
    persons = {one.id: one for one in await read_rows(db, tenant, Person, {r.person for r in requests})}
    ids = {id for one in persons.values() for id in one.ids}
    held = {hold.id for hold in await read_rows(db, tenant, Hold, ids) if hold.lifted_at is None}
    return [
        Standing(
            one,
            person.name if (person := persons.get(one.person)) is not None else "",
            (one.closed_at or now) > one.due_at,
            person is not None and not held.isdisjoint(person.ids),
        )
        for one in requests
    ]
