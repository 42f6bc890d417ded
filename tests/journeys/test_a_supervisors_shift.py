"""A supervisor's hour on the real pipeline: it outlives a worker that stops, and the record gives the same rows again."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from journeys.test_from_message_to_answer import do, rows
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.ledger.views import TABLES
from rapport.model.agent import Agent, Presence
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.model.need import Plan, Step
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 3, 16, tzinfo=UTC)
THINGS = [
    ("agent", Agent("ana", presence=Presence.AVAILABLE, slots={"chat": 3})),
    ("agent", Agent("sue", role="supervisor", presence=Presence.BUSY, slots={"chat": 3})),
    ("plan", Plan("chat", (Step("team == 'it'", seconds=600.0, skip_if_nobody=False), Step("")))),
]
SOONER = {"steps": [{"require": "team == 'it'", "seconds": 5, "skip_if_nobody": False}, {}]}


@pytest.fixture
async def house(database_url):
    """A house in which a plan was changed for an hour, somebody was taken over from, and that hour is over."""
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("shift", FakeClock(START)) as house:
        await house.intake.set_things(house.tenant, [(kind, one.id, msgspec.json.encode(one)) for kind, one in THINGS])
        incoming = Incoming("m1", "webchat:one", "Hello?", Reach.PRIVATE, START, name="One")
        await house.intake.hear(house.tenant, Account("chat", "webchat"), ChannelKind.CHAT, [incoming])
        await house.settle()
        until = (START + timedelta(hours=1)).isoformat()
        asked = {"thing": "plan", "name": "chat", "set": SOONER, "until": until, "why": "Rain"}
        assert (await do(house, "sue", "change_today", argument=msgspec.json.encode(asked).decode())).ok
        house.clock.move(timedelta(seconds=6))
        await house.settle()
        yield house


async def test_what_is_otherwise_outlives_a_worker_and_all_is_folded_the_same_again(house):
    kept = await rows(house)
    (conversation,) = kept["conversation"]
    id = bytes.fromhex(conversation["id"].replace("-", ""))
    asked = [offer["agent"] for offer in kept["offer"]]
    accepted = await do(house, "ana", "accept", conversation=id)
    whispered = await do(house, "sue", "whisper", conversation=id, text="Be kind")
    taken = await do(house, "sue", "take_over", conversation=id, reason="She asked for me")
    lasting = [thing["id"] for thing in (await rows(house))["thing"]]
    await house.advance.give_back()  # the worker stops; another one reads all rows anew
    await house.advance.lease(house.tenant)
    house.clock.move(timedelta(hours=1))
    await house.settle()
    kept = await rows(house)
    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)
    rebuilt = await rows(house)

    assert (asked, accepted.ok, whispered.ok, taken.ok) == (["ana"], True, True, True)
    assert "today/plan/chat" in lasting
    assert "today/plan/chat" not in [thing["id"] for thing in kept["thing"]]
    assert sorted((one["agent"], one["by"], one["what"], one["text"]) for one in kept["telling"]) == [
        ("ana", "sue", "taken", "She asked for me"),
        ("ana", "sue", "whisper", "Be kind"),
    ]
    assert kept["conversation"][0]["agent"] == "sue"
    assert {name: (kept[name], rebuilt[name]) for name in TABLES if rebuilt[name] != kept[name]} == {}
