"""The Vimeo channel against a server that does what the documentation says, and Vimeo's own description of requests."""

import json
from datetime import timedelta

import httpx
import pytest

from channels.described import description, faults, operation
from channels.fake_vimeo import ME, FakeVimeo, ago
from contracts.channel import NOW, ChannelContract, a_part, everything, storable
from rapport.channels.channel import Exchange, Means, Op
from rapport.channels.vimeo.channel import open_vimeo
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Reach, Unreadable

pytestmark = pytest.mark.anyio
HANDLE = "vimeo:77"


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def server(clock):
    return FakeVimeo(clock)


@pytest.fixture
def channel(server, clock):
    return opened(server, clock)


def opened(server, clock, **settings):
    account = Account("acme", "vimeo", settings={"token": "secret:token"} | settings)
    return open_vimeo(account, Means(clock, {"token": "t0ken"}.__getitem__, server.http, None))


def to_ana(comment, text="Lo miramos ya.", **changes):
    return a_part(**({"to": HANDLE, "text": text, "reach": Reach.PUBLIC, "in_reply_to": comment, "thread": comment} | changes))


class TestVimeoChannel(ChannelContract):
    @pytest.fixture
    def channel(self, server, clock):
        return opened(server, clock)

    @pytest.fixture
    def to(self):
        return HANDLE

    @pytest.fixture
    def answering(self, server):
        return server.say("una pregunta", at=ago(days=90))

    @pytest.fixture
    def write(self, server, clock):
        async def write(text):
            clock.move(timedelta(seconds=1))
            server.say(text)

        return write

    @pytest.fixture
    def arrived(self, server):
        async def arrived(text):
            return sum(c["text"] == text for c in server.comments.values())

        return arrived


async def test_a_comment_says_who_wrote_what_under_which_video(channel, server):
    name = server.say("¿Dónde está?", at=ago(hours=1))

    [heard] = (await channel.pull(None)).events

    assert (heard.key, heard.handle, heard.name, heard.text) == (name, HANDLE, "Ana", "¿Dónde está?")
    assert (heard.reach, heard.at, heard.thread, heard.subject) == (Reach.PUBLIC, ago(hours=1), name, "Visita")
    assert heard.in_reply_to == ""


async def test_answers_are_heard_in_their_thread_and_our_own_are_not(channel, server):
    top = server.say("uno", at=ago(hours=3))
    server.reply(top, "nosotros", user=ME, at=ago(hours=2))
    server.reply(top, "dos", at=ago(hours=1))

    first, second = (await channel.pull(None)).events

    assert (first.text, second.text, second.thread, second.in_reply_to) == ("uno", "dos", top, top)


async def test_an_answer_that_changes_no_count_of_the_video_is_heard_within_a_quarter_of_an_hour(channel, server, clock):
    top = server.say("vieja", at=ago(days=3))
    server.say("nueva")
    heard, place = await everything(channel, None)
    clock.move(timedelta(minutes=1))
    server.reply(top, "sigo esperando")

    for _ in range(15):
        later, place = await everything(channel, place)
        heard += later
        clock.move(timedelta(minutes=1))

    assert [m.text for m in heard] == ["vieja", "nueva", "sigo esperando"]


async def test_videos_where_nothing_changed_are_not_read_again(channel, server, clock):
    server.say("uno")
    _, place = await everything(channel, None)
    server.heard.clear()
    for _ in range(10):
        clock.move(timedelta(minutes=1))
        _, place = await everything(channel, place)

    assert {request.url.path for request in server.heard} == {"/me/videos"}


async def test_many_videos_and_many_comments_are_read_page_by_page(channel, server):
    server.page_size = 3
    server.videos |= {f"/videos/{n}": f"v{n}" for n in range(100, 107)}
    for number in range(8):
        server.say(str(number), at=ago(minutes=60 - number))
    server.say("otro", video="/videos/106", at=ago(minutes=1))

    assert [m.text for m in (await everything(channel, None))[0]] == [*map(str, range(8)), "otro"]


async def test_a_video_that_is_taken_away_between_two_requests_stops_nobody(channel, server):
    server.say("uno", video="/videos/9")
    server.say("dos", video="/videos/8")
    videos = httpx.Response(200, json=server._page([server._video(v) for v in server.videos], {"per_page": "100", "page": "1"}))
    server.fails = [httpx.Response(200, json={"uri": ME}), videos, httpx.Response(404, json={"error": "gone"})]

    assert [m.text for m in (await channel.pull(None)).events] == ["dos"]


@pytest.mark.parametrize("failing", [httpx.ReadTimeout("no"), httpx.Response(500), httpx.Response(200, content=b"x")], ids=str)
async def test_a_reading_that_fails_is_repeated_from_the_same_place(channel, server, failing):
    server.say("uno")
    server.fails = [failing]

    with pytest.raises(Unavailable):
        await channel.pull(None)

    assert [m.text for m in (await channel.pull(None)).events] == ["uno"]


# Answers


async def test_an_answer_to_an_answer_goes_under_the_comment_at_the_top(channel, server):
    top = server.say("uno")
    below = server.reply(top, "dos")

    receipt = await channel.deliver(to_ana(below, thread=top), "once-1")

    assert server.comments[receipt.key]["parent"] == top


