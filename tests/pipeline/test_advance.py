"""The loop takes what came once and in order, sets aside what a stage cannot digest, and goes on."""

import asyncio
import contextlib
from dataclasses import dataclass
from functools import partial

import pytest

from ledger.ledgerwork import ACCOUNT, NOW, an_incoming, an_intake
from rapport.clock import FakeClock
from rapport.errors import Conflict, Unwritable
from rapport.ledger import folding
from rapport.ledger.entry import follows
from rapport.ledger.read import read_entries
from rapport.ledger.rebuild import rebuild
from rapport.ledger.seal import Keys
from rapport.ledger.views import Stage
from rapport.model.fact import ActionDone, ActionTaken, MessageAdmitted, MessageReceived, NoteWritten, Said, Words
from rapport.model.message import ChannelKind, Message, Standing
from rapport.pipeline.advance import Advance
from rapport.pipeline.order import Order
from rapport.store.pool import set_tenants

pytestmark = pytest.mark.anyio
KEYS = bytes(32)


def a_stage_that_chokes_on(word: str) -> Stage:
    """Admits every message, but raises on those that hold the word."""

    def admit(entry, rows):
        assert isinstance(entry.content, Said)
        if word and word in entry.content.text:
            raise ValueError(f"cannot digest {word}")
        return [follows(entry, MessageAdmitted(entry.fact.message, entry.fact.handle), subject=entry.subject, at=rows.now)]

    def take(entry, rows):
        if entry.fact.do == "go_online":
            return [follows(entry, ActionDone(entry.fact.action), subject=entry.subject, at=rows.now)]
        return []

    return Stage("toy", {MessageReceived: admit, ActionTaken: take})


def mark_admitted(entry, rows):
    rows.change(Message, entry.fact.message, language="es")


VIEWS = folding.together(folding.FOLDS, {MessageAdmitted: mark_admitted})


def mark_what_no_table_takes(entry, rows):
    said = rows.get(Message, entry.fact.message)
    rows.change(Message, entry.fact.message, language="\0" if said.text == "untakeable" else "es")


UNTAKEABLE = folding.together(folding.FOLDS, {MessageAdmitted: mark_what_no_table_takes})


@dataclass(slots=True)
class Few(Advance):
    """Leases these tenants alone: what other tests left in the database is none of its business."""

    only: tuple[int, ...] = ()

    async def lease_all(self) -> list[int]:
        for id in self.only:
            await self.lease(id)
        return sorted(self.tenants)


@contextlib.asynccontextmanager
async def an_advance(store, word="", holder="here", only=(), views=VIEWS):
    advance = (partial(Few, only=only) if only else Advance)(
        lambda tenant: Order((a_stage_that_chokes_on(word),), views),
        Keys(KEYS),
        FakeClock(NOW),
        holder,
        lambda: store.connect(()),
        set_tenants,
        lambda tenant: None,
    )
    await advance.lease_all()
    try:
        yield advance
    finally:
        await advance.give_back()
        await advance.aclose()


async def hear(store, tenant, *texts):
    async with an_intake(store) as intake:
        for n, text in enumerate(texts):
            await intake.hear(tenant, ACCOUNT, ChannelKind.SOCIAL, [an_incoming(f"k{n}-{text[:5]}", text=text)])


async def facts_of(store, tenant):
    async with store.within(tenant) as db:
        return [type(e.fact).__name__ for e in await read_entries(db, Keys(KEYS), tenant, 0, 100)]


async def test_each_message_is_taken_once_and_its_row_stands(store, tenant):
    await hear(store, tenant, "uno", "dos")
    async with an_advance(store) as advance:
        assert await advance.round(tenant) == 2
        assert await advance.round(tenant) == 0

    async with store.within(tenant) as db:
        rows = await db.fetch("select text, language from message where tenant = $1 order by text", tenant)
    assert [tuple(r) for r in rows] == [("dos", "es"), ("uno", "es")]
    assert (await facts_of(store, tenant)).count("MessageAdmitted") == 2


async def test_what_cannot_be_digested_is_set_aside_and_what_comes_behind_goes_on(store, tenant):
    await hear(store, tenant, "one", "poison", "three")
    async with an_advance(store, "poison") as advance:
        while await advance.round(tenant):
            pass

    facts = await facts_of(store, tenant)
    async with store.within(tenant) as db:
        aside = await db.fetchrow("select seq, stage, reason, done from aside where tenant = $1", tenant)
        kept = await db.fetchval("select count(*) from message where tenant = $1", tenant)
    assert facts.count("MessageAdmitted") == 2
    assert (aside["seq"], aside["reason"], aside["done"]) == (2, "ValueError: cannot digest poison", False)
    assert kept == 3


async def test_what_the_database_does_not_take_is_set_aside_and_what_is_beside_it_goes_on(store, tenant):
    await hear(store, tenant, "one", "untakeable", "three")
    async with an_advance(store, views=UNTAKEABLE) as advance:
        with pytest.raises(Unwritable, match=f"tenant {tenant}"):
            await advance.round(tenant)
        while await advance.round(tenant):
            pass

    async with store.within(tenant) as db:
        aside = await db.fetchrow("select seq, reason, done from aside where tenant = $1", tenant)
        read = await db.fetchval("select count(*) from message where tenant = $1 and language = 'es'", tenant)
    assert (aside["seq"], aside["done"], read) == (2, False, 2)
    assert aside["reason"].startswith("Unwritable: ")
    assert (await facts_of(store, tenant)).count("MessageAdmitted") == 2


