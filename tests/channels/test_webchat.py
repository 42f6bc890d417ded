"""The chat on our own page: the contract, and what a browser may say."""

import json

import pytest

from contracts.channel import NOW, ChannelContract, a_part
from rapport.channels.channel import Exchange, Op
from rapport.channels.webchat import WebchatChannel
from rapport.clock import FakeClock
from rapport.errors import Refused
from rapport.model.message import Reach, Unreadable


@pytest.fixture
def channel():
    return WebchatChannel(FakeClock(NOW))


class TestWebchatChannel(ChannelContract):
    @pytest.fixture
    def channel(self):
        return WebchatChannel(FakeClock(NOW))

    @pytest.fixture
    def to(self):
        return "webchat:7f3a"

    @pytest.fixture
    def write(self):
        async def write(text):
            pytest.skip("what visitors write comes by the web, not by this channel")

        return write

    @pytest.fixture
    def arrived(self):
        async def arrived(text):
            return 1  # the page shows what our own store holds, once

        return arrived

    @pytest.fixture
    def filed(self):
        pytest.skip("the visitor fetches files from our own store")


def said(**changes):
    return json.dumps({"visitor": "7f3a", "key": "m1", "text": "hola"} | changes).encode()


def test_what_a_visitor_says_is_a_private_message_in_the_thread_of_the_visit(channel):
    [heard] = channel.parse(said(name="Ana"))

    assert (heard.handle, heard.key, heard.thread) == ("webchat:7f3a", "7f3a/m1", "7f3a")
    assert (heard.text, heard.name, heard.reach, heard.at) == ("hola", "Ana", Reach.PRIVATE, NOW)


def test_two_visitors_may_use_the_same_key(channel):
    [ana], [bea] = channel.parse(said()), channel.parse(said(visitor="8b"))

    assert ana.key != bea.key


def test_a_visitor_cannot_write_from_the_future(channel):
    [heard] = channel.parse(said(at="2036-01-01T00:00:00Z"))

    assert heard.at == NOW


@pytest.mark.parametrize(
    "changes", [{"visitor": ""}, {"key": ""}, {"visitor": "v" * 101}, {"text": None}, {"text": "x" * 70_000}]
)
def test_a_message_without_what_it_needs_is_kept_as_unreadable(channel, changes):
    [heard] = channel.parse(said(**changes))

    assert isinstance(heard, Unreadable)


def test_nobody_is_written_to_who_never_came(channel):
    never = Exchange("webchat:7f3a", Reach.PRIVATE)

    assert not channel.eligible(Op.SEND_NEW, never, NOW).allowed


@pytest.mark.anyio
async def test_a_chat_is_not_answered_in_public(channel):
    with pytest.raises(Refused, match="private"):
        await channel.deliver(a_part(reach=Reach.PUBLIC), "once-1")


@pytest.mark.anyio
async def test_an_answer_is_edited_and_taken_back_at_once_and_nothing_else_can_be_done_to_it(channel):
    for op in (Op.EDIT, Op.DELETE):
        assert op in channel.capabilities.ops
        await channel.moderate(op, "k", "Ya está", "once")

    with pytest.raises(Refused, match="cannot hide"):
        await channel.moderate(Op.HIDE, "k", "", "once")
