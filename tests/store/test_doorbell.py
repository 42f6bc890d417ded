"""The doorbell: heard by those who wait for that tenant, here and elsewhere, again after the connection broke."""

import asyncio

import pytest

from rapport.store.connecting import open_connection
from rapport.store.doorbell import Doorbell

pytestmark = pytest.mark.anyio


@pytest.fixture
async def bells(database_url):
    """Two processes' doorbells, so to say."""
    here, there = (Doorbell(lambda: open_connection(database_url)) for _ in range(2))
    yield here, there
    await here.close()
    await there.close()


async def ready(bell):
    """Wait until the bell hears: it wakes everyone when it begins to listen."""
    with bell.subscribe() as listening:
        assert await listening.wait(30)


async def test_a_ring_is_heard_elsewhere(bells):
    here, there = bells
    with there.subscribe(7) as listening:
        assert await listening.wait(30)

        here.ring(7)

        assert await listening.wait(30)


async def test_a_ring_is_heard_here_at_once(bells):
    here, _ = bells
    with here.subscribe(7) as listening:
        here.ring(7)

        assert await listening.wait(0.01)


async def test_who_rings_can_leave_out_its_own_ear(bells):
    here, _ = bells
    with here.subscribe() as own, here.subscribe() as other:
        here.ring(7, but=own)

        assert await other.wait(0.01)
        assert not await own.wait(0)


async def test_another_tenants_ring_is_not_heard(bells):
    here, there = bells
    await ready(there)
    with there.subscribe(8) as listening, there.subscribe(7) as witness:
        here.ring(7)
        assert await witness.wait(30)

        assert not await listening.wait(0)


async def test_who_listens_to_all_hears_each(bells):
    here, there = bells
    await ready(there)
    with there.subscribe() as listening:
        here.ring(12345)

        assert await listening.wait(30)


async def test_many_rings_become_few_notifications(bells, database_url):
    here, _ = bells
    await ready(here)
    heard = asyncio.Queue()
    db = await open_connection(database_url)
    await db.add_listener("rapport", lambda *event: heard.put_nowait(event[3]))

    for number in range(2000):
        here.ring(number % 3 + 1)
    first = await asyncio.wait_for(heard.get(), 30)
    here.ring(9)
    second = await asyncio.wait_for(heard.get(), 30)

    await db.close()
    assert (first, second) == ("1,2,3", "9")


async def test_it_listens_again_after_its_connection_was_cut(bells, database_url):
    here, there = bells
    await ready(there)
    db = await open_connection(database_url, as_owner=True)
    with there.subscribe(7) as listening:
        await db.execute("select pg_terminate_backend($1)", there._pid)
        assert await listening.wait(30)  # it wakes everyone when it is back

        here.ring(7)

        assert await listening.wait(30)
    await db.close()


async def test_who_hears_nothing_looks_all_the_same(bells):
    _, there = bells
    await ready(there)
    with there.subscribe(7) as listening:
        assert not await listening.wait(0.01)


async def test_who_has_left_is_forgotten(bells):
    here, _ = bells
    with here.subscribe(7):
        pass

    assert here._listening == {}
