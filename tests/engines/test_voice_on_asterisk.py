"""Voice on a real Asterisk, with telephones by sipp: waiting, answering, calling back, recording, and what is lost."""

import asyncio
import json
import signal
from functools import partial

import pytest

from contracts.channel import eventually
from engines import asterisk as servers, test_whole_way as whole
from engines.ear import an_ear
from engines.servers import free_port
from engines.telephones import answering, caller, impatient
from rapport.app.stages import VIEWS
from rapport.clock import SystemClock
from rapport.ledger.read import read_entries
from rapport.ledger.rebuild import rebuild
from rapport.ledger.tables import read_where
from rapport.model.call import Call
from rapport.model.fact import CallMarked, ConversationResolved, WrappedUp
from rapport.model.interaction import Interaction
from rapport.model.message import Message
from rapport.model.need import Need
from rapport.model.reply import Outgoing

pytestmark = [pytest.mark.anyio, pytest.mark.nightly]
house = whole.house  # the fixture
MARIA = "5215512345678"


@pytest.fixture(scope="module")
def ports():
    """Where the agents' old telephones are."""
    return {name: free_port() for name in ("ana", "ben", servers.BREAKS)}


@pytest.fixture(scope="module")
def asterisk(folder, ports):
    """One Asterisk for the tests of this file."""
    with servers.asterisk(folder / "asterisk", ports) as server:
        yield server


@pytest.fixture(autouse=True)
def nobody_is_left_on_the_line(asterisk):
    """A test that failed leaves no call to the next one."""
    yield
    asterisk.quiet()


def an_agent(name):
    body = {"id": name, "presence": "available", "slots": {"voice": 1}, "attributes": {"languages": ["es"]}}
    return "agent", name, json.dumps(body).encode()


async def connected(house, tenant, server, *agents, **settings):
    """An account on that Asterisk, which listens when this returns."""
    await house.secrets.put(tenant, "secret", server.secret)
    body = {"id": "phone", "channel": "voice", "settings": server.settings | settings}
    things = [an_agent(name) for name in agents]
    await house.intake.set_things(tenant, [*things, ("account", "phone", json.dumps(body).encode())])

    async def listening():
        accounts = await house.accounts.accounts(tenant)
        return accounts and (await house.accounts.channel(tenant, accounts[0])).listening

    assert await eventually(listening, 60)


async def rows(house, tenant, row, where="true"):
    async with house.within(tenant) as db:
        return await read_where(db, tenant, row, where)


async def the_call(house, tenant, *states):
    """The latest call, as soon as it is in one of these states."""

    async def found():
        calls = sorted(await rows(house, tenant, Call), key=lambda call: call.started_at)
        return calls[-1] if calls and calls[-1].state in states else None

    call = await eventually(found, 30)
    assert call is not None, [f"{one.state} {one.asked} {one.reason}" for one in await rows(house, tenant, Call)] + [
        f"{out.state} {out.reason} {out.text[:60]}" for out in await rows(house, tenant, Outgoing)
    ]
    return call


async def offered(house, tenant):
    """The open offer."""

    async def found():
        async with house.within(tenant) as db:
            return await db.fetch("select id, agent, conversation from offer where tenant = $1 and state = 'open'", tenant)

    [offer] = await eventually(found, 30)
    return offer


async def act(house, tenant, agent, do, ok=True, **asked):
    action = await house.intake.act(tenant, agent, do, **asked)
    outcome = await house.intake.outcome(tenant, action, timeout=10)
    assert outcome is not None
    assert outcome.ok is ok, outcome.reason
    return outcome.reason


async def accepted(house, tenant):
    offer = await offered(house, tenant)
    await act(house, tenant, offer["agent"], "accept", offer=offer["id"])
    return offer


async def facts(house, tenant, kind):
    async with house.within(tenant) as db:
        return [e.fact for e in await read_entries(db, house.keys, tenant, 0, 5_000) if isinstance(e.fact, kind)]


async def marks(house, tenant):
    return [fact.mark for fact in await facts(house, tenant, CallMarked)]


