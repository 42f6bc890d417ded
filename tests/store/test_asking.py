"""Asking: single statements that read, each inside the walls of one tenant, whoever asked before on the same connection."""

import asyncio

import asyncpg
import pytest

from rapport.store.asking import MOST

pytestmark = pytest.mark.anyio

NAMES = "select name from secret order by name"


@pytest.fixture
async def two(store, tenant, new_tenant):
    """Two tenants, each with a secret of its own name."""
    other = await new_tenant()
    for number in (tenant, other):
        async with store.within(number) as db:
            await db.execute("insert into secret(tenant, name, sealed) values ($1, $2, 'x')", number, str(number))
    return tenant, other


async def test_each_sees_what_is_its_own_whoever_asked_before_and_beside(store, two):
    asked = [two[n % 2] for n in range(4 * MOST)]

    found = await asyncio.gather(*(store.reading(tenant).fetch(NAMES) for tenant in asked))

    assert [[name for (name,) in rows] for rows in found] == [[str(tenant)] for tenant in asked]


async def test_nothing_is_written_and_a_fault_costs_its_own_statement_alone(store, two):
    reading = store.reading(two[0])

    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await reading.fetch("delete from secret returning name")
    with pytest.raises(asyncpg.UndefinedTableError):
        await reading.fetch("select 1 from nothing_of_this_name")

    assert [name for (name,) in await reading.fetch(NAMES)] == [str(two[0])]


async def test_who_gives_up_in_the_middle_leaves_nothing_for_the_next(store, two):
    slow = asyncio.create_task(store.reading(two[0]).fetch("select pg_sleep(30), $1::int", 7))
    await store.reading(two[1]).fetch(NAMES)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow

    assert [name for (name,) in await store.reading(two[0]).fetch(NAMES)] == [str(two[0])]
