"""The live stream: who is told what, going on after a break, and what a slow browser costs."""

import asyncio
import re
from datetime import timedelta
from types import SimpleNamespace

import msgspec
import pytest
from msgspec.structs import replace

from rapport.access.roles import permissions_of
from rapport.ledger.append import append_rows, prepare
from rapport.ledger.entry import New
from rapport.ledger.place import Place, read_place
from rapport.ledger.round import CURSOR
from rapport.ledger.seal import Keys
from rapport.model.fact import (
    AgentTold,
    ApprovalAsked,
    CentreSet,
    ConversationOpened,
    Fact,
    MessageHeld,
    MessageSent,
    OfferMade,
    PresenceChanged,
)
from rapport.model.ids import named_id
from rapport.web.centre_now import centre_drawn, centre_now
from rapport.web.happenings import Happening, happenings_between, visitor_name
from rapport.web.looking import later, looking_of
from rapport.web.security import Who, is_known
from rapport.web.stream import MOST_WAITING, Hub, Listener, listen
from web.officework import NOW, a_browser, a_conversation, a_token, an_office, sign_in

pytestmark = pytest.mark.anyio


def named(*names: str) -> bytes:
    return named_id(NOW, *names)


def somebody(tenant: int, agent: str = "ana", role: str = "agent") -> Who:
    return Who(tenant, agent, role, agent.title(), "es", permissions_of(role))


async def happen(store, tenant, *facts: Fact, digested: bool = False) -> None:
    keys = Keys(bytes(32))
    rows = [prepare(keys, tenant, New(named(str(n), str(id(fact))), NOW, bytes(16), fact)) for n, fact in enumerate(facts)]
    async with store.within(tenant) as db:
        await append_rows(db, tenant, rows)
        if digested:
            await db.execute("update cursor c set seq = h.seq from head h where c.tenant = $1 and h.tenant = $1", tenant)


async def digest_up_to(store, tenant, seq: int) -> None:
    """As a worker's round ends: the cursor stands at an entry, and the rows that follow from it are there."""
    async with store.within(tenant) as db:
        await db.execute("update cursor set seq = $3 where tenant = $1 and name = $2", tenant, CURSOR, seq)
        await db.execute(
            """insert into thing(tenant, id, body, at) values ($1, 'agent/ana', $2, $3) on conflict do nothing""",
            tenant,
            b'{"id":"ana","name":"Ana Quiroz"}',
            NOW,
        )


def an_agent_set() -> CentreSet:
    return CentreSet("agent", "ana", b'{"id":"ana","name":"Ana Quiroz"}')


async def next_of(stream) -> list[tuple[str, str]]:
    return read(await asyncio.wait_for(anext(stream), 30))


async def yes() -> bool:
    return True


def read(event: bytes) -> list[tuple[str, str]]:
    """Place and name of each event in what was written."""
    told = []
    for block in event.decode().strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        told.append((lines["id"], msgspec.json.decode(lines["data"])["name"]))
    return told


async def told_to(store, tenant, who: Who, facts: list[Fact]) -> set[str]:
    """The names that somebody is told when facts happen and are digested."""
    hub = Hub(an_office(store), tenant)
    stream = listen(hub, Listener(who), None, yes)
    await anext(stream)
    await happen(store, tenant, *facts, digested=True)
    event = await asyncio.wait_for(anext(stream), 30)
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


async def test_a_whisper_is_told_to_its_agent_alone(store, tenant):
    whisper = AgentTold(named("t"), named("c"), "ana", "sue")

    assert "told" in await told_to(store, tenant, somebody(tenant, "ana"), [whisper])
    assert "told" not in await told_to(store, tenant, somebody(tenant, "ben"), [whisper])


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


async def test_a_visitor_is_told_when_what_was_to_leave_later_has_left(store, tenant):
    """Its entry in the outbox was told an hour ago, when there was nothing to be seen yet."""
    outgoing, handle = named("o"), named("h")
    async with store.within(tenant) as db:
        await db.execute(
            """insert into outgoing(tenant, id, message, conversation, account, channel, reach, at, handle)
               values ($1, $2, $3, $4, 'webchat', 'webchat', 'private', $5, $6)""",
            tenant, outgoing, named("m"), named("c"), NOW, handle,
        )  # fmt: skip
    hub = Hub(an_office(store), tenant)
    visitor = Listener(None, frozenset({visitor_name(handle)}))
    await hub.join(visitor, None)

    await happen(store, tenant, MessageSent(outgoing, "k", NOW), digested=True)
    rang = await visitor.ring(30)
    hub.leave(visitor)

    assert rang
    assert set(visitor.waiting) == {visitor_name(handle)}


