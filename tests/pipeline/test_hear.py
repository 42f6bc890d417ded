"""The loop that listens: what each account's probe said is kept, and what webhooks lost is found by reading, and counted."""

import asyncio
import contextlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from app.fake_shop import NOW, Shop
from ledger.ledgerwork import an_intake
from rapport.channels.budget import Budget, Lane
from rapport.channels.channel import Means, Op, Page
from rapport.channels.media import MediaKeeper
from rapport.clock import FakeClock
from rapport.errors import Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.pipeline import health
from rapport.pipeline.hear import Hear
from rapport.web.desk.afterwards import done_to

pytestmark = pytest.mark.anyio
STORE = Account("store", "shop", settings={"key": "old"})


class OneAccount:
    """The accounts of a centre that has one."""

    def __init__(self, channel) -> None:
        self.one = channel
        self.probe = None

    async def accounts(self, tenant: int) -> list[Account]:
        return [STORE]

    async def channel(self, tenant: int, account: Account):
        self.probe = self.probe or await self.one.probe()
        return self.one

    def probed(self, tenant: int, account: str):
        return self.probe


@pytest.fixture
async def hearing(store, tenant):
    shop, clock = Shop(), FakeClock(NOW)
    channel = shop.open(STORE, Means(clock, str, None, None))
    async with an_intake(store) as intake:
        hear = Hear(intake, store.within, clock, OneAccount(channel), MediaKeeper(None, None), lambda: [tenant])
        yield SimpleNamespace(hear=hear, shop=shop, channel=channel, clock=clock, intake=intake)


def said(key: str, minutes_ago: float) -> Incoming:
    return Incoming(key, "shop:ana", key, Reach.PUBLIC, NOW - timedelta(minutes=minutes_ago))


async def kept(store, tenant):
    async with store.within(tenant) as db:
        return await db.fetchrow("select * from account_health where tenant = $1 and account = 'store'", tenant)


async def pushed(hearing, store, tenant, *, hint: bool = False) -> None:
    """The network has called, and the loop has seen that."""
    async with store.within(tenant) as db:
        await health.pushed(db, tenant, "store", hearing.clock.now(), heard=True, hint=hint)
    await hearing.hear._look_for_hints()


async def test_what_only_the_reading_finds_was_lost_on_the_way_and_is_counted(hearing, store, tenant):
    await pushed(hearing, store, tenant)
    brought, lost, coming = said("brought", 5), said("lost", 5), said("coming", 0.5)
    await hearing.intake.hear(tenant, STORE, ChannelKind.SOCIAL, [brought])
    hearing.shop.said = [brought, lost, coming]

    await hearing.hear.take_page(tenant, STORE, hearing.channel, b"0")

    row = await kept(store, tenant)
    assert (row["gaps"], row["gap_at"]) == (1, NOW)


async def test_the_first_reading_of_an_account_leaves_more_of_its_budget_than_the_next_ones(hearing, tenant):
    asked = []

    async def pull(cursor):
        budget = Budget()
        budget.allow("calls", 10, timedelta(hours=1), NOW)
        asked.append(0)
        with contextlib.suppress(Unavailable):
            while True:
                budget.spend("calls", Lane.POLL, NOW)
                asked[-1] += 1
        if len(asked) == 4:
            raise Refused("that is enough")
        return Page((), str(len(asked)).encode(), more=len(asked) == 1)

    hearing.channel.capabilities = replace(hearing.channel.capabilities, poll=0.001)
    hearing.channel.pull = pull
    with pytest.raises(Refused):
        await hearing.hear._pull_for_ever(tenant, STORE, hearing.channel)

    assert asked == [4, 4, 7, 7]