async def test_a_call_is_offered_answered_held_and_its_agent_knows_how_long_it_was(house, asterisk, ports):
    house, tenant = house
    await connected(house, tenant, asterisk, "ana")
    answering(asterisk, ports["ana"])
    phone = caller(asterisk, MARIA)

    offer = await accepted(house, tenant)
    call = await the_call(house, tenant, "talking")
    await act(house, tenant, "ana", "call", conversation=call.conversation, argument="hold")
    held = await the_call(house, tenant, "held")
    await act(house, tenant, "ana", "call", conversation=call.conversation, argument="resume")
    await the_call(house, tenant, "talking")
    await act(house, tenant, "ana", "call", conversation=call.conversation, argument="hang_up")
    over = await the_call(house, tenant, "over")

    [interaction] = await rows(house, tenant, Interaction)
    assert (offer["agent"], held.agent, over.reason) == ("ana", "ana", "hung-up")
    assert 0 < interaction.talked == pytest.approx(over.talked)
    assert await asyncio.to_thread(phone.wait, 20) == 0


async def test_who_asks_to_be_called_keeps_their_place_and_is_called_once_even_when_they_ask_twice(house, asterisk, ports):
    house, tenant = house
    await connected(house, tenant, asterisk)  # nobody is here to answer
    for _ in range(2):
        phone = caller(asterisk, MARIA, (1500, "1"))
        assert await asyncio.to_thread(phone.wait, 40) == 0  # we hang up
    await the_call(house, tenant, "promised")
    [need] = await rows(house, tenant, Need)
    calls = sorted(await rows(house, tenant, Call), key=lambda call: call.started_at)
    maria, ana = answering(asterisk, asterisk.person), answering(asterisk, ports["ana"])

    await house.intake.set_things(tenant, [an_agent("ana")])
    await accepted(house, tenant)
    call = await the_call(house, tenant, "talking")
    await act(house, tenant, "ana", "call", conversation=call.conversation, argument="hang_up")
    over = await the_call(house, tenant, "over")

    assert [call.reason for call in calls] == ["called-again", "hung-up"]
    assert need.since <= calls[0].started_at
    assert over.calls_back == 1
    assert [await asyncio.to_thread(phone.wait, 20) for phone in (maria, ana)] == [0, 0]
    assert await marks(house, tenant) == ["promised", "promised"]
    assert await rows(house, tenant, Need) == []


async def test_who_calls_is_greeted_and_asked_and_then_hears_music_and_a_promise_before_we_hang_up(house, asterisk):
    house, tenant = house
    said = {f"{name}_es": asterisk.prompt(name) for name in servers.SAID}
    await connected(house, tenant, asterisk, **said)
    async with an_ear() as (ear, port):
        phone = caller(asterisk, MARIA, (6000, "1"), media=port)

        async def hears(hertz):
            return ear.share_of(hertz, 0.5) > 0.8

        for hertz in (servers.SAID["greeting"], servers.SAID["consent"], 330, servers.SAID["promise"]):
            assert await eventually(partial(hears, hertz), 20), hertz
    assert await asyncio.to_thread(phone.wait, 20) == 0
    await the_call(house, tenant, "promised")


async def test_who_hangs_up_before_anybody_answers_is_on_record_and_waits_no_more(house, asterisk):
    house, tenant = house
    await connected(house, tenant, asterisk)
    phone = caller(asterisk, MARIA, seconds=2)

    await the_call(house, tenant, "over")
    assert await asyncio.to_thread(phone.wait, 20) == 0

    assert await marks(house, tenant) == ["abandoned"]
    assert await rows(house, tenant, Need) == []
    assert [fact.disposition for fact in await facts(house, tenant, ConversationResolved)] == ["abandoned"]


