"""The outbox under its leases: nobody sends twice, nothing overtakes, nothing is forgotten. Against the real database."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from rapport.ledger.tables import write_rows
from rapport.ledger.views import Rows
from rapport.model.message import Reach
from rapport.model.reply import Outgoing, OutgoingState
from rapport.replies.outbox import RECEIPTS, claim, hold, is_ours, next_at, receipt_id, release, unsettled, waiting
from stagework import an_id

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)
OVER = timedelta(seconds=-1)


def a_part(name: str = "a", *, message: str = "m", conversation: str = "c", **fields: object) -> Outgoing:
    """A part that lies in the outbox."""
    given = {"at": NOON, "handle": an_id("h"), "text": name, **fields}
    return Outgoing(an_id(name), an_id(message), an_id(conversation), "main", "mastodon", Reach.PUBLIC, **given)


@pytest.fixture
def put(store, tenant):
    async def put(*parts: Outgoing) -> None:
        rows = Rows(NOON)
        for part in parts:
            rows.put(part)
        async with store.within(tenant) as db:
            await write_rows(db, tenant, rows.take_changes())

    return put


@pytest.fixture
def take(store, tenant):
    async def take(limit: int = 10, lease: timedelta = LEASE, now: datetime | None = None):
        async with store.within(tenant) as db:
            return await claim(db, tenant, limit, lease, now=now)

    return take


def names(claimed) -> list[str]:
    return [c.outgoing.text for c in claimed]


async def test_a_part_is_claimed_once_while_its_lease_lasts(put, take):
    await put(a_part())

    first, second = await take(), await take()

    assert [(c.outgoing.text, c.attempt, c.first) for c in first] == [("a", 1, True)]
    assert second == []


async def test_many_senders_at_once_get_each_part_once(put, take):
    await put(*(a_part(f"a{n}", message=f"m{n}", conversation=f"c{n}") for n in range(40)))

    rounds = await asyncio.gather(*(take(limit=7) for _ in range(12)))
    rest = await take(limit=40)  # what two looked at in the same moment is left to the next round

    taken = [name for claimed in (*rounds, rest) for name in names(claimed)]
    assert len(taken) == len(set(taken)) == 40


async def test_a_lease_that_ran_out_gives_the_part_to_the_next_who_must_ask_the_network_first(put, take):
    await put(a_part())
    await take(lease=OVER)

    (again,) = await take()

    assert (again.attempt, again.first) == (2, False)


async def test_what_the_network_cannot_tell_yet_is_claimed_again_after_a_pause_and_asked_for_first(put, take, store, tenant):
    await put(a_part())
    (claimed,) = await take()
    async with store.within(tenant) as db:
        await hold(db, tenant, claimed, timedelta(seconds=30))
    waits = await take()
    async with store.within(tenant) as db:
        await hold(db, tenant, claimed, OVER)

    (again,) = await take()

    assert waits == []
    assert (again.attempt, again.first) == (2, False)


async def test_the_parts_of_a_busy_account_are_left_for_later(put, store, tenant):
    await put(a_part())

    async with store.within(tenant) as db:
        assert await claim(db, tenant, 10, LEASE, busy=["main"]) == []
        assert names(await claim(db, tenant, 10, LEASE, busy=["other"])) == ["a"]


async def test_a_receipt_in_the_ledger_counts_before_the_view_knows_of_it(put, take, store, tenant):
    await put(a_part())
    (claimed,) = await take(lease=OVER)
    async with store.within(tenant) as db:
        await db.execute(
            "insert into entry (tenant, seq, at, id, subject, kind, source, source_id, body, leaf)"
            " values ($1, 1, now(), $2, $2, 6, $3, $4, '', '')",
            tenant,
            claimed.outgoing.id,
            RECEIPTS,
            receipt_id(claimed.outgoing.id, claimed.attempt),
        )

    assert await take() == []


async def test_the_parts_of_a_reply_go_one_after_the_other(put, take):
    await put(a_part("a", parts=2), a_part("b", part=1, parts=2))
    first = await take()
    await put(a_part("a", parts=2, state=OutgoingState.SENT))

    assert (names(first), names(await take())) == (["a"], ["b"])


async def test_a_later_reply_does_not_overtake_and_other_conversations_do_not_wait(put, take):
    await put(
        a_part("a"),
        a_part("b", message="m2", at=NOON + timedelta(seconds=1)),
        a_part("c", message="m3", conversation="c2", at=NOON + timedelta(seconds=2)),
    )

    assert names(await take()) == ["a", "c"]


@pytest.mark.parametrize("state", [OutgoingState.REFUSED, OutgoingState.UNKNOWN])
async def test_what_follows_a_part_that_failed_waits_and_another_reply_goes(put, take, state):
    await put(
        a_part("a", parts=2, state=state),
        a_part("b", part=1, parts=2),
        a_part("c", message="m2", at=NOON + timedelta(seconds=1)),
    )

    assert names(await take()) == ["c"]


async def test_what_follows_a_part_that_was_given_up_goes(put, take):
    await put(a_part("a", parts=2, state=OutgoingState.RECALLED), a_part("b", part=1, parts=2))

    assert names(await take()) == ["b"]


async def test_what_was_put_off_waits_for_its_time_and_is_a_first_attempt_again(put, take, store, tenant):
    later = NOON + timedelta(hours=1)
    await put(a_part())
    await take()
    await put(a_part(tries=1, not_before=later))

    early, due = await take(now=NOON), await take(now=later)

    assert early == []
    assert [(c.attempt, c.first) for c in due] == [(2, True)]
    async with store.within(tenant) as db:
        assert await next_at(db, tenant) == later


async def test_what_a_person_sends_again_is_asked_about_first(put, take):
    await put(a_part())
    await take()
    await put(a_part(tries=1))

    (again,) = await take()

    assert (again.attempt, again.first) == (2, False)


async def test_what_was_not_given_to_the_network_can_be_given_back(put, take, store, tenant):
    await put(a_part())
    (claimed,) = await take()
    async with store.within(tenant) as db:
        await release(db, tenant, claimed)

    assert [(c.attempt, c.first) for c in await take()] == [(1, True)]


async def test_to_give_back_what_an_earlier_attempt_may_have_sent_does_not_forget_that(put, take, store, tenant):
    await put(a_part())
    await take(lease=OVER)
    (claimed,) = await take()
    async with store.within(tenant) as db:
        await release(db, tenant, claimed)

    assert [c.first for c in await take()] == [False]


async def test_a_claim_is_ours_only_while_its_lease_and_its_number_hold(put, take, store, tenant):
    await put(a_part())
    (old,) = await take(lease=OVER)
    (new,) = await take()
    async with store.within(tenant) as db:
        assert not await is_ours(db, tenant, old, LEASE)
        assert await is_ours(db, tenant, new, LEASE)


async def test_a_tenant_claims_its_own(put, store, new_tenant):
    await put(a_part())
    other = await new_tenant()
    async with store.within(other) as db:
        assert await claim(db, other, 10, LEASE) == []


async def test_what_nobody_knows_is_shown_to_people(put, store, tenant):
    await put(
        a_part("a", state=OutgoingState.UNKNOWN), a_part("b", message="m2"), a_part("c", message="m3", state=OutgoingState.SENT)
    )

    async with store.within(tenant) as db:
        shown = await unsettled(db, tenant)
        queued = await waiting(db, tenant)

    assert ([u.outgoing.text for u in shown], queued) == (["a"], 1)
