"""The loop that watches over silence: an alarm is told once, stands until the account is heard, and our own absence is none."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.clock import FakeClock
from rapport.ledger.tables import write_rows
from rapport.model.fact import AccountHeard, AccountSilent
from rapport.model.ids import named_id
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.pipeline.watch import Watch

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


def a_message(at: datetime) -> Message:
    return Message(named_id(at, "store"), at, Direction.IN, Standing.RECEIVED, Reach.PUBLIC, account="store")


@pytest.fixture
async def watching(store, tenant):
    """An account that is heard every ten minutes from 8 to 18 UTC, for three weeks up to NOON; the clock; and what is told."""
    days = [NOON.replace(hour=8) - timedelta(days=day) for day in range(22)]
    times = [day + timedelta(minutes=10 * n) for day in days for n in range(60)]
    rows = [a_message(at) for at in times if at <= NOON]
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Message: {row.id: row for row in rows}})
        body = b'{"id": "store", "channel": "shop"}'
        await db.execute("insert into thing (tenant, id, body, at) values ($1, 'account/store', $2, $3)", tenant, body, NOON)
    told = []

    async def tell(tenant: int, fact) -> None:
        told.append(fact)

    clock = FakeClock(NOON)
    return Watch(store.within, clock, tell, NOON - timedelta(hours=1)), clock, told


async def test_a_silence_that_history_makes_implausible_is_told_once_and_so_is_its_end(watching, store, tenant):
    watch, clock, told = watching
    early = await watch.look(tenant)
    clock.move(timedelta(hours=3))
    silent, still = await watch.look(tenant), await watch.look(tenant)
    async with store.within(tenant) as db:
        row = a_message(clock.now())
        await write_rows(db, tenant, {Message: {row.id: row}})
    clock.move(timedelta(minutes=1))
    heard = await watch.look(tenant)

    assert (list(early), list(silent), list(still), list(heard)) == ([], ["store"], ["store"], [])
    [begins, ends] = told
    assert isinstance(begins, AccountSilent)
    assert (begins.since, begins.chance < 0.001) == (NOON, True)
    assert ends == AccountHeard("store", "shop", NOON)


async def test_the_page_is_told_since_when(watching, store, tenant):
    watch, clock, _ = watching
    clock.move(timedelta(hours=3))
    await watch.look(tenant)

    async with store.within(tenant) as db:
        row = await db.fetchrow("select silent_since, silent_chance from account_health where tenant = $1", tenant)
    assert row["silent_since"] == NOON
    assert row["silent_chance"] < 0.001


async def test_while_we_were_down_the_silence_was_ours(watching, tenant):
    watch, clock, told = watching
    clock.move(timedelta(hours=5))
    watch.began = clock.now() - timedelta(minutes=5)

    assert await watch.look(tenant) == {}
    assert told == []


async def test_a_night_that_is_always_quiet_is_not_told(watching, store, tenant):
    watch, clock, told = watching
    async with store.within(tenant) as db:
        rows = [a_message(NOON + timedelta(minutes=10 * n)) for n in range(1, 36)]
        await write_rows(db, tenant, {Message: {row.id: row for row in rows}})
    clock.set(NOON + timedelta(hours=19))

    await watch.look(tenant)

    assert told == []


async def test_a_paused_account_is_silent_by_our_own_will(watching, store, tenant):
    watch, clock, told = watching
    async with store.within(tenant) as db:
        body = b'{"id": "store", "channel": "shop", "paused": true}'
        await db.execute("update thing set body = $2 where tenant = $1", tenant, body)
    clock.move(timedelta(hours=5))

    assert await watch.look(tenant) == {}
    assert told == []
