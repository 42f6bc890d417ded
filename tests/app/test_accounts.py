"""Accounts: credentials are exchanged without a pause, budgets outlive a restart, and what one process knows is kept."""

import asyncio
from datetime import timedelta

import pytest

from app.fake_shop import NOW, Shop
from rapport.app.accounts import Accounts
from rapport.app.budgets import Budgets
from rapport.app.credentials import Secrets
from rapport.channels.budget import Lane
from rapport.clock import FakeClock
from rapport.errors import Unavailable
from rapport.ledger.seal import Keys
from rapport.ledger.tables import write_rows
from rapport.model.centre import Account
from rapport.model.ids import named_id
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.person import Handle

pytestmark = pytest.mark.anyio
STORE = Account("store", "shop", settings={"key": "secret:store.key"})


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def opened(store, shop):
    """`opened()`: the accounts of a process that begins now."""
    clock, keys = FakeClock(NOW), Keys(bytes(32))

    def opened() -> Accounts:
        budgets = Budgets(store.within, clock)
        network = shop.network()
        secrets = Secrets(store.within, keys)
        return Accounts(store.within, clock, secrets, None, None, None, budgets, lambda name: network, grace=0.01)

    return opened


async def test_a_new_credential_that_works_takes_the_place_of_the_former_which_is_then_closed(opened, shop, tenant):
    accounts = opened()
    await accounts.secrets.put(tenant, "store.key", "old")
    before = await accounts.channel(tenant, STORE)
    shop.keys = {"old", "new"}
    await accounts.secrets.put(tenant, "store.key", "new")
    await accounts.accounts(tenant)

    after = await accounts.channel(tenant, STORE)
    in_use = list(shop.closed)
    async with asyncio.timeout(30):
        while not shop.closed:  # noqa: ASYNC110 - the shop has no event to wait for
            await asyncio.sleep(0.01)

    assert (before.key, after.key, in_use, shop.closed) == ("old", "new", [], ["old"])
    assert await accounts.secrets.both(tenant) == ({"store.key": "new"}, {"store.key": "new"})


async def test_with_a_new_credential_that_does_not_work_the_former_goes_on_and_people_are_told(opened, shop, tenant):
    accounts = opened()
    await accounts.secrets.put(tenant, "store.key", "old")
    before = await accounts.channel(tenant, STORE)
    await accounts.secrets.put(tenant, "store.key", "wrong")
    await accounts.accounts(tenant)

    after, probe = await accounts.channel(tenant, STORE), accounts.probed(tenant, "store")

    assert after is before
    assert probe.works
    assert "the network does not take the new one" in probe.health.en
    assert "no acepta la nueva" in probe.health.es


async def test_a_process_that_begins_with_a_credential_that_does_not_work_uses_the_former(opened, shop, tenant):
    accounts = opened()
    await accounts.secrets.put(tenant, "store.key", "old")
    await accounts.channel(tenant, STORE)
    await accounts.secrets.put(tenant, "store.key", "wrong")
    await accounts.secrets.put(tenant, "store.key", "wrong again")

    channel = await opened().channel(tenant, STORE)

    assert channel.key == "old"


async def test_a_new_credential_is_tried_again_after_a_minute(opened, shop, tenant):
    accounts = opened()
    await accounts.secrets.put(tenant, "store.key", "old")
    await accounts.channel(tenant, STORE)
    await accounts.secrets.put(tenant, "store.key", "late")
    await accounts.accounts(tenant)
    early = await accounts.channel(tenant, STORE)
    shop.keys = {"late"}
    still = await accounts.channel(tenant, STORE)
    accounts.clock.move(timedelta(seconds=61))

    later = await accounts.channel(tenant, STORE)

    assert (early.key, still.key, later.key) == ("old", "old", "late")


async def test_while_credentials_change_hands_calls_of_the_network_may_be_signed_with_either(opened, shop, tenant):
    accounts = opened()
    await accounts.secrets.put(tenant, "store.key", "old")
    await accounts.secrets.put(tenant, "store.key", "new")

    assert [channel.key for channel in await accounts.verifiers(tenant, STORE)] == ["new", "old"]


async def test_what_is_spent_stays_spent_over_a_restart_until_the_period_is_over(opened, tenant):
    first = opened()
    await first.secrets.put(tenant, "store.key", "old")
    channel = await first.channel(tenant, STORE)
    channel.means.budget.spend("calls", Lane.REPLY, NOW, 95)
    await first.budgets.write([tenant])

    second = await opened().budgets.of(tenant, "store")
    with pytest.raises(Unavailable):
        second.spend("calls", Lane.REPLY, NOW, 6)
    third = opened()
    third.budgets.clock.move(timedelta(hours=2))

    assert second.buckets["calls"].left == 5
    assert (await third.budgets.of(tenant, "store")).buckets == {}


async def test_a_budget_of_one_person_is_not_kept_as_its_name_tells_who_it_is(opened, tenant, store):
    budgets = opened().budgets
    budget = await budgets.of(tenant, "store")
    budget.allow("pair:5215512345678", 1, timedelta(minutes=1), NOW)
    budget.allow("calls", 10, timedelta(minutes=1), NOW)
    await budgets.write([tenant])

    async with store.within(tenant) as db:
        assert [name for (name,) in await db.fetch("select name from budget where tenant = $1", tenant)] == ["calls"]


async def test_accounts_have_budgets_of_their_own(opened, tenant):
    accounts = opened()
    await accounts.secrets.put(tenant, "store.key", "old")
    one = await accounts.channel(tenant, STORE)
    two = await accounts.channel(tenant, replace_id(STORE, "branch"))
    one.means.budget.spend("calls", Lane.REPLY, NOW, 90)

    assert two.means.budget.buckets["calls"].left == 100


def replace_id(account: Account, id: str) -> Account:
    """The same account under another name."""
    return Account(id, account.channel, settings=account.settings)


async def test_a_channel_is_told_who_asked_us_to_stop(opened, shop, tenant, store):
    accounts, ana = opened(), "shop:ana"
    await accounts.secrets.put(tenant, "store.key", "old")
    shop.keys = {"old"}
    channel = await accounts.channel(tenant, STORE)
    handle, said_at = named_id(NOW, "ana"), NOW - timedelta(hours=1)
    said = Message(named_id(NOW, "m"), said_at, Direction.IN, Standing.HELD, Reach.PRIVATE, handle=handle, text="STOP")
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Handle: {handle: Handle(handle, ana)}})
        await write_rows(db, tenant, {Message: {said.id: said}})

    assert [await channel.means.stopped(who) for who in (ana, "shop:bea")] == [True, False]


async def test_what_a_network_gave_is_kept_sealed_over_a_restart_for_its_account_and_credential_alone(opened, tenant, store):
    await opened().secrets.kept(tenant, "store").write("refresh_token", "r0", "r1-secret")

    kept = opened().secrets.kept(tenant, "store")
    found = [await kept.read("refresh_token", first) for first in ("r0", "another")]
    elsewhere = await opened().secrets.kept(tenant, "market").read("refresh_token", "r0")
    async with store.within(tenant) as db:
        [sealed] = await db.fetchrow("select sealed from secret where tenant = $1", tenant)

    assert (found, elsewhere) == (["r1-secret", ""], "")
    assert b"r1" not in sealed
