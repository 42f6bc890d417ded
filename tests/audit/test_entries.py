"""Single entries: whether each is the one on record, and the bytes of what could not be read."""

import asyncpg
import pytest

from ledger.ledgerwork import ACCOUNT, NOW, an_incoming, an_intake
from rapport.audit.entries import raw_bytes, unaltered
from rapport.ledger.tables import write_rows
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing, Unreadable

pytestmark = pytest.mark.anyio


async def test_an_entry_as_it_was_recorded_is_unaltered(store, tenant):
    async with an_intake(store) as intake:
        await intake.hear(tenant, ACCOUNT, ChannelKind.SOCIAL, [an_incoming("k1"), an_incoming("k2")])

        async with store.within(tenant, readonly=True) as db:
            found = await unaltered(db, intake.keys, tenant, [1, 2, 3])

    assert found == {1: True, 2: True}


async def test_an_entry_that_somebody_changed_is_found(store, tenant, database_url):

    async with an_intake(store) as intake:
        await intake.hear(tenant, ACCOUNT, ChannelKind.SOCIAL, [an_incoming("k1"), an_incoming("k2")])
        owner = await asyncpg.connect(database_url)
        await owner.execute("select set_config('app.tenants', $1, false)", f"{{{tenant}}}")
        await owner.execute("set session_replication_role = replica")
        await owner.execute("update entry set source_id = 'k3' where tenant = $1 and seq = 1", tenant)
        await owner.close()

        async with store.within(tenant, readonly=True) as db:
            found = await unaltered(db, intake.keys, tenant, [1, 2])

    assert found == {1: False, 2: True}


async def test_what_could_not_be_read_keeps_its_bytes(store, tenant):
    broken = Unreadable("k1", b"\x00\xff not a message", "no boundary", NOW)
    async with an_intake(store) as intake:
        await intake.hear(tenant, ACCOUNT, ChannelKind.SOCIAL, [broken])
        async with store.within(tenant) as db:
            id = await db.fetchval("select id from entry where tenant = $1", tenant)
            row = Message(id, NOW, Direction.IN, Standing.UNREADABLE, Reach.PRIVATE, account=ACCOUNT.id, key="k1")
            await write_rows(db, tenant, {Message: {id: row}})

            found = await raw_bytes(db, intake.keys, tenant, id)

    assert found == b"\x00\xff not a message"


async def test_a_message_that_was_read_has_no_bytes_to_show(store, tenant):
    async with an_intake(store) as intake, store.within(tenant, readonly=True) as db:
        assert await raw_bytes(db, intake.keys, tenant, bytes(16)) is None
