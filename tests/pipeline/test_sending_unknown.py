"""The loop that sends, where nobody said what became of a part: it is asked for, never sent blindly, and flagged in the end."""

import asyncio
import contextlib
from datetime import timedelta

import pytest

from channels.memory import MemoryChannel
from ledger.ledgerwork import NOW, an_intake
from rapport.clock import FakeClock
from rapport.errors import OutcomeUnknown, Refused, Unavailable
from rapport.ledger.read import read_entries
from rapport.ledger.tables import write_rows
from rapport.model.centre import Account
from rapport.model.fact import MessageSent, SendPutOff, SendUnknown
from rapport.model.ids import show_id
from rapport.model.message import Reach
from rapport.model.reply import Outgoing
from rapport.pipeline.deliver import EACH, Deliver
from rapport.replies.outbox import claim
from stagework import an_id

pytestmark = pytest.mark.anyio
SOON = timedelta(milliseconds=1)


class Lossy(MemoryChannel):
    """Takes each part and then says what `loses` says; asked for one, it raises `silent` where that is set."""

    def __init__(self) -> None:
        super().__init__(FakeClock(NOW))
        self.loses: Exception | None = None
        self.silent: Exception | None = None
        self.given: list[str] = []

    async def deliver(self, part, once):
        self.given.append(part.text)
        receipt = await super().deliver(part, once)
        if self.loses is not None:
            raise self.loses
        return receipt

    async def locate(self, part, once, near):
        if self.silent is not None:
            raise self.silent
        return await super().locate(part, once, near)


class Accounts:
    """The accounts of a centre, each with its channel."""

    def __init__(self, **channels) -> None:
        self.channels = channels

    async def accounts(self, tenant):
        return [Account(name, "memory") for name in self.channels]

    async def channel(self, tenant, account):
        return self.channels[account.id]


def a_part(name="a", account="one"):
    return Outgoing(
        an_id(name), an_id(f"m {name}"), an_id(f"c {name}"), account, "memory", Reach.PRIVATE, NOW, text=name, handle=an_id("h")
    )


@pytest.fixture
async def desk(store, tenant):
    """Gives `send(channel)`: the facts of the ledger after one more round with one part in the outbox."""
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Outgoing: {an_id("a"): a_part()}})
    async with an_intake(store) as intake:

        async def send(channel):
            await Deliver(intake, store.within, FakeClock(NOW), Accounts(one=channel), lambda: [tenant]).round(tenant)
            async with store.within(tenant) as db:
                return [entry.fact for entry in await read_entries(db, intake.keys, tenant, 0, 10)]

        yield send


async def test_what_the_network_has_although_it_did_not_say_so_is_sent(desk):
    channel = Lossy()
    channel.loses = OutcomeUnknown("the line was cut")

    facts = await desk(channel)

    assert facts == [MessageSent(an_id("a"), show_id(an_id("a")), NOW, True, "one", 1)]
    assert channel.given == ["a"]


async def test_what_the_network_says_it_does_not_have_is_sent_later(desk):
    channel = Lossy()
    channel.failing = OutcomeUnknown("the line was cut")

    assert [type(fact) for fact in await desk(channel)] == [SendPutOff]


async def test_what_the_network_cannot_tell_yet_is_asked_for_again_and_not_sent_again(desk):
    channel = Lossy()
    channel.loses, channel.silent = OutcomeUnknown("the line was cut"), Unavailable("it may still come", SOON)

    first = await desk(channel)
    await asyncio.sleep(0.05)
    second = await desk(channel)
    await asyncio.sleep(0.05)
    channel.silent = None
    last = await desk(channel)

    assert (first, second) == ([], [])
    assert [(type(fact), fact.located) for fact in last] == [(MessageSent, True)]
    assert channel.given == ["a"]


async def test_after_a_sender_that_died_nothing_is_sent_before_the_network_could_be_asked(desk, store, tenant):
    channel = Lossy()
    channel.silent = Unavailable("the network cannot be reached")
    async with store.within(tenant) as db:
        await claim(db, tenant, 1, timedelta(seconds=-1))

    assert await desk(channel) == []
    assert channel.given == []


async def test_a_network_that_knows_the_account_no_more_leaves_an_unknown_part_to_a_person(desk, store, tenant):
    channel = Lossy()
    channel.silent = Refused("connect it again")
    async with store.within(tenant) as db:
        await claim(db, tenant, 1, timedelta(seconds=-1))

    assert await desk(channel) == [SendUnknown(an_id("a"), 2)]


async def test_an_account_that_hangs_holds_up_no_other(store, tenant):
    hanging, other = Lossy(), Lossy()
    stuck = asyncio.Event()
    hanging.deliver = lambda part, once: stuck.wait()
    parts = [a_part(f"a{n}") for n in range(3 * EACH)] + [a_part("z", "two")]
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Outgoing: {part.id: part for part in parts}})

    async with an_intake(store) as intake:
        accounts = Accounts(one=hanging, two=other)
        deliver = Deliver(intake, store.within, FakeClock(NOW), accounts, lambda: [tenant])
        running = asyncio.create_task(deliver.run(asyncio.Event()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30):
                while not other.given:  # noqa: ASYNC110 - what it waits for is the loop under test
                    await asyncio.sleep(0.02)
        running.cancel()

    assert other.given == ["z"]
