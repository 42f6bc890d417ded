"""The YouTube channel against a server that does what the documentation says, and Google's own description of requests."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from channels.discovered import discovery, shape, wrong
from channels.fake_youtube import ANA, ME, FakeYouTube, ago, refusal
from contracts.channel import NOW, ChannelContract, a_part, everything, storable
from rapport.channels.channel import Exchange, Means, Op
from rapport.channels.google_api import next_day
from rapport.channels.youtube.channel import open_youtube
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Edit

pytestmark = pytest.mark.anyio
HANDLE = f"youtube:{ANA}"


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def server(clock):
    return FakeYouTube(clock)


@pytest.fixture
def channel(server, clock):
    return opened(server, clock)


def opened(server, clock, **settings):
    told = {"channel": ME, "client_id": "i", "client_secret": "s", "refresh_token": "r"} | settings
    return open_youtube(Account("acme", "youtube", settings=told), Means(clock, str, server.http, None))


def to_ana(thread, text="Lo miramos ya.", **changes):
    return a_part(**({"to": HANDLE, "text": text, "reach": Reach.PUBLIC, "in_reply_to": thread} | changes))


class TestYouTubeChannel(ChannelContract):
    @pytest.fixture
    def channel(self, server, clock):
        return opened(server, clock)

    @pytest.fixture
    def to(self):
        return HANDLE

    @pytest.fixture
    def answering(self, server):
        return server.say("una pregunta", at=ago(days=30))

    @pytest.fixture
    def write(self, server, clock):
        async def write(text):
            clock.move(timedelta(seconds=1))
            server.say(text)

        return write

    @pytest.fixture
    def arrived(self, server):
        async def arrived(text):
            return sum(c["snippet"]["textOriginal"] == text for c in server.comments.values())

        return arrived


async def test_a_comment_says_who_wrote_what_under_which_video(channel, server):
    name = server.say("¿Cuándo llega?", at=ago(hours=1))

    [heard] = (await channel.pull(None)).events

    assert (heard.key, heard.handle, heard.name, heard.text) == (name, HANDLE, "@ana", "¿Cuándo llega?")
    assert (heard.reach, heard.at, heard.thread, heard.subject) == (Reach.PUBLIC, ago(hours=1), name, "youtu.be/vid1")
    assert heard.in_reply_to == ""


async def test_all_answers_in_a_thread_are_heard_and_not_only_the_few_that_come_with_it(channel, server):
    thread = server.say("uno", at=ago(hours=2))
    for number in range(12):
        server.say(str(number), parent=thread, at=ago(minutes=60 - number))

    heard, _ = await everything(channel, None)

    assert [m.text for m in heard] == ["uno", *map(str, range(12))]
    assert {(m.thread, m.in_reply_to, m.subject) for m in heard[1:]} == {(thread, thread, "youtu.be/vid1")}


async def test_an_answer_in_an_older_thread_is_heard_within_a_quarter_of_an_hour(channel, server, clock):
    server.page_size = 1  # so that it is behind what every reading looks at
    thread = server.say("vieja", at=ago(days=3))
    server.say("otra", at=ago(days=2))
    server.say("nueva")
    heard, place = await everything(channel, None)
    clock.move(timedelta(minutes=1))
    server.say("ya llegó", parent=thread)

    for _ in range(15):
        later, place = await everything(channel, place)
        heard += later
        clock.move(timedelta(minutes=1))

    assert [m.text for m in heard] == ["vieja", "otra", "nueva", "ya llegó"]


async def test_a_thread_whose_answers_did_not_grow_is_not_paged_again(channel, server, clock):
    thread = server.say("uno", at=ago(hours=2))
    for number in range(12):
        server.say(str(number), parent=thread, at=ago(minutes=90))
    _, place = await everything(channel, None)
    server.heard.clear()

    for _ in range(20):
        clock.move(timedelta(minutes=1))
        _, place = await everything(channel, place)

    assert {request.url.path for request in server.heard} == {"/youtube/v3/commentThreads"}


async def test_an_edited_comment_is_news_of_it(channel, server, clock):
    name = server.say("primero")
    _, place = await everything(channel, None)
    clock.move(timedelta(minutes=5))
    server.edit(name, "segundo")

    events, _ = await everything(channel, place)

    assert [(type(e), e.key if isinstance(e, Incoming) else e.of, e.text) for e in events] == [
        (Incoming, name, "segundo"), (Edit, name, "segundo"),
    ]  # fmt: skip


async def test_our_own_comments_are_not_heard(channel, server):
    thread = server.say("uno", at=ago(minutes=2))
    await channel.deliver(to_ana(thread), "once-1")
    server.say("nuestro vídeo", author=ME)

    assert [m.text for m in (await everything(channel, None))[0]] == ["uno"]


async def test_many_pages_are_read_to_the_day_where_reading_begins(channel, server):
    server.page_size = 10
    for number in range(60):
        server.say(str(number), at=ago(hours=600 - 10 * number))

    heard, _ = await everything(channel, None)

    assert [m.text for m in heard] == [str(n) for n in range(44, 60)]  # of the last 168 hours


async def test_a_thread_that_cannot_be_read_is_kept_and_stops_nobody(channel, server):
    server.say("bien")
    page = server._threads({"maxResults": "100"})
    page["items"].insert(0, {"kind": "youtube#commentThread", "id": 7})
    server.fails = [httpx.Response(200, json=page)]

    events = (await channel.pull(None)).events

    assert sorted(type(e).__name__ for e in events) == ["Incoming", "Unreadable"]


# Answers


async def test_an_answer_to_an_answer_goes_into_the_thread_because_there_is_one_level(channel, server):
    thread = server.say("uno")
    reply = server.say("dos", parent=thread)

    receipt = await channel.deliver(to_ana(reply), "once-1")

    assert server.comments[receipt.key]["snippet"]["parentId"] == thread


@pytest.mark.parametrize("part", [to_ana(""), to_ana("Ug0", reach=Reach.PRIVATE)])
async def test_what_youtube_does_not_have_is_refused_before_anything_is_spent(channel, server, part):
    with pytest.raises(Refused):
        await channel.deliver(part, "once-1")

    assert server.heard == []


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(403, json=refusal(403, "forbidden")), Refused),
        (httpx.Response(403, json=refusal(403, "rateLimitExceeded")), Unavailable),
        (httpx.Response(400, json=refusal(400, "processingFailure", "The API server failed to process")), Refused),
        (httpx.Response(404, json=refusal(404, "parentCommentNotFound")), Refused),
        (httpx.Response(429), Unavailable),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, server, failing, error):
    server.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(to_ana("Ug0"), "once-1")


async def test_a_used_quota_ends_at_midnight_in_california(channel, server):
    server.fails = [httpx.Response(403, json=refusal(403, "quotaExceeded", "You have exceeded your quota"))]

    with pytest.raises(Unavailable, match="exceeded your quota") as raised:
        await channel.deliver(to_ana("Ug0"), "once-1")

    assert raised.value.retry_after == timedelta(hours=22)  # at 10:00 UTC it is 02:00 there


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 3, 8, 9, 0, tzinfo=UTC), datetime(2026, 3, 9, 7, 0, tzinfo=UTC)),  # clocks go forward at 10:00 UTC
        (datetime(2026, 11, 1, 8, 0, tzinfo=UTC), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),  # and back at 09:00 UTC
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), datetime(2026, 7, 1, 7, 0, tzinfo=UTC)),
    ],
)
def test_googles_day_begins_at_midnight_pacific_also_when_clocks_change(now, then):
    assert next_day(now) == then


async def test_a_days_units_are_two_hundred_answers_and_reading_leaves_sixty(server, clock):
    channel, thread = opened(server, clock), server.say("uno")
    place = (await channel.pull(None)).cursor
    first = server.units
    for number in range(139):
        await channel.deliver(to_ana(thread), f"once-{number}")
    clock.move(timedelta(minutes=1))

    for _ in range(47):  # the first of them reads two pages of answers
        place = (await channel.pull(place)).cursor
    with pytest.raises(Unavailable) as reading:
        await channel.pull(place)
    for number in range(60):
        await channel.deliver(to_ana(thread), f"later-{number}")
    with pytest.raises(Unavailable) as sending:
        await channel.deliver(to_ana(thread), "last")

    assert first == 1
    assert server.units == 10_000
    assert reading.value.retry_after == sending.value.retry_after == timedelta(hours=22) - timedelta(minutes=1)


async def test_comments_are_held_back_shown_changed_and_taken_away(channel, server):
    theirs = server.say("spam")
    ours = (await channel.deliver(to_ana(theirs), "once-1")).key

    await channel.moderate(Op.HIDE, theirs, "", "once-2")
    await channel.moderate(Op.EDIT, ours, "mejor dicho", "once-3")
    held, said = server.status[theirs], server.comments[ours]["snippet"]["textOriginal"]
    await channel.moderate(Op.UNHIDE, theirs, "", "once-4")
    for _ in range(2):
        await channel.moderate(Op.DELETE, ours, "", "once-5")

    assert (held, server.status[theirs], said, ours in server.comments) == ("heldForReview", "published", "mejor dicho", False)
    with pytest.raises(Refused):
        await channel.moderate(Op.REACT, theirs, "👍", "once-6")


async def test_an_answer_that_youtube_took_silently_is_found_and_an_older_one_is_not(channel, server):
    thread = server.say("uno", at=ago(days=2))
    server.say("Lo miramos ya.", ME, parent=thread, at=ago(hours=1))
    server.say("Lo miramos ya.", parent=thread)  # Ana repeats it
    with pytest.raises(Unavailable):
        await channel.locate(to_ana(thread), "once-1", NOW)
    taken = server.say("Lo miramos ya.", ME, parent=thread)

    assert await channel.locate(to_ana(thread), "once-1", NOW) == taken


async def test_every_request_is_one_that_google_describes(channel, server):
    document = discovery("youtube.v3")
    thread = server.say("uno")
    for _ in range(7):
        server.say("dos", parent=thread)
    await channel.probe()
    await channel.pull(None)
    ours = (await channel.deliver(to_ana(thread), "once-1")).key
    await channel.locate(to_ana(thread), "once-1", NOW)
    await channel.moderate(Op.HIDE, thread, "", "once-2")
    await channel.moderate(Op.EDIT, ours, "mejor", "once-3")
    await channel.moderate(Op.DELETE, ours, "", "once-4")

    assert len(server.heard) == 8
    assert [fault for request in server.heard for fault in wrong(document, request, "/")] == []


async def test_the_fake_answers_as_google_describes(channel, server):
    document = discovery("youtube.v3")
    thread = server.say("uno")
    server.say("dos", parent=thread)

    assert shape(document, "CommentThreadListResponse", server._threads({"maxResults": "100"})) == []
    assert shape(document, "Comment", server.comments[thread]) == []


async def test_the_token_is_asked_for_once(channel, server):
    for _ in range(3):
        await channel.pull(None)

    assert server.tokens == 1


async def test_a_consent_of_another_channel_is_the_health_sentence(server, clock):
    probe = await opened(server, clock, channel="UC" + "z" * 22).probe()

    assert (probe.works, ME in probe.health.en) == (False, True)


def test_nobody_can_be_written_to_directly(channel):
    assert not channel.eligible(Op.SEND_DIRECT, Exchange(HANDLE, Reach.PRIVATE), NOW).allowed


@pytest.mark.parametrize(
    "snippet",
    [
        {"textDisplay": "<b>x</b><script>alert(1)</script>", "textOriginal": ""},
        {"textDisplay": "x" * 300_000, "textOriginal": ""},
        {"textOriginal": "\ud800\0"},
        {"authorChannelId": None, "authorDisplayName": "\0\udfff" * 300},
        {"authorChannelId": {"value": "\0" * 5000}},
        {"publishedAt": "0001-01-01T00:00:00Z"},
        {"publishedAt": "2999-01-01T00:00:00Z", "updatedAt": "2999-01-02T00:00:00Z"},
        {"publishedAt": "yesterday"},
        {"parentId": "x" * 5000, "videoId": "\ud800"},
    ],
)
def test_a_hostile_comment_is_a_message_or_kept(channel, snippet):
    told = {"textOriginal": "hola", "authorDisplayName": "a", "authorChannelId": {"value": ANA}} | snippet

    for said in channel.parse(json.dumps({"id": "Ug1", "snippet": told}).encode()):
        assert storable(said)
        assert isinstance(said, Unreadable) or ("<" not in said.text and said.at <= NOW)


@pytest.mark.parametrize(("settings", "reason"), [({"channel": "acme"}, "must be UC"), ({"days": "x"}, "must be a number")])
def test_a_setting_that_cannot_be_is_refused_with_its_cure(server, clock, settings, reason):
    with pytest.raises(BadInput, match=reason):
        opened(server, clock, **settings)


@pytest.mark.parametrize("lasts", [7 * 86_400, None])
async def test_a_consent_that_ends_says_when(channel, server, lasts):
    server.consent_lasts = lasts

    assert (await channel.probe()).expires == (NOW + timedelta(seconds=lasts) if lasts else None)