async def test_a_first_reading_that_needs_more_than_is_left_for_the_past_spends_as_any_other_the_next_time(hearing, tenant):
    asked = []

    async def pull(cursor):
        if len(asked) == 2:
            raise Refused("that is enough")
        asked.append(0)
        budget = Budget()
        budget.allow("calls", 10, timedelta(hours=1), NOW)
        for _ in range(6):
            budget.spend("calls", Lane.POLL, NOW)
            asked[-1] += 1
        return Page((), b"6")

    hearing.channel.pull = pull
    hearing.channel.capabilities = replace(hearing.channel.capabilities, poll=0.001)
    for end in (Unavailable, Refused):
        with pytest.raises(end):
            await hearing.hear._pull_for_ever(tenant, STORE, hearing.channel)

    assert asked == [4, 6]


async def test_what_only_messages_of_one_reach_know_is_offered_for_those_alone(hearing, store, tenant):
    channel = hearing.channel
    channel.capabilities = replace(channel.capabilities, only={Op.HIDE: Reach.PUBLIC})
    async with store.within(tenant) as db:
        await health.probed(db, tenant, "store", channel, await channel.probe(), False)
    ops = (await kept(store, tenant))["ops"]

    assert (done_to(ops, Reach.PUBLIC), done_to(ops, Reach.PRIVATE)) == ({"hide", "delete"}, {"delete"})


async def test_the_first_reading_of_an_account_that_never_pushed_is_no_gap(hearing, store, tenant):
    hearing.shop.said = [said("old", 500)]

    await hearing.hear.take_page(tenant, STORE, hearing.channel, b"0")

    assert (await kept(store, tenant))["gaps"] == 0


async def test_what_a_hint_announced_is_no_gap(hearing, store, tenant):
    hearing.shop.said = [said("announced", 5)]
    await pushed(hearing, store, tenant, hint=True)

    await hearing.hear.take_page(tenant, STORE, hearing.channel, b"0")

    assert (await kept(store, tenant))["gaps"] == 0


async def test_while_the_network_pushes_the_reading_sweeps_within_five_minutes_and_else_keeps_its_own_pace(
    hearing, store, tenant
):
    before = hearing.hear._pause(tenant, STORE, hearing.channel)
    await pushed(hearing, store, tenant)
    pushing = hearing.hear._pause(tenant, STORE, hearing.channel)
    hearing.clock.move(timedelta(minutes=20))

    assert (before, hearing.hear._pause(tenant, STORE, hearing.channel)) == (60.0, 60.0)
    assert before < pushing < 300


async def test_a_hint_wakes_the_reading(hearing, store, tenant):
    running = asyncio.create_task(hearing.hear.run(every=0.02))
    try:
        await until(lambda: kept(store, tenant))
        await pushed(hearing, store, tenant)
        hearing.shop.said = [said("new", 0)]
        hearing.clock.move(timedelta(seconds=1))
        async with store.within(tenant) as db:
            await health.pushed(db, tenant, "store", hearing.clock.now(), heard=False, hint=True)

        async def heard() -> bool:
            async with store.within(tenant) as db:
                return bool(await db.fetchval("select count(*) from entry where tenant = $1", tenant))

        assert await until(heard)
    finally:
        running.cancel()


async def test_what_the_probe_said_is_kept(hearing, store, tenant):
    running = asyncio.create_task(hearing.hear.run(every=0.02))
    try:
        row = await until(lambda: kept(store, tenant))
    finally:
        running.cancel()

    assert (row["ok"], row["health_es"], row["health_en"], row["name"]) == (True, "Va bien.", "It is well.", "@shop")
    assert (row["ops"], row["pulls"], row["pushes"], row["expires"]) == (
        ["delete", "hide"],
        True,
        True,
        NOW + timedelta(days=60),
    )


async def until(ask, seconds: float = 30.0):
    """What `ask` gives as soon as it gives anything."""
    async with asyncio.timeout(seconds):
        while not (found := await ask()):  # noqa: ASYNC110  (the database has no event to wait for)
            await asyncio.sleep(0.02)
        return found
