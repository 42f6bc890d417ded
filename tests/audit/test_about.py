"""The entries about a conversation: all of them, in their order, a page at a time, however much lies between them."""

from datetime import timedelta

import pytest

from ledger.ledgerwork import ACCOUNT, NOW, an_incoming, an_intake
from rapport.audit.about import entries_about, seq_at
from rapport.ledger.tables import write_rows
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing

pytestmark = pytest.mark.anyio
CONVERSATION = named_id(NOW, "conversation")


@pytest.fixture
async def ledger(store, tenant):
    """Thirty messages in; the fifth, the sixth and the last are of one conversation."""
    async with an_intake(store) as intake:
        keys = [f"k{n}" for n in range(1, 31)]
        for key in keys:
            await intake.hear(tenant, ACCOUNT, ChannelKind.SOCIAL, [an_incoming(key)])
        async with store.within(tenant) as db:
            rows = {}
            for key in ("k5", "k6", "k30"):
                id = await db.fetchval("select id from entry where tenant = $1 and source_id = $2", tenant, key)
                rows[id] = Message(
                    id, NOW, Direction.IN, Standing.RECEIVED, Reach.PUBLIC, ACCOUNT.id, key=key, conversation=CONVERSATION
                )
            await write_rows(db, tenant, {Message: rows})
        yield store


async def looked(ledger, tenant, **asked):
    async with ledger.within(tenant, readonly=True) as db:
        return await entries_about(db, tenant, CONVERSATION, NOW, **asked)


async def test_a_short_ledger_is_one_page_from_where_the_conversation_began(ledger, tenant):
    found = await looked(ledger, tenant)

    assert [entry.seq for entry in found.entries] == [5, 6, 30]
    assert (found.first, found.end, found.is_all, found.next_heard) == (5, 31, True, None)


async def test_pages_follow_each_other_and_say_where_the_next_message_is(ledger, tenant):
    first = await looked(ledger, tenant, most=10)
    second = await looked(ledger, tenant, most=10, first=first.end)
    skipped = await looked(ledger, tenant, most=10, first=first.next_heard)

    assert ([entry.seq for entry in first.entries], first.end, first.next_heard) == ([5, 6], 15, 30)
    assert (second.entries, second.first, second.end) == ((), 15, 25)
    assert ([entry.seq for entry in skipped.entries], skipped.is_all) == ([30], True)


async def test_beyond_the_end_there_is_nothing(ledger, tenant):
    found = await looked(ledger, tenant, first=99)

    assert (found.entries, found.is_all) == ((), True)


async def test_a_conversation_that_no_channel_brought_begins_when_it_was_opened(ledger, tenant):
    async with ledger.within(tenant, readonly=True) as db:
        found = await entries_about(db, tenant, named_id(NOW, "other"), NOW + timedelta(days=1))

    assert (found.entries, found.first, found.is_all) == ((), 31, True)


@pytest.mark.parametrize(("minutes", "number"), [(-5, 1), (5, 31)])
async def test_a_time_is_found_by_halving(ledger, tenant, minutes, number):
    async with ledger.within(tenant, readonly=True) as db:
        assert await seq_at(db, tenant, NOW + timedelta(minutes=minutes), 30) == number