async def test_a_browser_that_comes_back_is_told_what_it_missed(store, tenant):
    await happen(store, tenant, PresenceChanged("ana", "available"))
    await happen(store, tenant, ConversationOpened(named("c"), named("p"), named("h"), named("m")))
    hub = Hub(an_office(store), tenant)
    stream = listen(hub, Listener(somebody(tenant)), Place(1), yes)

    hello, event = await anext(stream), await asyncio.wait_for(anext(stream), 30)
    await stream.aclose()

    assert b"retry: 2000" in hello
    assert {name for _, name in read(event)} == {"inbox", "wallboard", f"conversation:{named('c').hex()}"}
    assert {place for place, _ in read(event)} == {"2.0"}


async def test_a_fact_from_outside_is_told_when_it_was_digested_and_not_before(store, tenant):
    hub = Hub(an_office(store), tenant)
    stream = listen(hub, Listener(somebody(tenant)), None, yes)
    await anext(stream)

    await happen(store, tenant, an_agent_set(), PresenceChanged("ana", "available"))
    first = await next_of(stream)
    await digest_up_to(store, tenant, 1)
    second = await next_of(stream)
    await stream.aclose()

    assert sorted(first) == [("2.0", "presence"), ("2.0", "wallboard")]
    assert second == [("2.1", "centre")]


async def test_a_page_drawn_before_the_centre_was_digested_is_told_of_it_when_its_stream_opens(store, tenant):
    office = an_office(store)
    await happen(store, tenant, an_agent_set(), PresenceChanged("ana", "available"))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "agent", "ana")
        drawn = re.search(r'data-place="([0-9.]+)"', (await client.get("/desk")).text)[1]
    await digest_up_to(store, tenant, 1)
    stream = listen(Hub(office, tenant), Listener(somebody(tenant)), read_place(drawn), yes)

    hello, missed = await next_of(stream), await next_of(stream)
    await stream.aclose()

    assert hello == [("2.0", "hello")]
    assert missed == [("2.1", "centre")]


async def test_a_page_drawn_with_a_kept_centre_is_told_of_a_newer_one_when_its_stream_opens(store, tenant):
    office = an_office(store)
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "agent", "ana")
        await client.get("/desk")
        await happen(store, tenant, an_agent_set())
        await digest_up_to(store, tenant, 1)
        page = (await client.get("/desk")).text
    stream = listen(
        Hub(office, tenant), Listener(somebody(tenant)), read_place(re.search(r'data-place="([0-9.]+)"', page)[1]), yes
    )

    await anext(stream)
    missed = await next_of(stream)
    await stream.aclose()

    assert 'data-place="1.0"' in page
    assert missed == [("1.1", "centre")]


async def test_a_part_that_is_fetched_for_what_was_told_is_drawn_with_the_new_centre(store, tenant):
    office = an_office(store)
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "agent", "ana")
        before = (await client.get("/desk/part/presence-menu")).text
        await happen(store, tenant, an_agent_set())
        await digest_up_to(store, tenant, 1)
        kept = (await client.get("/desk/part/presence-menu")).text
        new = (await client.get("/desk/part/presence-menu", headers={"x-seen": "1.1"})).text

    assert ["go_online" in menu for menu in (before, kept, new)] == [False, False, True]


async def test_two_listeners_are_each_told_what_they_lack_and_the_kept_centre_is_read_again(store, tenant):
    office = an_office(store)
    hub = Hub(office, tenant)
    await happen(store, tenant, PresenceChanged("ana", "available"), an_agent_set())
    old = await centre_now(office, tenant)
    early = listen(hub, Listener(somebody(tenant)), Place(0, 0), yes)
    late = listen(hub, Listener(somebody(tenant, "beto")), Place(2, 0), yes)
    await anext(early)
    await anext(late)

    first = await next_of(early)
    await digest_up_to(store, tenant, 2)
    both = [await next_of(early), await next_of(late)]
    new = await centre_now(office, tenant)
    await early.aclose()
    await late.aclose()

    assert {name for _, name in first} == {"presence", "wallboard"}
    assert both == [[("2.2", "centre")]] * 2
    assert (set(old.agents), set(new.agents)) == (set(), {"ana"})


