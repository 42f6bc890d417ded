"""The whole way: somebody on one server mentions the brand on another, the right agent answers, the ledger proves both."""

import asyncio
import json
import traceback
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from mastodon import Mastodon

from contracts.channel import eventually
from rapport.app.house import open_house
from rapport.app.rehearsing import fresh_tenant
from rapport.app.stages import advance_of, loops
from rapport.audit.verify import verify
from rapport.channels.plain import plain_from_html
from rapport.clock import SystemClock
from rapport.ledger.checkpoint import grow
from rapport.ledger.read import read_entries
from rapport.model.fact import MessageReceived, MessageSent
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
QUESTION = "La tercera noche y el wifi de mi habitación se sigue cayendo cada cinco minutos"
ANSWER = "Lo sentimos. Ana sube ahora mismo a revisar el punto de acceso."


def an_agent(id, skill):
    body = {
        "id": id,
        "presence": "available",
        "slots": {"social": 50},
        "attributes": {"languages": ["es"], "skills": {skill: 0.9}},
    }
    return "agent", id, json.dumps(body).encode()


@pytest.fixture
async def house(database_url):
    """A house whose loops run, and one tenant of it."""
    async with a_worker(database_url) as (house, tenant):
        yield house, tenant


@asynccontextmanager
async def a_worker(database_url, tenant=None):
    """A house whose loops run, and a tenant of it: a new one where none is named."""
    house = await open_house(Settings(), database_url, bytes(32), SystemClock(), pool=4)
    tenant = tenant or await fresh_tenant(house, "fediverse")
    advance = advance_of(house, f"engine test {tenant}")
    await advance.lease(tenant)
    hear, deliver = loops(house, lambda: [tenant])

    async def rounds():
        """As a worker does it: what fails is said, and tried again, with the lease taken anew where that is gone."""
        while True:
            try:
                taken = await advance.round(tenant) if tenant in advance.tenants else await advance.lease(tenant)
            except Exception:  # noqa: BLE001 - as a worker does
                traceback.print_exc()
                taken = await asyncio.sleep(0.1, False)
            if not taken:
                await asyncio.sleep(0.05)

    house.start(rounds(), hear.run(0.5), deliver.run(asyncio.Event()))
    try:
        yield house, tenant
    finally:
        await house.end_loops()
        await advance.aclose()
        await house.aclose()


async def done(house, tenant, do, **asked):
    """What somebody does, and that it took effect."""
    action = await house.intake.act(tenant, "ana", do, **asked)
    outcome = await house.intake.outcome(tenant, action, timeout=60)
    assert outcome is not None
    assert outcome.ok, outcome.reason
    return outcome


async def test_a_mention_is_answered_by_the_right_agent_under_the_post_and_the_ledger_proves_both(house, fediverse):
    house, tenant = house
    ours, theirs = fediverse
    maria = Mastodon(access_token=theirs.token, api_base_url=theirs.url, version_check_mode="none", ratelimit_method="throw")
    await house.secrets.put(tenant, "acme", ours.token)
    account = {"id": "acme", "channel": "mastodon", "settings": {"server": ours.url, "token": "secret:acme"}}
    things = [an_agent("ana", "wifi"), an_agent("ben", "billing"), ("account", "acme", json.dumps(account).encode())]
    await house.intake.set_things(tenant, things)

    post = await asyncio.to_thread(lambda: maria.status_post(f"{ours.handle} {QUESTION}"))

    async def offered():
        async with house.within(tenant) as db:
            return await db.fetch(
                "select o.id, o.agent, o.conversation from offer o join message m on m.conversation = o.conversation"
                " where o.tenant = $1 and m.tenant = $1 and m.key = $2 and o.state = 'open'",
                tenant,
                post["uri"],
            )

    [offer] = await eventually(offered, 40)
    assert offer["agent"] == "ana"
    await done(house, tenant, "accept", offer=offer["id"])
    await done(house, tenant, "reply", conversation=offer["conversation"], text=ANSWER, reach="public")

    async def answers():
        return [s for s in maria.status_context(post["id"])["descendants"] if "Ana sube" in plain_from_html(s["content"])]

    [answer] = await eventually(answers, 40)
    assert answer["in_reply_to_id"] == post["id"]

    async def recorded():
        async with house.within(tenant) as db:
            facts = [e.fact for e in await read_entries(db, house.keys, tenant, 0, 5_000)]
        return [f for f in facts if isinstance(f, MessageSent) and f.key == answer["uri"]] and facts

    facts = await eventually(recorded, 20)
    assert [f for f in facts if isinstance(f, MessageReceived) and f.key == post["uri"]]
    async with house.within(tenant) as db:
        await grow(db, house.keys, tenant, datetime.now(UTC))
        verdict = await verify(db, house.keys, tenant)
    assert (verdict.whole, verdict.checkpoints) == (True, 1)
