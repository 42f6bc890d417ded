"""A message goes all the way to an answer and a resolved conversation, on record; and the record says all of it again."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.audit.verify import verify
from rapport.clock import FakeClock
from rapport.ledger.checkpoint import grow
from rapport.ledger.rebuild import rebuild
from rapport.ledger.views import TABLES
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 3, 16, tzinfo=UTC)
WALL = Account("wall", "mastodon")


def an_agent(id, skills, **more):
    body = {"id": id, "presence": "available", "attributes": {"languages": ["es", "en"], "skills": skills}} | more
    return "agent", id, json.dumps(body).encode()


@pytest.fixture
async def house(database_url):
    """A house of one tenant with three agents, under a clock that stands still until it is moved."""
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("journey", FakeClock(START)) as house:
        agents = [an_agent("ana", {"wifi": 0.9}), an_agent("ben", {"billing": 0.9}), an_agent("eva", {"wifi": 0.3})]
        await house.intake.set_things(house.tenant, agents)
        await house.settle()
        yield house


async def hear(house, key, text, who="guest"):
    incoming = Incoming(key, f"mastodon:@{who}@example.social", text, Reach.PUBLIC, house.clock.now(), name=who)
    await house.intake.hear(house.tenant, WALL, ChannelKind.SOCIAL, [incoming])
    await house.settle()


async def do(house, agent, what, **asked):
    action = await house.intake.act(house.tenant, agent, what, **asked)
    await house.settle()
    return await house.intake.outcome(house.tenant, action, timeout=0)


async def rows(house):
    """Every row of every view, as JSON, by table."""
    found = {}
    async with house.within(house.tenant) as db:
        for name in TABLES:
            sql = f"select to_jsonb(t) - 'tenant' from \"{name}\" t where tenant = $1 order by id"
            found[name] = [json.loads(row) for (row,) in await db.fetch(sql, house.tenant)]
    return found


async def a_day(house):
    """A mention that is declined, offered on, accepted, answered, written to again and wrapped up; another that waits."""
    await hear(house, "m1", "El wifi de la habitación 512 se cae cada cinco minutos, tercera noche")
    offer = (await rows(house))["offer"][0]
    assert offer["agent"] == "ana"
    await do(house, "ana", "decline", offer=bytes.fromhex(offer["id"].replace("-", "")))
    house.clock.move(timedelta(seconds=2))
    await house.settle()
    [open_offer] = [o for o in (await rows(house))["offer"] if o["state"] == "open"]
    conversation = bytes.fromhex(open_offer["conversation"].replace("-", ""))
    id = bytes.fromhex(open_offer["id"].replace("-", ""))
    assert (await do(house, open_offer["agent"], "accept", offer=id)).ok
    assert not (await do(house, "ana", "accept", offer=id)).ok
    assert (
        await do(house, open_offer["agent"], "reply", conversation=conversation, text="Vamos para allá.", reach="public")
    ).ok
    house.clock.move(timedelta(minutes=3))
    await hear(house, "m2", "Gracias, sigue igual")
    await hear(house, "m3", "I was charged twice for the minibar", who="other")
    assert (await do(house, open_offer["agent"], "wrap_up", conversation=conversation, argument="solved")).ok
    house.clock.move(timedelta(minutes=10))
    await house.settle()
    return conversation


async def test_what_was_answered_is_sent_once_and_the_conversation_is_resolved(house):
    conversation = await a_day(house)

    found = await rows(house)
    [done] = [c for c in found["conversation"] if bytes.fromhex(c["id"].replace("-", "")) == conversation]
    assert (done["state"], done["disposition"]) == ("resolved", "solved")
    assert [(o["state"], o["text"]) for o in found["outgoing"]] == [("sent", "Vamos para allá.")]
    assert {i["disposition"] for i in found["interaction"]} >= {"solved"}


async def test_every_view_rebuilt_from_zero_is_the_view_that_was_kept(house):
    await a_day(house)
    kept = await rows(house)

    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)

    rebuilt = await rows(house)
    assert {name: rebuilt[name] for name in TABLES if rebuilt[name] != kept[name]} == {}


async def test_the_record_of_the_day_is_whole(house):
    await a_day(house)

    async with house.within(house.tenant) as db:
        await grow(db, house.house.keys, house.tenant, house.clock.now())
        verdict = await verify(db, house.house.keys, house.tenant)

    assert verdict.whole, verdict.faults
    assert verdict.contents > 5


async def test_two_who_accept_at_the_same_moment_are_one_who_has_it(house):
    await hear(house, "m1", "El wifi se cae")
    [offer] = (await rows(house))["offer"]
    id = bytes.fromhex(offer["id"].replace("-", ""))

    first, second = await asyncio.gather(
        house.intake.act(house.tenant, offer["agent"], "accept", offer=id),
        house.intake.act(house.tenant, offer["agent"], "accept", offer=id),
    )
    await house.settle()
    outcomes = [await house.intake.outcome(house.tenant, action, timeout=0) for action in (first, second)]

    assert sorted(outcome.ok for outcome in outcomes) == [False, True]
    assert len((await rows(house))["interaction"]) == 1
