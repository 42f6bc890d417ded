"""Whose turn it is: who rang or has something due, every pass; everybody else in turns; one that fails stops no other."""

import asyncio
import contextlib
from datetime import timedelta
from types import SimpleNamespace

import pytest

from ledger.ledgerwork import ACCOUNT, NOW, an_incoming, an_intake
from pipeline.test_advance import UNTAKEABLE, an_advance, facts_of, hear
from rapport.clock import FakeClock
from rapport.ledger.round import Tenant
from rapport.ledger.seal import Keys
from rapport.model.message import ChannelKind
from rapport.pipeline.turns import LOOK, MOST_LOOKS, Turns
from rapport.store.doorbell import Listening

pytestmark = pytest.mark.anyio
BELL = SimpleNamespace(_forget=lambda tenant, listening: None)


@contextlib.asynccontextmanager
async def running(advance):
    """The loop itself, beside the test; yields what rings it."""
    bell = Listening(BELL, None)
    bell.wake()
    task = asyncio.create_task(Turns(advance).run(bell))
    try:
        yield bell
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(holds):
    """Wait for what soon holds; fail where it does not."""
    async with asyncio.timeout(30):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.01)


def taken_of(store, tenant, count=1):
    async def taken():
        return (await facts_of(store, tenant)).count("MessageAdmitted") == count

    return taken


async def test_the_loop_takes_what_comes_while_it_waits_and_while_it_works(store, tenant):
    async with an_advance(store, only=(tenant,)) as advance, running(advance) as bell:
        for name in "abcdef":
            await hear(store, tenant, name)
            bell.wake(tenant)
            await asyncio.sleep(0.005)

        await until(taken_of(store, tenant, 6))


async def test_a_ring_is_followed_while_the_round_before_is_still_being_written(store, tenant, monkeypatch):
    took, written, write, take = [], asyncio.Event(), Tenant.write, Tenant.take

    async def noted(self, *args):
        batch = await take(self, *args)
        took.extend(entry.seq for entry in batch.entries)
        return batch

    async def slow(self, writer, round):
        if took == [1]:
            await written.wait()
        await write(self, writer, round)

    monkeypatch.setattr(Tenant, "take", noted)
    monkeypatch.setattr(Tenant, "write", slow)
    async with an_advance(store, only=(tenant,)) as advance, running(advance) as bell:
        await hear(store, tenant, "uno")
        bell.wake(tenant)
        await until(lambda: asyncio.sleep(0, took == [1]))
        await hear(store, tenant, "dos")
        bell.wake(tenant)
        await until(lambda: asyncio.sleep(0, len(took) == 2))
        assert (await facts_of(store, tenant)).count("MessageAdmitted") == 0
        written.set()

        await until(taken_of(store, tenant, 2))


async def test_what_came_with_a_ring_that_was_lost_is_taken_all_the_same(store, tenant):
    async with an_advance(store, only=(tenant,)) as advance, running(advance):
        await until(lambda: asyncio.sleep(0, advance.tenants[tenant].rows is not None))
        await hear(store, tenant, "uno")

        await until(taken_of(store, tenant))


async def test_a_tenant_whose_entries_cannot_be_opened_stops_no_other(store, new_tenant):
    broken, well = await new_tenant(), await new_tenant()
    async with an_intake(store, Keys(b"another master key of 32 letters")) as elsewhere:
        await elsewhere.hear(broken, ACCOUNT, ChannelKind.SOCIAL, [an_incoming("k1", text="sealed by somebody else")])
    async with an_advance(store, only=(broken, well)) as advance, running(advance) as bell:
        await hear(store, well, "uno")
        bell.wake(well)

        await until(taken_of(store, well))


async def test_a_tenant_whose_rows_the_database_does_not_take_stops_no_other_and_goes_on_itself(store, new_tenant):
    broken, well = await new_tenant(), await new_tenant()
    await hear(store, broken, "uno", "untakeable", "tres")
    await hear(store, well, "uno")
    async with an_advance(store, only=(broken, well), views=UNTAKEABLE) as advance, running(advance):
        await until(taken_of(store, well))
        await until(taken_of(store, broken, 2))


def a_crowd(quiet, due=NOW + timedelta(hours=1)):
    """Turns over so many tenants that have nothing to do."""
    tenants = {id: SimpleNamespace(rows=SimpleNamespace(unsettled=0), next_due=due) for id in range(1, quiet + 1)}
    return Turns(SimpleNamespace(tenants=tenants, clock=FakeClock(NOW), doubted=set(), most=200))


def test_only_who_rang_is_looked_at_and_of_the_quiet_ones_some_at_a_time_until_all_had_their_turn():
    turns = a_crowd(3 * MOST_LOOKS)
    turns._looked = dict.fromkeys(turns.advance.tenants, 100.0)

    assert turns._chosen(frozenset({7}), 100.0) == [7]
    assert turns._chosen(None, 100.0) == list(turns.advance.tenants)
    seen = set()
    for _ in range(3):
        chosen = turns._chosen(frozenset(), 101.0 + LOOK)
        assert len(chosen) == MOST_LOOKS
        turns._looked |= dict.fromkeys(chosen, 101.0 + LOOK)
        seen |= set(chosen)
    assert seen == set(turns.advance.tenants)
    assert turns._chosen(frozenset(), 101.0 + LOOK) == []


def test_whose_reminder_is_due_or_who_failed_has_a_turn_without_a_ring():
    turns = a_crowd(3)
    turns._looked = dict.fromkeys(turns.advance.tenants, 100.0)
    turns.advance.tenants[2].next_due = NOW
    turns.advance.doubted.add(3)

    assert turns._chosen(frozenset(), 100.0) == [2, 3]
