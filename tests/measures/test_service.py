"""Service now and today; every expected number is counted by hand from the rows of the test."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rapport.ledger.tables import write_rows
from rapport.measures import service
from rapport.model.conversation import Conversation, State
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.need import Need
from rapport.model.reply import Incident

pytestmark = pytest.mark.anyio

DAY = datetime(2026, 3, 3, tzinfo=UTC)
NOW = DAY + timedelta(hours=10)
TARGETS = {"chat": timedelta(minutes=1), "email": timedelta(hours=4)}


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute, seconds=second)


def a_conversation(name: str, opened: datetime, **changes: Any) -> Conversation:
    given = {"kind": ChannelKind.CHAT, "state": State.OPEN, "last_at": changes.get("answered_at", opened)} | changes
    id = named_id(opened, name)
    return Conversation(
        id=id,
        person=id,
        handle=id,
        account="web",
        channel="webchat",
        reach=Reach.PRIVATE,
        opened_at=opened,
        **given,
    )


def a_message(
    name: str, when: datetime, direction: Direction = Direction.IN, standing: Standing = Standing.RECEIVED
) -> Message:
    return Message(named_id(when, name), when, direction, standing, Reach.PRIVATE)


async def kept(store, tenant, *rows) -> None:
    by_table: dict = {}
    for row in rows:
        by_table.setdefault(type(row), {})[row.id] = row
    async with store.within(tenant) as db:
        await write_rows(db, tenant, by_table)


async def looked_at(store, tenant) -> service.Now:
    async with store.within(tenant, readonly=True) as db:
        return await service.now(db, tenant, NOW, since=DAY, targets=TARGETS)


async def test_an_empty_day_has_no_service_level(store, tenant):
    now = await looked_at(store, tenant)

    assert (now.level, now.waiting, now.oldest, now.burst) == (None, 0, None, None)


async def test_a_first_answer_within_the_target_counts_for_the_level(store, tenant):
    in_time = a_conversation("a", at(9), answered_at=at(9, 0, 59))
    late = a_conversation("b", at(9), answered_at=at(9, 1, 1))
    await kept(store, tenant, in_time, late)

    now = await looked_at(store, tenant)

    assert (now.in_time, now.counted, now.level) == (1, 2, 0.5)


async def test_an_answer_exactly_at_the_target_is_in_time(store, tenant):
    await kept(store, tenant, a_conversation("a", at(9), answered_at=at(9, 1)))

    assert (await looked_at(store, tenant)).level == 1.0


async def test_an_unanswered_conversation_counts_against_the_level_once_its_target_has_passed(store, tenant):
    overdue = a_conversation("a", at(9))
    still_in_time = a_conversation("b", NOW - timedelta(seconds=30))
    await kept(store, tenant, overdue, still_in_time)

    now = await looked_at(store, tenant)

    assert (now.in_time, now.counted) == (0, 1)


async def test_what_was_closed_without_an_answer_is_left_out(store, tenant):
    spam = a_conversation("a", at(9), state=State.RESOLVED, resolved_at=at(9, 30), disposition="spam")
    await kept(store, tenant, spam)

    assert (await looked_at(store, tenant)).counted == 0


async def test_each_channel_kind_has_its_own_target(store, tenant):
    email = a_conversation("a", at(5), kind=ChannelKind.EMAIL, answered_at=at(8))
    await kept(store, tenant, email)

    now = await looked_at(store, tenant)

    assert {kind.kind: kind.level for kind in now.kinds} == {"chat": None, "email": 1.0}


async def test_yesterday_does_not_count_for_today(store, tenant):
    await kept(store, tenant, a_conversation("a", DAY - timedelta(hours=1), answered_at=DAY - timedelta(minutes=59)))

    now = await looked_at(store, tenant)

    assert (now.counted, now.answered) == (0, 0)


async def test_an_issue_of_yesterday_that_was_answered_today_is_answered_today(store, tenant):
    issue = a_conversation("a", DAY - timedelta(hours=1), answered_at=at(8))
    await kept(store, tenant, issue)

    assert (await looked_at(store, tenant)).answered == 1


async def test_the_oldest_that_waits_is_the_oldest_need(store, tenant):
    first, second = a_conversation("a", at(9), due_at=at(9, 1)), a_conversation("b", at(9, 30), due_at=at(9, 31))
    await kept(store, tenant, first, second, Need(first.id, "p", at(9)), Need(second.id, "p", at(9, 30)))

    now = await looked_at(store, tenant)

    assert (now.waiting, now.oldest, now.due) == (2, at(9), at(9, 1))


async def test_a_crowd_that_is_held_is_shown_until_it_is_let_through(store, tenant):
    held = Incident(named_id(NOW, "i"), "web", "crowd", at(9), at(9, 5), held=312, sample="wifi")
    released = Incident(named_id(NOW, "j"), "web", "crowd", at(9), at(9, 9), held=7, released=True)
    await kept(store, tenant, held, released)

    now = await looked_at(store, tenant)

    assert (now.incidents, now.held, now.burst.sample) == (1, 312, "wifi")


async def test_another_tenant_sees_nothing_of_it(store, tenant, new_tenant):
    await kept(store, tenant, a_conversation("a", at(9), answered_at=at(9)))
    other = await new_tenant()

    assert (await looked_at(store, other)).counted == 0


async def test_every_quarter_of_an_hour_is_there_even_when_nothing_was_said(store, tenant):
    await kept(
        store,
        tenant,
        a_message("a", at(0, 1)),
        a_message("b", at(0, 14, 59)),
        a_message("c", at(0, 20), Direction.OUT, Standing.SENT),
        a_message("d", at(0, 50)),
        a_message("e", at(1)),
    )

    async with store.within(tenant, readonly=True) as db:
        found = await service.intervals(db, tenant, since=DAY, until=at(1))

    assert [(i.start, i.received, i.answered) for i in found] == [
        (at(0), 2, 0),
        (at(0, 15), 0, 1),
        (at(0, 30), 0, 0),
        (at(0, 45), 1, 0),
    ]


async def test_a_note_and_a_reply_that_was_not_sent_are_no_answers(store, tenant):
    note = a_message("a", at(0, 1), Direction.NOTE)
    refused = a_message("b", at(0, 2), Direction.OUT, Standing.REFUSED)
    await kept(store, tenant, note, refused)

    async with store.within(tenant, readonly=True) as db:
        found = await service.intervals(db, tenant, since=DAY, until=at(0, 15))

    assert [(i.received, i.answered) for i in found] == [(0, 0)]


async def test_the_day_on_which_clocks_change_has_every_quarter_once(store, tenant):
    zone = ZoneInfo("Europe/Madrid")
    autumn, spring = datetime(2026, 10, 25, tzinfo=zone), datetime(2026, 3, 29, tzinfo=zone)
    twice = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)  # 02:20 for the second time
    await kept(store, tenant, a_message("again", twice))

    async with store.within(tenant, readonly=True) as db:
        long = await service.intervals(db, tenant, since=autumn, until=autumn + timedelta(days=1))
        short = await service.intervals(db, tenant, since=spring, until=spring + timedelta(days=1))
    assert (len(long), len({one.start for one in long}), len(short)) == (100, 100, 92)
    assert [one.start for one in long if one.received] == [twice - timedelta(minutes=5)]
