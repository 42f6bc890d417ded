"""The inbox: each view has its own, in order, page after page, and stays fast when it is long. Against the real database."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from rapport.conversations.inbox import (
    LISTINGS,
    VIEWS,
    counts,
    entries_aside,
    held_incidents,
    held_messages,
    inbox,
    unreadable_messages,
)
from rapport.ledger.tables import write_rows
from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.reply import Aside, Incident
from stagework import an_id

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
MANY = 12_000
FILL = """insert into conversation (tenant, id, person, handle, state, kind, account, channel, reach, opened_at, last_at,
agent, team, waiting_since, draft)
select $1, lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid,
 (array['open', 'open', 'pending', 'snoozed', 'resolved'])[1 + n % 5], 'chat', 'main', 'webchat', 'private',
 now() - n * interval '1 minute', now() - n * interval '1 second',
 (array['', 'ana', 'bob', 'eva'])[1 + n % 4], (array['', 'it', 'sales'])[1 + n % 3], now() - n * interval '1 second',
 case when n % 50 = 0 then lpad(to_hex(n), 32, '0')::uuid end
from generate_series(1, $2) n"""


def a_conversation(name: str, minutes: int = 0, **fields: object) -> Conversation:
    """A conversation that was last active so many minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    given = {"state": State.OPEN, "opened_at": at, "last_at": at, "waiting_since": at, "name": name} | fields
    return Conversation(
        id=an_id(name), person=an_id("p"), handle=an_id("h"), kind=ChannelKind.CHAT, account="main", channel="webchat",
        reach=Reach.PRIVATE, **given,
    )  # fmt: skip


@pytest.fixture
def put(store, tenant):
    async def put(*new) -> None:
        rows = Rows(NOON)
        for row in new:
            rows.put(row)
        async with store.within(tenant) as db:
            await write_rows(db, tenant, rows.take_changes())

    return put


@pytest.fixture
async def shop(put):
    await put(
        a_conversation("mine", 1, agent="ana", team="it"),
        a_conversation("bots", 2, agent="robot", team="it", state=State.PENDING, bot=True),
        a_conversation("waits", 3),
        a_conversation("waits longer", 4, waiting_since=NOON - timedelta(hours=1)),
        a_conversation("sleeps", 5, state=State.SNOOZED),
        a_conversation("done", 6, state=State.RESOLVED),
        a_conversation("for approval", 7, agent="bob", team="sales", draft=an_id("d")),
    )


@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("mine", ["mine"]),
        ("team", ["bots", "mine"]),
        ("waiting", ["waits longer", "waits"]),
        ("snoozed", ["sleeps"]),
        ("approval", ["for approval"]),
        ("open", ["for approval", "waits longer", "waits", "bots", "mine"]),
        ("resolved", ["done"]),
    ],
)
async def test_each_view_has_its_own_in_order(shop, store, tenant, view, names):
    async with store.within(tenant) as db:
        assert [row.name for row in await inbox(db, tenant, view, "ana", "it")] == names


async def test_each_view_is_counted(shop, store, tenant):
    async with store.within(tenant) as db:
        found = await counts(db, tenant, "ana", "it")

    assert found == {"mine": 1, "team": 2, "waiting": 2, "mentions": 0, "snoozed": 1, "approval": 1, "open": 5}


async def test_who_has_no_team_and_is_no_agent_has_nothing_of_their_own(shop, store, tenant):
    async with store.within(tenant) as db:
        assert await inbox(db, tenant, "mine") == await inbox(db, tenant, "team") == []


@pytest.mark.parametrize("view", ["open", "waiting"])
async def test_page_after_page_shows_everything_once(put, store, tenant, view):
    await put(*(a_conversation(f"c{n}", n % 3) for n in range(25)))
    seen = []
    before = None
    async with store.within(tenant) as db:
        while page := await inbox(db, tenant, view, before=before, limit=10):
            seen += [row.id for row in page]
            before = page[-1].place(view)

    assert len(seen) == len(set(seen)) == 25


async def test_another_tenants_conversations_are_not_seen(shop, store, new_tenant):
    other = await new_tenant()
    async with store.within(other) as db:
        assert await inbox(db, other, "open") == []


async def test_a_page_of_a_long_inbox_looks_at_little_more_than_it_shows_even_when_never_analysed(store, tenant):
    looked_at = {}
    async with store.within(tenant) as db:
        await db.execute(FILL, tenant, MANY)
        for view in VIEWS:
            listing = LISTINGS[view]
            direction = "desc" if listing.newest_first else "asc"
            plan = await db.fetchval(
                f"explain (analyze, format json) select id from conversation where tenant = $1 and $2::text is not null and"
                f" $3::text is not null and {listing.where} order by {listing.order} {direction}, id {direction} limit 50",
                tenant,
                "ana",
                "it",
            )
            looked_at[view] = _looked_at(json.loads(plan)[0]["Plan"])

    assert {view: rows for view, rows in looked_at.items() if rows >= 1_000} == {}
    assert looked_at


def _looked_at(plan: dict) -> float:
    kept = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    below = sum(_looked_at(part) for part in plan.get("Plans", []))
    return below + (kept if "Scan" in plan["Node Type"] else 0)


async def test_a_long_view_is_counted_up_to_a_thousand(store, tenant):
    async with store.within(tenant) as db:
        await db.execute(FILL, tenant, MANY)
        found = await counts(db, tenant, "ana", "it")

    assert found["open"] == found["waiting"] == 1000
    assert found["approval"] == MANY // 50


async def test_what_is_held_unreadable_or_set_aside_is_listed(put, store, tenant):
    def message(name: str, standing: Standing) -> Message:
        return Message(an_id(name), NOON, Direction.IN, standing, Reach.PUBLIC, text=name)

    await put(
        message("a", Standing.HELD),
        message("b", Standing.UNREADABLE),
        message("c", Standing.RECEIVED),
        Aside(an_id("e"), 7, NOON, "people", "odd"),
        Aside(an_id("f"), 6, NOON, "people", "odd", done=True),
        Incident(an_id("i"), "main", "crowd", NOON, NOON),
        Incident(an_id("j"), "main", "crowd", NOON, NOON, released=True),
    )

    async with store.within(tenant) as db:
        assert [m.text for m in await held_messages(db, tenant)] == ["a"]
        assert [m.text for m in await unreadable_messages(db, tenant)] == ["b"]
        assert await held_messages(db, tenant, (NOON, bytes(16))) == []
        assert [a.seq for a in await entries_aside(db, tenant)] == [7]
        assert [i.id for i in await held_incidents(db, tenant)] == [an_id("i")]
