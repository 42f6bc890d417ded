"""The loop that sends: operations go out by the same outbox as replies, once, and what became of them is recorded."""

from datetime import timedelta
from hashlib import sha256

import pytest
from msgspec.structs import replace

from app.fake_shop import NOW, Shop
from channels.memory import MemoryChannel
from ledger.ledgerwork import an_intake
from rapport.channels.channel import Means, Op
from rapport.clock import FakeClock
from rapport.errors import OutcomeUnknown, Unavailable
from rapport.ledger.read import read_entries
from rapport.ledger.tables import write_rows
from rapport.model.centre import Account
from rapport.model.conversation import Conversation, State
from rapport.model.fact import MessageSent, OperationDone, SendPutOff, SendRefused, SendUnknown
from rapport.model.ids import show_id
from rapport.model.message import ChannelKind, Media, Reach
from rapport.model.person import Handle
from rapport.model.reply import Outgoing
from rapport.pipeline.deliver import MOST_TRIES, Deliver
from rapport.replies.attachments import keep_file
from stagework import an_id

pytestmark = pytest.mark.anyio
NOON = NOW - timedelta(hours=4)
STORE = Account("store", "shop", settings={"key": "old"})


class OneAccount:
    """The accounts of a centre that has one."""

    def __init__(self, channel) -> None:
        self.one = channel

    async def accounts(self, tenant: int) -> list[Account]:
        return [STORE]

    async def channel(self, tenant: int, account: Account):
        return self.one


def an_operation(name: str = "o", **fields: object) -> Outgoing:
    given = {"op": "delete", "target": "post-1", "by": "bob"} | fields
    return Outgoing(an_id(name), an_id("m"), an_id("c"), "store", "shop", Reach.PUBLIC, NOW, **given)


@pytest.fixture
async def become(store, tenant):
    """`await become(shop, *parts)`: what became of each part of the outbox after one round."""

    async def become(shop: Shop, *parts: Outgoing):
        async with store.within(tenant) as db:
            await write_rows(db, tenant, {Outgoing: {part.id: part for part in parts}})
        channel = shop.open(STORE, Means(FakeClock(NOW), str, None, None))
        async with an_intake(store) as intake:
            await Deliver(intake, store.within, FakeClock(NOW), OneAccount(channel), lambda: [tenant]).round(tenant)
            async with store.within(tenant) as db:
                return [entry.fact for entry in await read_entries(db, intake.keys, tenant, 0, 10)]

    return become


async def test_an_operation_is_done_under_a_name_that_makes_it_once(become):
    shop = Shop()

    facts = await become(shop, an_operation(text="why"))

    assert facts == [OperationDone(an_id("o"), NOW)]
    assert shop.done == [("delete", "post-1", "why", show_id(an_id("o")))]


async def test_of_a_network_that_keeps_one_sign_of_ours_that_is_on_record(become):
    shop = Shop(one_sign=frozenset({Reach.PUBLIC}))

    assert await become(shop, an_operation()) == [OperationDone(an_id("o"), NOW, one_sign=True)]


@pytest.mark.parametrize(
    ("failing", "pause"),
    [
        (OutcomeUnknown("the answer was lost"), timedelta(seconds=4)),
        (Unavailable("later", timedelta(minutes=1)), timedelta(minutes=1)),
    ],
)
async def test_what_may_have_been_done_or_was_not_is_done_later_under_the_same_name(become, failing, pause):
    """Done twice it is done once, so it need not be asked for."""
    shop = Shop(failing=failing)

    assert await become(shop, an_operation()) == [SendPutOff(an_id("o"), 1, NOW + pause)]
    assert shop.done == []


async def test_what_stays_unknown_however_often_it_is_tried_is_for_people(become, store, tenant):
    async with store.within(tenant) as db:
        await db.execute(
            "insert into sending values ($1, $2, $3, now() - interval '1 day')", tenant, an_id("o"), MOST_TRIES - 1
        )

    facts = await become(
        Shop(failing=OutcomeUnknown("the answer was lost")), an_operation(tries=MOST_TRIES - 1, not_before=NOON)
    )

    assert facts == [SendUnknown(an_id("o"), MOST_TRIES)]


@pytest.mark.parametrize("fields", [{"target": "gone"}, {"op": "edit"}])
async def test_what_the_network_refuses_or_the_account_cannot_do_is_refused(become, fields):
    assert await become(Shop(), an_operation(**fields)) == [SendRefused(an_id("o"), 1)]


@pytest.mark.parametrize("name", ["shop:ana", ""])
async def test_a_network_that_must_know_whose_a_message_is_is_told_unless_they_were_erased(become, store, tenant, name):
    class Gesturing(Shop):
        def open(self, account, means):
            channel = super().open(account, means)
            channel.gesture = lambda op, key, to, argument, once: channel.moderate(op, key, f"{argument} {to}", once)
            return channel

    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Handle: {an_id("h"): Handle(an_id("h"), name)}})
    shop = Gesturing(ops=frozenset({Op.REACT}))

    [fact] = await become(shop, an_operation(op="react", text="👍", handle=an_id("h")))

    assert type(fact) is (OperationDone if name else SendRefused)
    assert [argument for _, _, argument, _ in shop.done] == ([f"👍 {name}"] if name else [])


async def test_an_operation_neither_waits_for_a_reply_nor_holds_one_up(become):
    earlier = Outgoing(an_id("r"), an_id("m0"), an_id("c"), "store", "shop", Reach.PUBLIC, NOW - timedelta(hours=1))
    shop = Shop(ops=frozenset({Op.DELETE}))

    facts = await become(shop, earlier, an_operation(), an_operation("o2", target="post-2", part=1))

    assert {type(fact).__name__ for fact in facts} == {"OperationDone", "SendUnknown"}
    assert len(shop.done) == 2


@pytest.mark.parametrize("there", [True, False])
async def test_a_part_goes_out_with_the_bytes_of_its_files_or_not_at_all(store, tenant, there):
    name = sha256(b"the key").hexdigest()
    part = Outgoing(
        an_id("o"), an_id("m"), an_id("c"), "store", "shop", Reach.PRIVATE, NOW, text="Here it is", to="shop:ana",
        files=(Media("key.txt", "text/plain", 7, name),),
    )  # fmt: skip
    channel = MemoryChannel(FakeClock(NOW))
    async with an_intake(store) as intake:
        handle = (await intake.owners(tenant, {"shop:ana"}))["shop:ana"]
        async with store.within(tenant) as db:
            await write_rows(db, tenant, {Outgoing: {part.id: replace(part, handle=handle)}})
            talk = Conversation(
                an_id("c"), an_id("p"), handle, State.OPEN, ChannelKind.CHAT, "store", "shop", Reach.PRIVATE, NOW, NOW
            )
            await write_rows(db, tenant, {Conversation: {talk.id: talk}})
            if there:
                await keep_file(db, intake.keys, tenant, an_id("c"), "bob", part.files[0], b"the key", NOW)

        await Deliver(intake, store.within, FakeClock(NOW), OneAccount(channel), lambda: [tenant]).round(tenant)
        async with store.within(tenant) as db:
            [entry] = await read_entries(db, intake.keys, tenant, 0, 10)

    assert [[file.data for file in sent.files] for sent in channel.sent.values()] == ([[b"the key"]] if there else [])
    assert isinstance(entry.fact, MessageSent if there else SendRefused)