async def test_a_centre_that_nobody_changed_is_kept_while_the_hub_goes_on(store, tenant):
    office = an_office(store)
    hub = Hub(office, tenant)
    stream = listen(hub, Listener(somebody(tenant)), None, yes)
    await anext(stream)
    kept = await centre_drawn(office, tenant)
    await happen(store, tenant, PresenceChanged("ana", "available"), digested=True)

    await next_of(stream)
    again = await centre_drawn(office, tenant, digested=1)
    await stream.aclose()

    assert again.centre is kept.centre
    assert (kept.digested, again.digested) == (0, 1)


async def test_a_browser_that_was_away_for_long_looks_at_everything_again(store, tenant):
    await happen(store, tenant, *[PresenceChanged(f"a{n}", "available") for n in range(2_002)])
    stream = listen(Hub(an_office(store), tenant), Listener(somebody(tenant)), Place(1), yes)

    await anext(stream)
    event = await asyncio.wait_for(anext(stream), 30)
    await stream.aclose()

    assert [name for _, name in read(event)] == ["reload"]


async def test_a_slow_browser_costs_a_bounded_buffer(tenant):
    listener = Listener(somebody(1))

    for n in range(10 * MOST_WAITING):
        listener.tell(Place(n), Happening(f"conversation:{n}", "desk.read"))

    assert len(listener.waiting) <= MOST_WAITING
    assert "reload" in {name for _, name in read(listener.take())}


async def test_who_looks_at_it_or_has_it_is_told_at_once_and_500_other_tabs_one_after_the_other(tenant, store):
    conversation = named("c")
    hub = Hub(an_office(store), tenant)
    tabs = [Listener(replace(somebody(tenant, f"a{n}"), csrf="by a browser")) for n in range(500)]
    hub.listeners = set(tabs)
    for n, tab in enumerate(tabs):
        tab.turn = n / 500
    looking_of(hub.office, tenant).note("a7", conversation)

    changed = Happening(f"conversation:{conversation.hex()}", "desk.read", agents=("a9",))
    for happening in (changed, Happening("inbox", "desk.read")):
        hub.tell(happening)
    at_once = {tab.who.agent for tab in tabs if tab.rung.is_set()}
    for tab in tabs:
        tab.rest()

    assert at_once == {"a7", "a9"}
    assert {name for _, name in read(tabs[100].take())} == {changed.name, "inbox"}
    assert [round(later(500, turn, now=10.25), 2) for turn in (0.125, 0.25, 0.0)] == [0.0, 0.25, 1.75]
    assert later(10, 0.5, now=10.25) == 0.0


async def test_a_slow_browser_is_told_once_of_what_happened_often(tenant):
    listener = Listener(somebody(1))

    for n in range(1_000):
        listener.tell(Place(n), Happening("inbox", "desk.read"))

    assert read(listener.take()) == [("999.0", "inbox")]


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


class Busy(Listener):
    """A listener to whom something happens all the time."""

    async def ring(self, seconds: float) -> bool:
        await asyncio.sleep(0.01)
        return True


async def test_the_stream_of_a_busy_centre_ends_with_the_session_too(store, tenant, monkeypatch):
    monkeypatch.setattr("rapport.web.stream.QUIET", 0.03)
    answers = iter([True, False])

    async def still() -> bool:
        return next(answers)

    written = [event async for event in listen(Hub(an_office(store), tenant), Busy(somebody(tenant)), None, still)]

    assert [name for _, name in read(written[-1])] == ["signed-out"]


async def test_a_token_that_was_withdrawn_is_known_no_more(store, tenant):
    office = an_office(store)
    headers = await a_token(office, tenant, "agent", agent="ana")
    asks = SimpleNamespace(headers=headers, app=SimpleNamespace(state={"office": office}))
    before = await is_known(asks)
    async with store.within(tenant) as db:
        await db.execute("update token set revoked_at = now() where tenant = $1", tenant)
    office.clock.move(timedelta(minutes=5))

    assert (before, await is_known(asks)) == (True, False)


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
    event = await asyncio.wait_for(anext(stream), 30)
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
        event = await asyncio.wait_for(anext(stream), 30)
    await stream.aclose()

    assert [name for _, name in read(event)] == [f"typing:{id.hex()}"]


async def test_happenings_of_another_tenant_stay_behind_the_wall(store, tenant, new_tenant):
    other = await new_tenant()
    await happen(store, other, PresenceChanged("eva", "available"))

    assert await happenings_between(store, tenant, Place(), Place(100, 100)) == []


async def test_a_program_may_not_keep_a_stream(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        answer = await client.get("/live", headers=await a_token(office, tenant, "administrator"))

    assert answer.status_code == 403
