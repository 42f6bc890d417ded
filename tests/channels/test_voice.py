"""Voice without an Asterisk: what its events and lists say, and what orders do. On a real one: tests/engines, nightly."""

import asyncio
import json
from dataclasses import replace

import httpx
import msgspec
import pytest

from channels.fake_ari import FakeAri
from contracts.channel import GARBAGE, NOW
from rapport.channels.channel import Exchange, Means, Op, Part
from rapport.channels.registry import open_channel
from rapport.channels.voice.naming import recording_name
from rapport.channels.voice.softphone import endpoint_of
from rapport.clock import FakeClock
from rapport.errors import BadInput, Refused, Unavailable
from rapport.model.call import Order, call_id
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach
from rapport.model.news import Called, CallStep

pytestmark = pytest.mark.anyio
SETTINGS = {"url": "http://127.0.0.1:8088", "secret": "secret:s"}
CALL = "0" * 31 + "7"
LINE = {
    "id": "1763.1", "creationtime": "2026-11-16T09:59:00.000+0000", "caller": {"name": "", "number": "+5215512345678"}
}  # fmt: skip


@pytest.fixture
def ari():
    return FakeAri()


@pytest.fixture
def channel(ari):
    means = Means(FakeClock(NOW), lambda name: "secret", httpx.AsyncClient(transport=ari.transport()), None)
    return open_channel(Account("phone", "voice", settings=SETTINGS), means)


def an_event(type, **more):
    return json.dumps({"type": type, "timestamp": "2026-11-16T10:00:00.000+0000", "channel": LINE, **more}).encode()


def hear(channel, type, line, cause=0, **more):
    """The event socket brings something."""
    channel._heard += channel.parse(an_event(type, channel=line, cause=cause, **more))


def steps(events):
    return [(event.step, event.of) for event in events if isinstance(event, Called)]


def an_order(do, **more):
    order = Order(do, CALL, "1763.1", **{"leg": "ag-1", "agent": "ana", "handle": "voice:+5215512345678"} | more)
    return msgspec.json.encode(order).decode()


def test_a_call_is_a_message_of_its_caller_and_says_what_was_dialled(channel):
    message, started = channel.parse(an_event("StasisStart", args=["call", "100"]))

    assert (message.key, message.handle, message.text) == ("1763.1", "voice:+5215512345678", "☎ +5215512345678")
    assert (started.step, started.of, started.argument) == (CallStep.STARTED, "1763.1", "100")


def test_a_caller_without_a_number_is_somebody_of_their_own(channel):
    raw = an_event("StasisStart", args=["call", "100"], channel=LINE | {"caller": {"name": "", "number": "anonymous"}})

    assert channel.parse(raw)[0].handle == "voice:?1763.1"


@pytest.mark.parametrize(
    ("line", "cause", "said"),
    [
        ("1763.1", 16, (CallStep.ENDED, "1763.1", "hung-up")),
        (f"ag-{CALL}-12ab", 16, (CallStep.LEG_ENDED, CALL, "hung-up")),
        (f"ag-{CALL}-12ab", 44, (CallStep.LEG_ENDED, CALL, "broken")),
        (f"cb-{CALL}-1", 16, (CallStep.ENDED, CALL, "hung-up")),
    ],
)
def test_the_end_of_a_line_says_whose_it_was_and_whether_it_broke(channel, line, cause, said):
    [event] = channel.parse(an_event("ChannelHangupRequest", channel=LINE | {"id": line}, cause=cause))

    assert (event.step, event.of, event.reason) == said
    assert call_id("phone", CALL).hex() == CALL


@pytest.mark.parametrize(("cause", "reason"), [(32, "hung-up"), (1, "broken")])  # asked for; no sound came any more
def test_a_soft_end_has_causes_of_its_own(channel, cause, reason):
    [event] = channel.parse(an_event("ChannelHangupRequest", cause=cause, soft=True))

    assert event.reason == reason


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE)
def test_what_is_no_event_is_left_out(channel, raw):
    assert channel.parse(raw) == []


async def test_a_call_that_no_event_told_of_is_found_once_and_its_end_too(channel, ari):
    ari.call("1763.1", "+5215512345678")
    ari.call("9.9", "x", app="another,call,1")
    first = await channel.pull(None)
    second = await channel.pull(first.cursor)
    ari.lines.clear()
    third = await channel.pull(second.cursor)

    assert [event.handle for event in first.events if isinstance(event, Incoming)] == ["voice:+5215512345678"]
    assert steps(first.events) == [(CallStep.STARTED, "1763.1")]
    assert second.events == ()
    assert [(e.step, e.reason) for e in third.events] == [(CallStep.ENDED, "vanished")]


async def test_a_line_that_ends_this_moment_did_not_vanish_because_the_list_is_quicker_than_the_event(channel, ari):
    leg = f"ag-{CALL}-12ab"
    ari.call("1763.1", "+5215512345678")
    ari.call(leg, "")
    first = await channel.pull(None)
    channel.listening = True
    del ari.lines[leg]
    asyncio.get_running_loop().call_later(0.15, hear, channel, "ChannelDestroyed", LINE | {"id": leg}, 16)

    page = await channel.pull(first.cursor)
    later = await channel.pull(page.cursor)

    assert [(e.step, e.of, e.reason) for e in page.events] == [(CallStep.LEG_ENDED, CALL, "hung-up")]
    assert later.events == ()