async def test_a_call_is_recorded_only_after_the_caller_agreed_and_the_recording_can_be_played(house, asterisk, ports):
    house, tenant = house
    await connected(house, tenant, asterisk, "ana")
    answering(asterisk, ports["ana"])
    async with an_ear() as (ear, port):
        ear.says = 440
        caller(asterisk, MARIA, (9000, "2"), media=port)
        await accepted(house, tenant)
        call = await the_call(house, tenant, "talking")
        do = {"conversation": call.conversation}
        refusal = await act(house, tenant, "ana", "call", ok=False, argument="record", **do)

        async def now(what):
            return getattr(await the_call(house, tenant, "talking"), what)

        assert await eventually(partial(now, "agreed"), 30)
        await act(house, tenant, "ana", "call", argument="record", **do)
        assert await eventually(partial(now, "recording"), 30)
        said, path = ear.packets, asterisk.folder / "spool/recording"

        async def spoken():
            return ear.packets > said + 100  # two seconds of it

        assert await eventually(spoken, 30)
        await act(house, tenant, "ana", "call", argument="hang_up", **do)

    async def file():
        found = await rows(house, tenant, Message)
        return [media for message in found if message.conversation == call.conversation for media in message.media]

    [media] = await eventually(file, 40)
    async with house.within(tenant) as db:
        data = await db.fetchval("select data from blob where tenant = $1 and hash = $2", tenant, bytes.fromhex(media.blob))

    async def gone():
        return not list(path.glob("*.wav"))

    assert refusal.startswith("no-consent")
    assert (media.type, media.reason, data[:4]) == ("audio/wav", "", b"RIFF")
    assert len(data) > 16_000  # a second of it
    assert await eventually(gone, 30)  # it is ours alone now


async def test_an_agent_without_a_softphone_loses_the_call_to_another(house, asterisk, ports):
    house, tenant = house
    await connected(house, tenant, asterisk, "zoe")  # whose softphone Asterisk does not know
    answering(asterisk, ports["ben"])
    caller(asterisk, MARIA)
    await accepted(house, tenant)

    async def lost():
        return [fact.disposition for fact in await facts(house, tenant, WrappedUp)]

    assert await eventually(lost, 30) == ["no-softphone"]
    await house.intake.set_things(tenant, [an_agent("ben")])
    offer = await accepted(house, tenant)
    call = await the_call(house, tenant, "talking")
    await act(house, tenant, "ben", "call", conversation=call.conversation, argument="hang_up")
    await the_call(house, tenant, "over")

    assert offer["agent"] == "ben"


async def test_a_colleague_who_was_asked_first_gets_the_caller_and_the_conversation(house, asterisk, ports):
    house, tenant = house
    await connected(house, tenant, asterisk, "ana")
    for name in ("ana", "ben"):
        answering(asterisk, ports[name])
    phone = caller(asterisk, MARIA)
    await accepted(house, tenant)
    call = await the_call(house, tenant, "talking")
    await house.intake.set_things(tenant, [an_agent("ben")])
    do = {"conversation": call.conversation}

    for argument, state in (("consult agent:ben", "consulting"), ("join", "conference")):
        await act(house, tenant, "ana", "call", argument=argument, **do)
        await the_call(house, tenant, state)
    three = await asyncio.to_thread(asterisk.cli, "bridge show all")
    await act(house, tenant, "ana", "call", argument="complete", **do)

    async def handed():
        return [i for i in await rows(house, tenant, Interaction) if i.agent == "ben"]

    assert await eventually(handed, 30)
    assert (await the_call(house, tenant, "talking")).agent == "ben"
    await act(house, tenant, "ben", "call", argument="hang_up", **do)
    await the_call(house, tenant, "over")
    ana, ben = before = sorted(await rows(house, tenant, Interaction), key=lambda one: one.agent)
    calls = await rows(house, tenant, Call)
    async with house.within(tenant) as db:
        await rebuild(db, house.keys, tenant, VIEWS, SystemClock())

    assert await rows(house, tenant, Call) == calls
    assert sorted(await rows(house, tenant, Interaction), key=lambda one: one.agent) == before
    assert " 3 " in three
    assert (ana.disposition, ben.ended_at) == ("transferred", None)
    assert ana.talked > 0 < ben.talked
    assert await asyncio.to_thread(phone.wait, 20) == 0