@pytest.mark.parametrize(
    "part", [to_ana(""), to_ana("/videos/1/../../me"), to_ana("/videos/9/comments/1", reach=Reach.PRIVATE)]
)
async def test_what_vimeo_does_not_have_is_refused_before_anything_is_asked(channel, server, part):
    with pytest.raises(Refused):
        await channel.deliver(part, "once-1")

    assert server.heard == []


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(201, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(403, json={"error": "You can't comment."}), Refused),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, server, failing, error):
    server.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(to_ana("/videos/9/comments/1"), "once-1")


async def test_vimeo_says_in_a_header_when_to_come_back(channel, server):
    told = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-16T10:01:00+00:00"}
    server.fails = [httpx.Response(429, headers=told, json={"error": "Too many API requests."})]

    with pytest.raises(Unavailable, match="Too many API requests") as first:
        await channel.deliver(to_ana("/videos/9/comments/1"), "once-1")
    with pytest.raises(Unavailable) as second:
        await channel.deliver(to_ana("/videos/9/comments/1"), "once-1")

    assert first.value.retry_after == second.value.retry_after == timedelta(minutes=1)
    assert len(server.heard) == 1


async def test_what_the_headers_leave_is_kept_for_answers(channel, server):
    top = server.say("uno")
    await channel.probe()
    server.headers = {
        "x-ratelimit-limit": "100",
        "x-ratelimit-remaining": "29",
        "x-ratelimit-reset": "2026-11-16T10:01:00+00:00",
    }
    await channel.probe()

    with pytest.raises(Unavailable):
        await channel.pull(None)
    await channel.deliver(to_ana(top), "once-1")


async def test_comments_of_ours_are_changed_and_taken_away_and_twice_is_once(channel, server):
    ours = (await channel.deliver(to_ana(server.say("uno")), "once-1")).key

    await channel.moderate(Op.EDIT, ours, "mejor dicho", "once-2")
    said = server.comments[ours]["text"]
    for _ in range(2):
        await channel.moderate(Op.DELETE, ours, "", "once-3")

    assert (said, ours in server.comments) == ("mejor dicho", False)
    with pytest.raises(Refused):
        await channel.moderate(Op.HIDE, ours, "", "once-4")
    with pytest.raises(Refused, match="names no comment"):
        await channel.moderate(Op.DELETE, "/me", "", "once-5")


async def test_an_answer_that_vimeo_took_silently_is_found_and_an_older_one_is_not(channel, server):
    top = server.say("uno", at=ago(days=2))
    server.reply(top, "Lo miramos ya.", user=ME, at=ago(hours=1))
    server.reply(top, "Lo miramos ya.")  # Ana repeats it
    with pytest.raises(Unavailable):
        await channel.locate(to_ana(top), "once-1", NOW)
    taken = server.reply(top, "Lo miramos ya.", user=ME)

    assert await channel.locate(to_ana(top), "once-1", NOW) == taken


async def test_every_request_is_one_that_vimeo_describes(channel, server):
    document = description("vimeo/api.yaml")
    top = server.say("uno")
    server.reply(top, "dos")
    await channel.probe()
    await channel.pull(None)
    ours = (await channel.deliver(to_ana(top), "once-1")).key
    await channel.moderate(Op.EDIT, ours, "mejor", "once-2")
    await channel.moderate(Op.DELETE, ours, "", "once-3")

    assert len(server.heard) == 7
    for request in server.heard:
        told = operation(document, request.method, request.url.path)
        known = {p["name"] for p in told.get("parameters", [])} | {"fields"}  # `fields` is told of all, in the guide
        assert set(request.url.params) <= known
        if request.content:
            [(kind, body)] = told["requestBody"]["content"].items()
            assert request.headers["content-type"] == kind
            assert faults(document, body["schema"], json.loads(request.content)) == []


async def test_a_token_that_was_taken_back_is_the_health_sentence(channel, server):
    server.token = "another"

    probe = await channel.probe()

    assert (probe.works, "valid authenticated access token" in probe.health.en) == (False, True)


def test_nobody_can_be_written_to_directly(channel):
    assert not channel.eligible(Op.SEND_DIRECT, Exchange(HANDLE, Reach.PRIVATE), NOW).allowed


@pytest.mark.parametrize(
    "comment",
    [
        {"text": "x" * 250_000},
        {"text": "<b>x</b><script>alert(1)</script>"},
        {"text": "\ud800\0", "user": {"uri": "\0", "name": "\udfff"}},
        {"text": None, "user": None},
        {"created_on": "yesterday"},
        {"created_on": "2999-01-01T00:00:00+00:00"},
        {"uri": ""},
        {"uri": "/videos/" + "9" * 3000},
    ],
)
def test_a_hostile_comment_is_a_message_or_kept(channel, comment):
    told = {"uri": "/videos/9/comments/1", "text": "hola", "user": {"uri": "/users/77", "name": "Ana"}} | comment

    for raw in (json.dumps(told).encode(), b'{"comment":' + json.dumps(told).encode() + b"}"):
        for said in channel.parse(raw):
            assert storable(said)
            assert isinstance(said, Unreadable) or ("<" not in said.text and said.at <= NOW)


def test_a_setting_that_cannot_be_is_refused_with_its_cure(server, clock):
    with pytest.raises(BadInput, match="must be a number"):
        opened(server, clock, days="many")
