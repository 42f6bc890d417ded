"""A correction at a desk goes through intake, ledger and worker, changes the next reading, and a rebuild says the same."""

import json
from datetime import UTC, datetime

import pytest

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.ledger.tables import read_where
from rapport.model.centre import Account
from rapport.model.conversation import Conversation
from rapport.model.correction import Correction
from rapport.model.message import ChannelKind, Incoming, Message, Reach
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 3, 16, tzinfo=UTC)
BOX = "the little box on the wall blinks red since the storm"


@pytest.fixture
async def house(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("correcting", FakeClock(START)) as house:
        body = {"id": "ana", "presence": "available", "role": "supervisor"}
        await house.intake.set_things(house.tenant, [("agent", "ana", json.dumps(body).encode())])
        await house.settle()
        yield house


async def hear(house, key, who, text):
    told = Incoming(key, f"mastodon:@{who}@example.social", text, Reach.PUBLIC, house.clock.now(), name=who)
    await house.intake.hear(house.tenant, Account("wall", "mastodon"), ChannelKind.SOCIAL, [told])
    await house.settle()


async def all_of(house, table):
    async with house.within(house.tenant) as db:
        return {row.id: row for row in await read_where(db, house.tenant, table, "true order by id")}


async def test_a_correction_changes_the_next_reading_and_a_rebuild_says_the_same(house):
    await hear(house, "m1", "eva", BOX)
    (first,) = (await all_of(house, Message)).values()
    action = await house.intake.act(house.tenant, "ana", "correct", message=first.id, argument="intent:fibre-down")
    await house.settle()
    assert (await house.intake.outcome(house.tenant, action, timeout=0)).ok

    await hear(house, "m2", "leo", "our little box blinks red since the storm")

    read = {one.key: (one.intent, one.corrected_by) for one in (await all_of(house, Message)).values()}
    assert read == {"m1": ("fibre-down", "ana"), "m2": ("fibre-down", "")}
    assert {one.intent for one in (await all_of(house, Conversation)).values()} == {"fibre-down"}
    before = [await all_of(house, table) for table in (Message, Conversation, Correction)]
    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)
    assert [await all_of(house, table) for table in (Message, Conversation, Correction)] == before
