"""The loop that watches for bursts: told once with its figures, as real or as a brigade, and its end; also after a restart."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from rapport.clock import FakeClock
from rapport.ledger.tables import write_rows
from rapport.model.burst import Burst
from rapport.model.conversation import Conversation, State
from rapport.model.fact_workforce import BurstBegan, BurstFollowed
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.pipeline.burst_watch import BurstWatch

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def a_conversation(at: datetime, nth: int) -> Conversation:
    id = named_id(at, "c", nth)
    return Conversation(
        id, id, id, State.RESOLVED, ChannelKind.CHAT, "webchat", "webchat", Reach.PRIVATE, at, at, resolved_at=at
    )


def held(at: datetime, nth: int) -> Message:
    id = named_id(at, "m", nth)
    return Message(id, at, Direction.IN, Standing.HELD, Reach.PUBLIC, handle=named_id(at, "h", nth), account="store")


async def write(store, tenant, rows):
    by_kind: dict[type, dict] = {}
    for row in rows:
        by_kind.setdefault(type(row), {})[row.id] = row
    async with store.within(tenant) as db:
        await write_rows(db, tenant, by_kind)


@pytest.fixture
async def watching(store, tenant):
    """Two weeks of about five an hour by day, up to NOON; the watch, its clock, what it told, and how a fact becomes a row."""
    rng = np.random.default_rng(5)
    rows = []
    for hour in range(14 * 24):
        at = NOON - timedelta(hours=hour + 1)
        count = int(rng.poisson(5.0)) if 8 <= at.hour < 22 else 0
        rows += [a_conversation(at + timedelta(minutes=float(rng.uniform(0, 60))), nth) for nth in range(count)]
    await write(store, tenant, rows)
    told = []

    async def tell(tenant: int, fact) -> None:
        told.append(fact)
        now = clock.now()
        if isinstance(fact, BurstBegan):
            await write(store, tenant, [Burst(fact.burst, fact.since, now, fact.kind, came=fact.came)])
        else:
            ended = ", ended_at = $3" if fact.ended else ""
            async with store.within(tenant) as db:
                args = (fact.burst, now, *([now] if fact.ended else []))
                await db.execute(f"update burst set seen_at = $2{ended} where id = $1", *args)

    clock = FakeClock(NOON)
    return BurstWatch(store.within, clock, tell), clock, told


async def go(watch, clock, tenant, minutes):
    for _ in range(minutes // 5):
        clock.move(timedelta(minutes=5))
        await watch.look(tenant)


async def test_a_burst_is_told_once_within_half_an_hour_and_its_end_once(watching, store, tenant):
    watch, clock, told = watching
    await watch.look(tenant)
    await write(store, tenant, [a_conversation(NOON + timedelta(seconds=12 * n), n) for n in range(200)])
    await go(watch, clock, tenant, 40)
    before = list(told)
    await go(watch, clock, tenant, 300)

    began = before[0]
    assert [type(fact) for fact in before if not isinstance(fact, BurstFollowed)] == [BurstBegan]
    assert began.since - NOON < timedelta(minutes=30)
    assert (began.kind, began.came >= 20, began.to_come > 0) == ("real", True, True)
    assert [fact.ended for fact in told[1:]].count(True) == 1
    assert told[-1].ended


async def test_a_burst_that_does_not_stand_in_the_view_yet_is_not_told_again(watching, store, tenant):
    watch, clock, _ = watching
    told = []

    async def tell(tenant: int, fact) -> None:
        told.append(fact)

    watch.tell = tell
    await watch.look(tenant)
    await write(store, tenant, [a_conversation(NOON + timedelta(seconds=12 * n), n) for n in range(200)])
    await go(watch, clock, tenant, 40)

    assert [type(fact) for fact in told] == [BurstBegan]


async def test_what_the_guard_holds_makes_it_a_brigade(watching, store, tenant):
    watch, clock, told = watching
    await watch.look(tenant)
    await write(store, tenant, [held(NOON + timedelta(seconds=6 * n), n) for n in range(300)])
    await go(watch, clock, tenant, 15)

    assert (told[0].kind, told[0].held > 50, told[0].voices > 50) == ("brigade", True, True)


async def test_another_process_that_learns_anew_tells_nothing_twice(watching, store, tenant):
    watch, clock, told = watching
    await watch.look(tenant)
    await write(store, tenant, [a_conversation(NOON + timedelta(seconds=12 * n), n) for n in range(200)])
    await go(watch, clock, tenant, 20)
    other = BurstWatch(store.within, clock, watch.tell)
    await go(other, clock, tenant, 30)

    assert [type(fact) for fact in told].count(BurstBegan) == 1


async def test_a_centre_that_began_yesterday_is_told_nothing(store, tenant):
    await write(store, tenant, [a_conversation(NOON - timedelta(seconds=10 * n), n) for n in range(500)])
    told = []

    async def tell(tenant: int, fact) -> None:
        told.append(fact)

    watch = BurstWatch(store.within, FakeClock(NOON), tell)

    assert await watch.look(tenant) is None
    assert told == []
