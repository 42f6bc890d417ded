"""What the facade did is on record: views are rebuilt from it, what programs said is sealed, the record is whole."""

import asyncio
import json

import pytest

from rapport.app.stages import VIEWS
from rapport.audit.verify import verify
from rapport.ledger.checkpoint import grow
from rapport.ledger.read import read_entries
from rapport.ledger.rebuild import rebuild
from rapport.ledger.round import CURSOR
from rapport.ledger.views import TABLES
from rapport.model.fact import INBOUND
from web.taskrouter.world import make_world


class UndoneError(Exception):
    """The transaction is undone: the worker goes on with what it has in memory."""


@pytest.fixture
def world(running):
    made = make_world(running)
    made.post(f"{made.root}/Tasks/{made.sids['Tasks']}", Attributes='{"secret": "Constantinople"}', Priority="7")
    made.post(
        f"{made.root}/Tasks/{made.sids['Tasks']}/Reservations/{made.sids['Tasks/Reservations']}", ReservationStatus="accepted"
    )
    made.post(f"{made.root}/Tasks/{made.sids['Tasks']}", AssignmentStatus="completed")
    yield made
    made.client.close()


async def rows(db, tenant):
    found = {}
    for name in TABLES:
        sql = f"select to_jsonb(t) - 'tenant' from \"{name}\" t where tenant = $1 order by id"
        found[name] = [json.loads(row) for (row,) in await db.fetch(sql, tenant)]
    return found


async def digested(running):
    """Wait until the worker has taken in everything."""
    keys, tenant = running.house.keys, running.tenant
    while True:
        async with running.house.within(tenant) as db:
            cursor = await db.fetchval("select seq from cursor where tenant = $1 and name = $2", tenant, CURSOR)
            if not await read_entries(db, keys, tenant, cursor, 1, INBOUND):
                return
        await asyncio.sleep(0.02)


async def before_and_after(running):
    """Every row as it was kept and as it is rebuilt from the ledger."""
    kept, rebuilt = {}, {}
    try:
        async with running.house.within(running.tenant) as db:
            kept |= await rows(db, running.tenant)
            await rebuild(db, running.house.keys, running.tenant, VIEWS, running.house.clock)
            rebuilt |= await rows(db, running.tenant)
            raise UndoneError
    except UndoneError:
        return kept, rebuilt


def test_every_view_rebuilt_from_zero_is_the_view_that_was_kept(running, world):
    running.run(asyncio.wait_for(digested(running), 60))

    kept, rebuilt = running.run(before_and_after(running))

    assert kept["offer"]
    assert {name: rebuilt[name] for name in TABLES if rebuilt[name] != kept[name]} == {}


def test_the_record_is_whole_and_says_nothing_that_is_sealed(running, world):
    async def look():
        async with running.house.within(running.tenant) as db:
            await grow(db, running.house.keys, running.tenant, running.house.clock.now())
            verdict = await verify(db, running.house.keys, running.tenant)
            found = await db.fetchval(
                "select count(*) from entry where tenant = $1 and position('Constantinople'::bytea in body) > 0", running.tenant
            )
            return verdict, found

    verdict, found = running.run(asyncio.wait_for(look(), 60))

    assert (verdict.whole, verdict.faults, found) == (True, verdict.faults, 0)
