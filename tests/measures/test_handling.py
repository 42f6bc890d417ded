"""Handle time: from the accepted offer to the wrap-up, over interactions that ended."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.ledger.tables import write_rows
from rapport.measures.handling import AgentHandling, Handling, by_agent, together
from rapport.model.agent import AgentNow, Presence
from rapport.model.ids import named_id
from rapport.model.interaction import Interaction

pytestmark = pytest.mark.anyio

DAY = datetime(2026, 3, 3, tzinfo=UTC)
NOW = DAY + timedelta(hours=10)


def an_interaction(name: str, agent: str, minutes: float | None, *, bot: bool = False) -> Interaction:
    started = DAY + timedelta(hours=9)
    ended = None if minutes is None else started + timedelta(minutes=minutes)
    return Interaction(named_id(NOW, name), named_id(NOW, "c"), agent, "chat", started, ended_at=ended, bot=bot)


async def each(store, tenant, *rows) -> dict[str, AgentHandling]:
    by_table: dict = {}
    for row in rows:
        by_table.setdefault(type(row), {})[row.id] = row
    async with store.within(tenant) as db:
        await write_rows(db, tenant, by_table)
        return await by_agent(db, tenant, since=DAY, until=NOW)


async def test_the_handle_time_is_the_mean_over_what_ended(store, tenant):
    found = await each(store, tenant, an_interaction("a", "ana", 4), an_interaction("b", "ana", 8))

    assert found["ana"].handling == Handling(2, 360.0)


async def test_an_interaction_that_goes_on_is_not_counted(store, tenant):
    found = await each(store, tenant, an_interaction("a", "ana", None))

    assert found == {}


async def test_bots_are_left_out(store, tenant):
    found = await each(store, tenant, an_interaction("a", "bot", 1, bot=True))

    assert found == {}


async def test_what_ended_before_does_not_count(store, tenant):
    found = await each(store, tenant, an_interaction("a", "ana", -600))

    assert found == {}


async def test_an_agent_who_is_present_is_there_with_their_places(store, tenant):
    found = await each(store, tenant, AgentNow("ana", Presence.BUSY, DAY, held={"chat": 2}))

    assert (found["ana"].presence, found["ana"].held, found["ana"].handling.seconds) == (Presence.BUSY, {"chat": 2}, None)


async def test_taken_together_the_mean_is_over_interactions_and_not_over_agents():
    busy = AgentHandling("ana", handling=Handling(3, 60.0))
    slow = AgentHandling("ben", handling=Handling(1, 300.0))

    assert together({"ana": busy, "ben": slow}) == Handling(4, 120.0)


async def test_nobody_together_has_no_handle_time():
    assert together({}).seconds is None
