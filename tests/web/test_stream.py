"""The live stream: who is told what, going on after a break, and what a slow browser costs."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from rapport.access.roles import permissions_of
from rapport.ledger.append import append_rows, prepare
from rapport.ledger.entry import New
from rapport.ledger.seal import Keys
from rapport.model.fact import (
    ApprovalAsked,
    ConversationOpened,
    Fact,
    MessageHeld,
    MessageSent,
    OfferMade,
    PresenceChanged,
)
from rapport.model.ids import named_id
from rapport.web.happenings import Happening, happenings_after
from rapport.web.security import Who
from rapport.web.stream import MOST_WAITING, Hub, Listener, listen
from web.officework import NOW, a_browser, a_conversation, a_token, an_office, sign_in

pytestmark = pytest.mark.anyio


def named(*names: str) -> bytes:
    return named_id(NOW, *names)


def somebody(tenant: int, agent: str = "ana", role: str = "agent") -> Who:
    return Who(tenant, agent, role, agent.title(), "es", permissions_of(role))


async def happen(store, tenant, *facts: Fact) -> None:
    keys = Keys(bytes(32))
    rows = [prepare(keys, tenant, New(named(str(n), str(id(fact))), NOW, bytes(16), fact)) for n, fact in enumerate(facts)]
    async with store.within(tenant) as db:
        await append_rows(db, tenant, rows)


async def yes() -> bool:
    return True


def read(event: bytes) -> list[tuple[int, str]]:
    """Sequence number and name of each event in what was written."""
    told = []
    for block in event.decode().strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        told.append((int(lines["id"]), msgspec.json.decode(lines["data"])["name"]))
    return told


async def told_to(store, tenant, who: Who, facts: list[Fact], last: int | None = None) -> set[str]:
    """The names that somebody is told when facts happen."""
    hub = Hub(an_office(store), tenant)
    stream = listen(hub, Listener(who), last, yes)
    await anext(stream)
    await happen(store, tenant, *facts)
    event = await asyncio.wait_for(anext(stream), 5)
    await stream.aclose()
    assert hub.listeners == set()
    return {name for _, name in read(event)}


async def test_an_offer_is_told_to_its_agent_alone(store, tenant):
    conversation = named("c")
    offer = OfferMade(named("o"), conversation, "ana", "chat", NOW)

    mine = await told_to(store, tenant, somebody(tenant, "ana"), [offer])
    other = await told_to(store, tenant, somebody(tenant, "beto"), [offer])

    assert mine == {"offer", "inbox", "wallboard", f"conversation:{conversation.hex()}"}
    assert other == mine - {"offer"}


async def test_each_role_is_told_what_it_may_see(store, tenant):
    facts = [
        MessageHeld(named("m"), named("h"), "rate"),
        ApprovalAsked(named("d"), named("c")),
        PresenceChanged("ana", "available"),
    ]

    planner = await told_to(store, tenant, somebody(tenant, "pia", "planner"), facts)
    approver = await told_to(store, tenant, somebody(tenant, "abe", "approver"), facts)
    supervisor = await told_to(store, tenant, somebody(tenant, "sue", "supervisor"), facts)

    conversation = f"conversation:{named('c').hex()}"
    assert planner == {"presence", "wallboard"}
    assert approver == planner | {"approvals", "inbox", conversation}
    assert supervisor == approver | {"held"}


async def test_what_the_network_answered_is_told_for_its_conversation(store, tenant):
    conversation, outgoing = named("c"), named("o")
    async with store.within(tenant) as db:
        await db.execute(
            """insert into outgoing(tenant, id, message, conversation, account, channel, reach, at)
               values ($1, $2, $3, $4, 'main', 'mastodon', 'public', $5)""",
            tenant,
            outgoing,
            named("m"),
            conversation,
            NOW,
        )

    told = await told_to(store, tenant, somebody(tenant), [MessageSent(outgoing, "post-1", NOW)])

    assert told == {f"conversation:{conversation.hex()}"}


async def test_a_browser_that_comes_back_is_told_what_it_missed(store, tenant):
    await happen(store, tenant, PresenceChanged("ana", "available"))
    await happen(store, tenant, ConversationOpened(named("c"), named("p"), named("h"), named("m")))
    hub = Hub(an_office(store), tenant)
    stream = listen(hub, Listener(somebody(tenant)), 1, yes)

    hello, event = await anext(stream), await asyncio.wait_for(anext(stream), 5)
    await stream.aclose()

    assert b"retry: 2000" in hello
    assert {name for _, name in read(event)} == {"inbox", "wallboard", f"conversation:{named('c').hex()}"}
    assert {seq for seq, _ in read(event)} == {2}


async def test_a_browser_that_was_away_for_long_looks_at_everything_again(store, tenant):
    await happen(store, tenant, *[PresenceChanged(f"a{n}", "available") for n in range(2_002)])
    stream = listen(Hub(an_office(store), tenant), Listener(somebody(tenant)), 1, yes)

    await anext(stream)
    event = await asyncio.wait_for(anext(stream), 5)
    await stream.aclose()

    assert [name for _, name in read(event)] == ["reload"]


async def test_a_slow_browser_costs_a_bounded_buffer(tenant):
    listener = Listener(somebody(1))

    for n in range(10 * MOST_WAITING):
        listener.tell(n, Happening(f"conversation:{n}", "desk.read"))

    assert len(listener.waiting) <= MOST_WAITING
    assert "reload" in {name for _, name in read(listener.take())}


async def test_a_slow_browser_is_told_once_of_what_happened_often(tenant):
    listener = Listener(somebody(1))

    for n in range(1_000):
        listener.tell(n, Happening("inbox", "desk.read"))

    assert read(listener.take()) == [(999, "inbox")]


async def test_the_stream_ends_with_the_session(store, tenant, monkeypatch):
    monkeypatch.setattr("rapport.web.stream.QUIET", 0.05)
    answers = iter([True, False])

    async def still() -> bool:
        return next(answers)

    stream = listen(Hub(an_office(store), tenant), Listener(somebody(tenant)), None, still)
    written = [event async for event in stream]

    assert written[1] == b": still here\n\n"
    assert [name for _, name in read(written[2])] == ["signed-out"]
    assert len(written) == 3


async def test_the_hub_survives_a_database_that_is_away(store, tenant, monkeypatch):
    monkeypatch.setattr("rapport.web.stream.AFTER_FAULT", 0.01)
    broken = [ConnectionError("away")]
    hub = Hub(an_office(store), tenant)
    look = hub._look

    async def sometimes() -> None:
        if broken:
            raise broken.pop()
        await look()

    hub._look = sometimes
    stream = listen(hub, Listener(somebody(tenant)), None, yes)
    await anext(stream)
    await happen(store, tenant, PresenceChanged("ana", "away"))
    event = await asyncio.wait_for(anext(stream), 5)
    await stream.aclose()

    assert {"presence", "wallboard"} == {name for _, name in read(event)}


async def test_a_colleague_typing_in_another_process_is_seen(store, tenant):
    here, elsewhere = an_office(store), an_office(store)
    id = await a_conversation(store, tenant)
    hub = Hub(here, tenant)
    stream = listen(hub, Listener(somebody(tenant)), None, yes)
    await anext(stream)

    async with a_browser(elsewhere) as beto:
        elsewhere.clock.move(timedelta(seconds=1))
        csrf = await sign_in(beto, elsewhere, tenant, "agent", "beto")
        await beto.post("/desk/typing", data={"conversation": id.hex(), "text": "Hola"}, headers={"x-csrf-token": csrf})
        event = await asyncio.wait_for(anext(stream), 5)
    await stream.aclose()

    assert [name for _, name in read(event)] == [f"typing:{id.hex()}"]


async def test_happenings_of_another_tenant_stay_behind_the_wall(store, tenant, new_tenant):
    other = await new_tenant()
    await happen(store, other, PresenceChanged("eva", "available"))

    assert await happenings_after(store, tenant, 0, 100) == (0, [])


async def test_a_program_may_not_keep_a_stream(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        answer = await client.get("/live", headers=await a_token(office, tenant, "administrator"))

    assert answer.status_code == 403