async def test_a_call_that_comes_while_the_list_is_asked_for_is_not_over(channel, ari):
    first = await channel.pull(None)
    channel.listening = True
    ari.before_list = lambda: hear(channel, "StasisStart", LINE, args=["call", "100"])

    page = await channel.pull(first.cursor)
    ari.before_list = lambda: ari.call("1763.1", "+5215512345678")
    later = await channel.pull(page.cursor)

    assert steps(page.events) == [(CallStep.STARTED, "1763.1")]
    assert later.events == ()


async def test_what_was_heard_is_given_again_until_it_is_kept(channel, ari):
    ari.call("1763.1", "+5215512345678")
    first = await channel.pull(None)
    hear(channel, "ChannelDtmfReceived", LINE, digit="2")

    given = await channel.pull(first.cursor)
    again = await channel.pull(first.cursor)  # the database was away
    kept = await channel.pull(again.cursor)

    assert steps(given.events) == steps(again.events) == [(CallStep.KEYED, "1763.1")]
    assert kept.events == ()


async def test_a_recording_is_fetched_when_it_is_complete_and_deleted_when_it_is_safe(channel, ari):
    name, other = (recording_name(app, CALL, 1, "voice:+5215512345678", "1763.1") for app in ("rapport", "another"))
    ari.stored |= {name: b"RIFF", other: b"RIFF of another tenant"}
    ari.live = {name}
    too_early = await channel.pull(None)
    ari.live.clear()
    page = await channel.pull(too_early.cursor)
    kept = dict(ari.stored)
    await channel.pull(page.cursor)

    [message] = page.events
    assert too_early.events == ()
    assert (message.handle, message.in_reply_to, message.automatic) == ("voice:+5215512345678", "1763.1", True)
    assert page.files[message.media[0].blob] == b"RIFF"
    assert (set(kept), set(ari.stored)) == ({name, other}, {other})


async def test_an_agent_and_a_caller_meet_and_what_is_asked_twice_rings_once(channel, ari):
    ari.call("1763.1", "+5215512345678")
    ari.registered.add("PJSIP/rapport-ana")
    for _ in range(2):
        await channel.moderate(Op.CALL, "1763.1", an_order("connect"), "once")

    assert ari.rung == [("ag-1", "PJSIP/rapport-ana")]
    assert ari.bridges == {f"br-{CALL}": {"1763.1", "ag-1"}}


async def test_an_agent_who_leaves_while_the_caller_is_brought_in_leaves_them_to_another_with_music(channel, ari):
    ari.call("1763.1", "+5215512345678")
    ari.registered.add("PJSIP/rapport-ana")
    ari.leaves = "PJSIP/rapport-ana"

    with pytest.raises(Refused, match="no-softphone"):
        await channel.moderate(Op.CALL, "1763.1", an_order("connect"), "once")

    assert (ari.bridges[f"br-{CALL}"], ari.music) == (set(), {"1763.1"})


async def test_a_held_caller_hears_music_and_nothing_else(channel, ari):
    ari.call("1763.1", "+5215512345678")
    ari.registered.add("PJSIP/rapport-ana")
    await channel.moderate(Op.CALL, "1763.1", an_order("connect"), "1")
    await channel.moderate(Op.CALL, "1763.1", an_order("hold"), "2")

    assert (ari.bridges[f"br-{CALL}"], ari.music) == ({"ag-1"}, {"1763.1"})


@pytest.mark.parametrize(
    ("do", "lines", "registered", "reason"),
    [
        ("connect", ["1763.1"], [], "no-softphone"),
        ("connect", [], ["PJSIP/rapport-ana"], "call-over"),
        ("greet", [], [], "call-over"),
        ("call_back", [], ["PJSIP/rapport-ana"], "no-answer"),
        ("pass_on", ["1763.1"], [], "no-answer: '100@evil.example' is no number"),
        ("dance", [], [], "the telephone server cannot"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_its_rule_and_leaves_nobody_on_the_line(
    channel, ari, do, lines, registered, reason
):
    channel.house = replace(channel.house, look=0.001)
    for line in lines:
        ari.call(line, "+5215512345678")
    ari.registered.update(registered)

    with pytest.raises(Refused, match=reason):
        await channel.moderate(
            Op.CALL, "1763.1", an_order(do, to="100@evil.example" if do == "pass_on" else "+5215512345678"), "once"
        )

    assert "ag-1" not in ari.lines


async def test_a_server_that_is_away_is_asked_again(channel, ari):
    ari.away = True

    with pytest.raises(Unavailable):
        await channel.moderate(Op.CALL, "1763.1", an_order("hold"), "once")
    assert not (await channel.probe()).works


async def test_nothing_is_written_on_the_telephone(channel):
    assert not channel.eligible(Op.REPLY, Exchange("voice:+52", Reach.PRIVATE), NOW).allowed
    assert channel.fit("Hola", Reach.PRIVATE, "voice:+52").parts == ()
    with pytest.raises(Refused):
        await channel.deliver(Part("Hola", "voice:+52", Reach.PRIVATE), "once")


def test_an_agent_whose_name_sip_has_no_letters_for_has_an_endpoint_still():
    assert endpoint_of("rapport", "ana.m") == "rapport-ana.m"
    assert endpoint_of("rapport", "ana@acme") != endpoint_of("rapport", "añá")
    assert endpoint_of("rapport", "b-ana") != endpoint_of("rapport-b", "ana")  # another tenant's application
    assert "@" not in endpoint_of("rapport", "ana@acme")


def test_an_address_that_is_none_is_refused_with_the_cure():
    account = Account("phone", "voice", settings=SETTINGS | {"url": "pbx.acme.example"})

    with pytest.raises(BadInput, match="http"):
        open_channel(account, Means(FakeClock(NOW), lambda name: "", httpx.AsyncClient(), None))
