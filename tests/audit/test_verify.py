"""What was altered, cut, moved or forged is found; what is whole or erased is not accused."""

import pytest

from ledger.ledgerwork import ACCOUNT, NOW, an_incoming, an_intake
from rapport.audit.verify import verify
from rapport.ledger.checkpoint import grow
from rapport.ledger.seal import Keys
from rapport.model.message import ChannelKind
from rapport.store.pool import open_connection

pytestmark = pytest.mark.anyio
KEYS = b"v" * 32


@pytest.fixture
async def ledger(store, tenant):
    """Five entries with contents under one checkpoint."""
    async with an_intake(store, Keys(KEYS)) as intake:
        await intake.hear(tenant, ACCOUNT, ChannelKind.SOCIAL, [an_incoming(f"k{n}", text=f"number {n}") for n in range(5)])
    async with store.within(tenant) as db:
        await grow(db, Keys(KEYS), tenant, NOW)
    return tenant


async def tampered(database_url, tenant, *statements):
    """What somebody with the owner's password could do: triggers off, then as they like."""
    db = await open_connection(database_url, as_owner=True)
    try:
        async with db.transaction():
            await db.execute("set local session_replication_role = replica")
            await db.execute(f"set local app.tenants = '{{{tenant}}}'")
            for statement in statements:
                await db.execute(statement.replace("$t", str(tenant)))
    finally:
        await db.close()


async def verdict(store, tenant):
    async with store.within(tenant) as db:
        return await verify(db, Keys(KEYS), tenant)


async def test_a_ledger_that_nobody_touched_is_whole(store, ledger):
    found = await verdict(store, ledger)

    assert (found.whole, found.entries, found.contents, found.checkpoints) == (True, 5, 5, 1)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("update entry set body = 'x' where tenant = $t and seq = 3", "entry 3 does not hash"),
        ("update entry set at = at + interval '1 s' where tenant = $t and seq = 3", "entry 3 does not hash"),
        ("update entry set source_id = 'other' where tenant = $t and seq = 3", "entry 3 does not hash"),
        ("delete from entry where tenant = $t and seq = 3", "entry 3 is missing"),
        ("delete from entry where tenant = $t and seq = 5", "5 entries, the ledger has 4"),
        ("update content set sealed = '\\x00'::bytea || sealed where tenant = $t and seq = 2", "content of entry 2"),
        ("update content set commitment = sha256('x') where tenant = $t and seq = 2", "entry 2 does not hash"),
        ("update checkpoint set root = sha256('x') where tenant = $t", "has another root"),
        ("update checkpoint set note = replace(note, '5', '6') where tenant = $t", "not signed by this centre"),
        ("update head set seq = 9 where tenant = $t", "the head says 9 entries, 5 are there"),
    ],
)
async def test_a_tampering_is_found_and_named(store, ledger, database_url, statement, says):
    await tampered(database_url, ledger, statement)

    found = await verdict(store, ledger)

    assert any(says in fault for fault in found.faults), found.faults


async def test_two_entries_that_changed_places_are_found(store, ledger, database_url):
    swap = "update entry set seq = case seq when 2 then -1 else 2 end where tenant = $t and seq in (2, 3)"
    await tampered(database_url, ledger, swap, "update entry set seq = 3 where tenant = $t and seq = -1")

    assert not (await verdict(store, ledger)).whole


async def test_what_was_erased_is_no_fault_and_the_proofs_still_verify(store, ledger):
    async with store.within(ledger) as db:
        await db.execute("delete from key where tenant = $1", ledger)

    found = await verdict(store, ledger)

    assert (found.whole, found.erased) == (True, 5)
