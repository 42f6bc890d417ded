"""`rapport replay`: a day of the record from the database, run again; what there is not is said."""

from datetime import UTC, datetime

import pytest

from browser.filled import fill
from rapport.app.replay_commands import held_of
from rapport.errors import BadInput, NotFound
from rapport.web.workforce.replay_page import tried
from rapport.web.workforce.what_if import Asked
from web.workforcework import fill_weeks, give_shifts

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 3, 18, 5, tzinfo=UTC)


async def test_a_day_of_the_record_has_who_came_and_who_was_there(store, tenant, database_url):
    await fill(store, tenant)
    await fill_weeks(store, tenant, NOON, days=3)
    await give_shifts(store, tenant)
    name = f"tenant-{tenant}"
    async with store.within((), readonly=True) as db:
        name = await db.fetchval("select name from tenant where id = $1", tenant)
    held = await held_of(database_url, name, "2026-03-02")
    found = tried(held, Asked(0, 0))

    assert len(held.met) > 100
    assert (len(held.people), held.by_shifts) == (4, True)
    assert [one.difference for one in found.changes] == [0.0] * 4  # the same on both sides is the same
    assert not found.confirmed


async def test_what_there_is_not_is_said(store, tenant, database_url):
    with pytest.raises(NotFound, match="there is no tenant 'nowhere'"):
        await held_of(database_url, "nowhere", "2026-03-02")
    with pytest.raises(BadInput, match="policies are fifo, skills, greedy, rapport, got 'magic'"):
        Asked(0, 0, other="magic")