async def test_an_agent_who_hangs_up_ends_the_call(house, asterisk, ports):
    house, tenant = house
    await connected(house, tenant, asterisk, "ana")
    impatient(asterisk, ports["ana"], 2)
    phone = caller(asterisk, MARIA)
    await accepted(house, tenant)

    over = await the_call(house, tenant, "over")

    assert over.talked > 0
    assert await asyncio.to_thread(phone.wait, 20) == 0


async def test_a_caller_whose_agents_line_breaks_waits_again_by_the_time_of_their_call(house, asterisk, ports):
    house, tenant = house
    await connected(house, tenant, asterisk, servers.BREAKS)
    answering(asterisk, ports[servers.BREAKS])  # and says nothing
    caller(asterisk, MARIA)
    await accepted(house, tenant)
    call = await the_call(house, tenant, "talking")

    await the_call(house, tenant, "waiting")
    [need] = await rows(house, tenant, Need)
    [interaction] = await rows(house, tenant, Interaction)

    assert await marks(house, tenant) == ["cut"]
    assert interaction.disposition == "cut-off"
    assert need.since == call.started_at


async def test_calls_outlive_a_worker_and_the_next_one_takes_them_over(database_url, asterisk, ports):
    numbers = {"talks": MARIA, "leaves": "5215587654321", "stays": "5215511112222"}
    phones, lines = {}, {}
    answering(asterisk, ports["ana"], calls=2)
    async with whole.a_worker(database_url) as (house, tenant):
        await connected(house, tenant, asterisk, "ana")
        for name, number in numbers.items():
            phones[name] = caller(asterisk, number)

            async def new_one(name=name):
                return [one for one in await rows(house, tenant, Call) if one.id not in {id for id, _ in lines.values()}]

            [call] = await eventually(new_one, 30)
            lines[name] = call.id, call.key
            if name == "talks":
                await accepted(house, tenant)
                await the_call(house, tenant, "talking")

        async def greeted():
            return sum(out.state == "sent" for out in await rows(house, tenant, Outgoing)) == 4

        assert await eventually(greeted, 30)

    async with whole.a_worker(database_url, tenant) as (house, _):  # of whoever comes next, nothing is in memory
        await asyncio.to_thread(asterisk.hang_up, lines["leaves"][1])
        await connected(house, tenant, asterisk)

        async def is_so(name, *states):
            return any(one.id == lines[name][0] and one.state in states for one in await rows(house, tenant, Call))

        assert await eventually(partial(is_so, "leaves", "over"), 30)
        assert [await is_so("talks", "talking"), await is_so("stays", "waiting")] == [True, True]
        [talks] = [one for one in await rows(house, tenant, Call) if one.id == lines["talks"][0]]
        for argument, state in (("hold", "held"), ("resume", "talking"), ("hang_up", "over")):
            await act(house, tenant, "ana", "call", conversation=talks.conversation, argument=argument)
            assert await eventually(partial(is_so, "talks", state), 30)
        await act(house, tenant, "ana", "wrap_up", conversation=talks.conversation)
        await accepted(house, tenant)
        assert await eventually(partial(is_so, "stays", "talking"), 30)

    assert [await asyncio.to_thread(phones[name].wait, 20) for name in ("talks", "leaves")] == [0, 0]


async def test_a_telephone_server_that_starts_anew_mid_call_leaves_nothing_hanging(house, folder):
    house, tenant = house
    port = free_port()
    server = servers.begin(folder / "asterisk-killed", {"ana": port})
    try:
        await connected(house, tenant, server, "ana")
        answering(server, port)
        caller(server, MARIA)
        await accepted(house, tenant)
        await the_call(house, tenant, "talking")

        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        server = servers.begin(server.folder, {"ana": port}, like=server)
        over = await the_call(house, tenant, "over")

        assert over.reason == "vanished"
        assert "lost" in await marks(house, tenant)
        assert over.talked > 0
    finally:
        servers.end(server)
