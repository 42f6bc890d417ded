"""Facts are appended once, densely, together, and can be read back."""

import asyncio

import pytest

from ledger.ledgerwork import ACCOUNT, NOW, an_incoming, an_intake
from rapport.errors import Overloaded
from rapport.ledger import append
from rapport.ledger.read import head_of, read_entries
from rapport.ledger.seal import Keys
from rapport.model.fact import MessageReceived
from rapport.model.message import ChannelKind, Said

pytestmark = pytest.mark.anyio
SOCIAL = ChannelKind.SOCIAL


async def test_what_was_said_is_read_back_as_it_was_said(store, tenant):
    keys = Keys(b"k" * 32)
    async with an_intake(store, keys) as intake:
        await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming(text="¿Sigue sin red? 📶", name="Ana")])

    async with store.within(tenant) as db:
        (entry,) = await read_entries(db, Keys(b"k" * 32), tenant, 0, 10)

    assert isinstance(entry.fact, MessageReceived)
    assert entry.content == Said("¿Sigue sin red? 📶", "mastodon:@ana@example.social", "Ana")


async def test_four_deliveries_of_each_message_at_once_are_one_entry_each(store, tenant):
    async with an_intake(store) as one, an_intake(store) as two:
        deliveries = [
            intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming(f"k{n}")]) for n in range(100) for intake in (one, two, one, two)
        ]
        taken = [answer for answers in await asyncio.gather(*deliveries) for answer in answers]

    async with store.within(tenant) as db:
        seqs = [seq for (seq,) in await db.fetch("select seq from entry where tenant = $1 order by seq", tenant)]
        assert await head_of(db, tenant) == 100
    assert seqs == list(range(1, 101))
    assert taken.count(True) == 100


async def test_two_copies_in_one_delivery_are_one_entry(store, tenant):
    async with an_intake(store) as intake:
        taken = await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming("k"), an_incoming("k"), an_incoming("other")])

    assert taken == [True, False, True]


async def test_tenants_that_write_at_the_same_time_keep_numbers_of_their_own(store, new_tenant):
    tenants = [await new_tenant() for _ in range(3)]
    async with an_intake(store) as intake:
        await asyncio.gather(*(intake.hear(t, ACCOUNT, SOCIAL, [an_incoming(f"k{n}")]) for n in range(20) for t in tenants))

    for tenant in tenants:
        async with store.within(tenant) as db:
            assert await head_of(db, tenant) == 20


async def test_the_cursor_of_an_account_moves_with_its_messages(store, tenant):
    async with an_intake(store) as intake:
        await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming()], position=b"after-k1")

    async with store.within(tenant) as db:
        assert await db.fetchval("select cursor from position where tenant = $1 and account = 'main'", tenant) == b"after-k1"


async def test_an_account_that_is_read_again_moves_on_though_nothing_of_it_is_new_or_only_something(store, tenant):
    async with an_intake(store) as intake:
        await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming("k1")], position=b"one")
        again = await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming("k1")], position=b"two")
        both = await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming("k1"), an_incoming("k2")], position=b"three")
        await intake.hear(tenant, ACCOUNT, SOCIAL, [], position=b"four")

    async with store.within(tenant) as db:
        assert await db.fetchval("select cursor from position where tenant = $1 and account = 'main'", tenant) == b"four"
        assert await head_of(db, tenant) == 2
    assert (again, both) == ([False], [False, True])


async def test_what_comes_between_the_look_for_duplicates_and_the_writing_is_seen_all_the_same(store, tenant, monkeypatch):
    looked = append._known

    async def late(db, whose, rows):
        found = await looked(db, whose, rows)
        monkeypatch.setattr(append, "_known", looked)
        async with an_intake(store) as other:
            await other.hear(tenant, ACCOUNT, SOCIAL, [an_incoming("k2")])
        return found

    async with an_intake(store) as intake:
        await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming("k1")])
        monkeypatch.setattr(append, "_known", late)
        taken = await intake.hear(
            tenant, ACCOUNT, SOCIAL, [an_incoming("k1"), an_incoming("k2"), an_incoming("k3")], position=b"on"
        )

    async with store.within(tenant) as db:
        assert await db.fetchval("select cursor from position where tenant = $1 and account = 'main'", tenant) == b"on"
        assert await head_of(db, tenant) == 3
    assert taken == [False, False, True]


async def test_an_action_done_twice_with_one_key_is_one_action(store, tenant):
    async with an_intake(store) as intake:
        first = await intake.act(tenant, "ana", "go_online", once="press-1")
        again = await intake.act(tenant, "ana", "go_online", once="press-1")

    async with store.within(tenant) as db:
        assert await head_of(db, tenant) == 1
    assert first == again


async def test_text_that_no_database_can_hold_is_kept_as_far_as_it_can_be(store, tenant):
    keys = Keys(bytes(32))
    async with an_intake(store, keys) as intake:
        await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming(text="a\x00b\ud800c")])

    async with store.within(tenant) as db:
        (entry,) = await read_entries(db, keys, tenant, 0, 10)
    assert entry.content.text == "a�b?c"


async def test_too_much_that_waits_is_refused_and_nothing_of_it_taken(store, tenant):
    async with an_intake(store, most_waiting=2) as intake:
        answers = await asyncio.gather(
            *(intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming(f"k{n}")]) for n in range(50)), return_exceptions=True
        )
        refused = [a for a in answers if isinstance(a, Overloaded)]

    async with store.within(tenant) as db:
        assert await head_of(db, tenant) == 50 - len(refused)
    assert refused


async def test_the_same_name_has_one_handle_and_another_tenant_has_another(store, new_tenant):
    one, two = await new_tenant(), await new_tenant()
    async with an_intake(store) as intake:
        here = await intake.owners(one, {"email:ana@example.org"})
        again = await intake.owners(one, {"email:ana@example.org"})
        there = await intake.owners(two, {"email:ana@example.org"})

    assert here == again
    assert here != there


async def test_signs_that_no_database_holds_in_what_names_an_event_stop_nothing(store, tenant):
    async with an_intake(store) as intake:
        told = intake.event(tenant, "email:ana@example.org", "shop.visited", "till\0", "a\0b", NOW, {})
        asked = intake.declare(tenant, ["email:ana@example.org"], "Ana", {}, "chat", "a\0b")

        assert await asyncio.gather(told, asked) == [True, True]