async def test_of_somebody_who_was_erased_meanwhile_the_fact_is_written_without_its_content(store, tenant):
    def quote(entry, rows):
        note = NoteWritten(entry.fact.message, entry.subject, "ana")
        yield follows(entry, note, subject=entry.subject, at=rows.now, content=Words("quoted"), owner=entry.fact.handle)

    await hear(store, tenant, "one", "two")
    async with an_advance(store) as advance:
        advance.order_of = lambda tenant: Order((Stage("toy", {MessageReceived: quote}),), VIEWS)
        async with store.within(tenant) as db:
            await db.execute("delete from key where tenant = $1", tenant)
        while await advance.round(tenant):
            pass

    async with store.within(tenant) as db:
        read = await read_entries(db, Keys(KEYS), tenant, 0, 100)
    notes = [entry for entry in read if isinstance(entry.fact, NoteWritten)]
    assert [entry.content for entry in notes] == [None, None]


async def test_what_was_set_aside_goes_through_when_it_is_retried_after_the_repair(store, tenant):
    await hear(store, tenant, "poison")
    async with an_advance(store, "poison") as advance:
        await advance.round(tenant)

    async with an_intake(store) as intake:
        action = await intake.act(tenant, "admin", "retry", argument="1")
        async with an_advance(store) as advance:
            await advance.round(tenant)
        outcome = await intake.outcome(tenant, action, timeout=0)

    async with store.within(tenant) as db:
        done = await db.fetchval("select done from aside where tenant = $1", tenant)
    assert (outcome.ok, done) == (True, True)
    assert (await facts_of(store, tenant)).count("MessageAdmitted") == 1


async def test_an_action_that_no_stage_takes_is_refused_and_says_so(store, tenant):
    async with an_intake(store) as intake, an_advance(store) as advance:
        action = await intake.act(tenant, "ana", "accept")
        await advance.round(tenant)

        outcome = await intake.outcome(tenant, action, timeout=0)

    assert (outcome.ok, outcome.reason) == (False, "nothing here can accept")


async def test_a_worker_that_was_cut_off_and_wakes_writes_nothing(store, tenant):
    async with an_advance(store, holder="first") as first:
        await first.round(tenant)
        await hear(store, tenant, "uno")
        async with store.within(tenant) as db:
            await db.execute("update head set lease_until = now() - interval '1 s' where tenant = $1", tenant)
        async with an_advance(store, holder="second") as second:
            assert await second.round(tenant) == 1

            with pytest.raises(Conflict, match="another worker"):
                await first.round(tenant)

    assert (await facts_of(store, tenant)).count("MessageAdmitted") == 1


async def test_a_round_is_digested_while_the_one_before_it_is_on_its_way_and_each_message_is_taken_once(store, tenant):
    await hear(store, tenant, *"abcdefg")
    async with an_advance(store) as advance:
        advance.most = 2
        taken = [await advance.begin(tenant) for _ in range(5)]
        await advance.land()

    async with store.within(tenant) as db:
        read = await db.fetchval("select count(*) from message where tenant = $1 and language = 'es'", tenant)
    assert (taken, read) == ([2, 2, 2, 1, 0], 7)
    assert (await facts_of(store, tenant)).count("MessageAdmitted") == 7


async def test_what_was_digested_behind_a_round_that_fails_is_digested_again(store, tenant):
    await hear(store, tenant, "a", "b")
    async with an_advance(store) as advance:
        advance.most = 1
        await advance.begin(tenant)
        await advance.land()
        async with store.within(tenant) as db:
            await db.execute("update head set epoch = epoch + 1 where tenant = $1", tenant)
        await hear(store, tenant, "c")
        await advance.begin(tenant)
        with pytest.raises(Conflict):
            await advance.begin(tenant)
        assert tenant not in advance.tenants

        await advance.lease_all()
        while await advance.round(tenant):
            pass

    assert (await facts_of(store, tenant)).count("MessageAdmitted") == 3


async def test_views_rebuilt_from_zero_are_the_views_that_were_kept(store, tenant):
    await hear(store, tenant, "uno", "poison", "dos")
    async with an_advance(store, "poison") as advance:
        while await advance.round(tenant):
            pass
    read = "select to_jsonb(m) - 'tenant' from message m where tenant = $1 order by id"
    aside = "select to_jsonb(a) - 'tenant' from aside a where tenant = $1 order by id"
    async with store.within(tenant) as db:
        kept = [await db.fetch(read, tenant), await db.fetch(aside, tenant)]
        await rebuild(db, Keys(KEYS), tenant, VIEWS, FakeClock(NOW))
        rebuilt = [await db.fetch(read, tenant), await db.fetch(aside, tenant)]

    assert rebuilt == kept
    assert Standing.RECEIVED in str(rebuilt[0])


async def test_a_change_of_the_centre_is_told_when_it_is_written(store, tenant):
    async with an_intake(store) as intake, an_advance(store) as advance:
        told = asyncio.Event()
        advance.arranged = told.set
        await hear(store, tenant, "uno")
        await advance.round(tenant)
        assert not told.is_set()
        await intake.set_things(tenant, [("account", "file", b'{"id": "file", "channel": "file"}')])

        await advance.round(tenant)

        assert told.is_set()


async def test_a_round_of_one_entry_writes_the_same_rows_as_a_round_of_many(store, tenant):
    read = "select to_jsonb(m) - 'tenant' - 'id' - 'key' - 'handle' - 'text' from message m where tenant = $1 order by id"
    async with an_advance(store) as advance:
        await hear(store, tenant, "uno")
        assert await advance.round(tenant) == 1
        await hear(store, tenant, "dos", "tres")
        assert await advance.round(tenant) == 2

    async with store.within(tenant) as db:
        alone, *together = [row[0] for row in await db.fetch(read, tenant)]
    assert together == [alone, alone]
