"""The Reddit channel against a server that does what Reddit's documentation says."""

import json
from datetime import timedelta

import httpx
import pytest

from channels.fake_reddit import ANA, ME, FakeReddit, ago
from contracts.channel import NOW, ChannelContract, a_part, everything, storable
from rapport.channels.channel import Exchange, Means, Op
from rapport.channels.reddit.channel import open_reddit
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Media, Reach, Unreadable
from rapport.model.news import Edit

pytestmark = pytest.mark.anyio
HANDLE = f"reddit:{ANA}"


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def server(clock):
    return FakeReddit(clock)


@pytest.fixture
def channel(server, clock):
    return opened(server, clock)


def opened(server, clock, **settings):
    told = {"user": ME, "client_id": "i", "client_secret": "s", "refresh_token": "r"} | settings
    return open_reddit(Account("acme", "reddit", settings=told), Means(clock, str, server.http, None))


def to_ana(thing="t1_x", text="Lo miramos ya.", **changes):
    return a_part(**({"to": HANDLE, "text": text, "reach": Reach.PUBLIC, "in_reply_to": thing} | changes))


class TestRedditChannel(ChannelContract):
    @pytest.fixture
    def channel(self, server, clock):
        return opened(server, clock)

    @pytest.fixture
    def to(self):
        return HANDLE

    @pytest.fixture
    def answering(self):
        return "t1_x"

    @pytest.fixture
    def write(self, server, clock):
        async def write(text):
            clock.move(timedelta(seconds=1))
            server.mention(text)

        return write

    @pytest.fixture
    def arrived(self, server):
        async def arrived(text):
            return sum(t["data"]["body"] == text and t["data"]["author"] == ME for t in server.things)

        return arrived


async def test_a_mention_says_who_wrote_what_under_which_post(channel, server):
    name = server.mention("El wifi se cae", parent="t1_above", at=ago(hours=1))

    [heard] = (await channel.pull(None)).events

    assert (heard.key, heard.handle, heard.text, heard.subject) == (name, HANDLE, "El wifi se cae", "El wifi")
    assert (heard.reach, heard.at, heard.thread, heard.in_reply_to) == (Reach.PUBLIC, ago(hours=1), "t3_post", "t1_above")


async def test_a_private_message_is_private_and_its_thread_is_the_first_one(channel, server):
    first = server.letter("hola", at=ago(minutes=3))
    server.letter("¿sigue ahí?", at=ago(minutes=2), first_message_name=first, parent_id=first)

    one, two = (await channel.pull(None)).events

    assert (one.reach, one.subject, one.thread) == (Reach.PRIVATE, "Queja", first)
    assert (two.thread, two.in_reply_to) == (first, first)


async def test_subreddits_are_heard_whole_where_the_account_says_so(server, clock):
    channel = opened(server, clock, subreddits="r/acme, other")
    server.post("Se cae", "Desde ayer", at=ago(minutes=5))
    server._add("t1", "r/acme/comments", body="A mí también", parent_id="t3_1", link_id="t3_1", at=ago(minutes=4))
    server.post("Foto", post_hint="image", url="https://i.redd.it/a.png", at=ago(minutes=3))

    post, comment, picture = (await channel.pull(None)).events

    assert (post.text, comment.text) == ("Se cae\n\nDesde ayer", "A mí también")
    assert picture.media == (Media("image", "image/*", url="https://i.redd.it/a.png"),)


async def test_the_same_comment_in_the_inbox_and_in_the_subreddit_is_heard_once(server, clock):
    channel = opened(server, clock, subreddits="acme")
    name = server.mention("hola")
    server.things.append(server.things[-1] | {"where": "r/acme/comments"})

    assert [m.key for m in (await channel.pull(None)).events] == [name]


async def test_an_edit_is_news_and_our_own_words_are_not_heard(channel, server, clock):
    name = server.mention("primero")
    server.mention("eco", author=ME.upper())
    _, place = await everything(channel, None)
    clock.move(timedelta(minutes=3))
    server.things[0]["data"] |= {"body": "segundo", "edited": clock.now().timestamp()}

    events, _ = await everything(channel, place)

    assert [(e.of, e.text, e.at) for e in events if isinstance(e, Edit)] == [(name, "segundo", clock.now())]
    assert len(events) == 2


async def test_robots_are_machines_and_deleted_accounts_cannot_be_answered(channel, server):
    server.mention("regla 3", author="AutoModerator", at=ago(minutes=2))
    server.mention("adiós", author="[deleted]")

    robot, gone = (await channel.pull(None)).events

    assert (robot.automatic, gone.automatic) == (True, False)
    assert not channel.eligible(Op.REPLY, Exchange(gone.handle, Reach.PUBLIC, NOW), NOW).allowed


async def test_many_pages_are_read(channel, server):
    server.page_size = 9
    for number in range(50):
        server.mention(str(number), at=ago(minutes=100 - number))

    assert [m.text for m in (await everything(channel, None))[0]] == [str(n) for n in range(50)]


# Answers


async def test_a_public_answer_goes_under_what_it_answers(channel, server):
    receipt = await channel.deliver(to_ana("t1_x"), "once-1")

    assert server.things[-1]["data"] | {"name": receipt.key, "parent_id": "t1_x"} == server.things[-1]["data"]


async def test_a_private_answer_to_a_comment_is_a_new_private_message(channel, server):
    receipt = await channel.deliver(to_ana("t1_x", reach=Reach.PRIVATE, subject="Tu queja"), "once-1")

    assert [r.url.path for r in server.heard] == ["/api/compose", "/message/sent"]
    assert receipt.key == server.things[-1]["data"]["name"]
    assert server.things[-1]["data"]["dest"] == ANA


async def test_a_private_message_whose_name_cannot_be_asked_for_was_sent_all_the_same(channel, server):
    server.fails = [httpx.Response(200, json={"json": {"errors": []}}), httpx.Response(500)]

    receipt = await channel.deliver(to_ana(reach=Reach.PRIVATE), "once-1")

    assert receipt.key == "once-1"


async def test_a_public_answer_to_nothing_is_refused(channel, server):
    with pytest.raises(Refused, match="needs the comment or the post"):
        await channel.deliver(to_ana("", thread="t4_x"), "once-1")

    assert server.heard == []


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(503), Unavailable),
        (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(403, json={"message": "Forbidden", "error": 403}), Refused),
        (httpx.Response(200, json={"json": {"errors": [["NO_TEXT", "we need something here", "text"]]}}), Refused),
        (httpx.Response(200, json={"json": {"errors": [[]]}}), Refused),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, server, failing, error):
    server.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(to_ana(), "once-1")


async def test_a_refusal_that_answers_200_is_a_refusal_in_reddits_words(channel):
    with pytest.raises(Refused, match="THREAD_LOCKED: Comments are locked"):
        await channel.deliver(to_ana("t1_locked"), "once-1")


async def test_reddit_says_in_the_body_how_long_to_wait(channel, server):
    told = {"json": {"ratelimit": 300.5, "errors": [["RATELIMIT", "you are doing that too much", "ratelimit"]]}}
    server.fails = [httpx.Response(200, json=told)]

    with pytest.raises(Unavailable, match="too much") as raised:
        await channel.deliver(to_ana(), "once-1")

    assert raised.value.retry_after == timedelta(seconds=300.5)


async def test_what_reddits_headers_leave_is_kept_for_answers(channel, server):
    server.headers = {"x-ratelimit-remaining": "299.0", "x-ratelimit-used": "701", "x-ratelimit-reset": "120"}
    await channel.probe()

    with pytest.raises(Unavailable) as raised:
        await channel.pull(None)
    await channel.deliver(to_ana(), "once-1")

    assert raised.value.retry_after == timedelta(seconds=120)


async def test_an_answer_that_reddit_took_silently_is_found_and_another_place_is_not(channel, server):
    server._add("t1", "comments", ME, body="Lo miramos ya.", parent_id="t1_other")
    server._add("t1", "comments", ME, ago(hours=1), body="Lo miramos ya.", parent_id="t1_x")
    with pytest.raises(Unavailable):
        await channel.locate(to_ana(), "once-1", NOW)
    taken = server._add("t1", "comments", ME, body="Lo miramos ya.", parent_id="t1_x")

    assert await channel.locate(to_ana(), "once-1", NOW) == taken


async def test_a_private_message_to_somebody_else_with_the_same_words_is_not_the_one(channel, server):
    part = to_ana("", reach=Reach.PRIVATE)
    server._add("t4", "sent", ME, body=part.text, dest="somebody")
    with pytest.raises(Unavailable):
        await channel.locate(part, "once-1", NOW)
    taken = server._add("t4", "sent", ME, body=part.text, dest=ANA)

    assert await channel.locate(part, "once-1", NOW) == taken


async def test_what_is_there_is_changed_taken_away_removed_approved_and_marked(channel, server):
    await channel.moderate(Op.EDIT, "t1_1", "mejor", "once-1")
    for op in (Op.DELETE, Op.HIDE, Op.UNHIDE, Op.MARK_READ):
        await channel.moderate(op, "t1_2", "", "once-2")

    assert [(path, form.get("id") or form["thing_id"]) for path, form in server.done] == [
        ("/api/editusertext", "t1_1"), ("/api/del", "t1_2"), ("/api/remove", "t1_2"), ("/api/approve", "t1_2"),
        ("/api/read_message", "t1_2"),
    ]  # fmt: skip
    assert server.done[2][1]["spam"] == "false"
    with pytest.raises(Refused):
        await channel.moderate(Op.REACT, "t1_2", "+", "once-3")


async def test_the_consent_of_another_user_is_the_health_sentence(channel, server):
    server.name = "somebody"

    probe = await channel.probe()

    assert (probe.works, "u/somebody" in probe.health.en) == (False, True)


async def test_the_application_asks_for_its_token_with_its_own_name(channel, server):
    await channel.pull(None)
    await channel.pull(None)

    assert (server.tokens, server.basic) == (1, "i:s")


def test_markdown_is_said_before_it_is_approved(channel):
    assert channel.fit("*hola*", Reach.PUBLIC, HANDLE).notes
    assert not channel.fit("hola", Reach.PUBLIC, HANDLE).notes


@pytest.mark.parametrize(
    "data",
    [
        {"body": "x" * 250_000},
        {"body": "\ud800\0", "author": "\0", "link_title": "\udfff"},
        {"author": None},
        {"created_utc": 1e300},
        {"created_utc": -1e12, "edited": 1e18},
        {"edited": True},
        {"parent_id": None, "link_id": None, "subreddit": None},
        {"name": ""},
        {"name": "t1_" + "x" * 3000},
        {"body": None, "title": None, "selftext": None},
    ],
)
def test_a_hostile_thing_is_a_message_or_kept(channel, data):
    told = {"name": "t1_1", "author": "ana", "body": "hola", "created_utc": 1.0} | data

    for said in channel.parse(json.dumps({"kind": "t1", "data": told}).encode()):
        assert storable(said)
        assert isinstance(said, Unreadable) or said.at <= NOW


@pytest.mark.parametrize(
    ("settings", "reason"),
    [({"user": "a/../b"}, "names of Reddit"), ({"subreddits": "ok, ../x"}, "names of Reddit, got '../x'")],
)
def test_a_setting_that_cannot_be_is_refused_with_its_cure(server, clock, settings, reason):
    with pytest.raises(BadInput, match=reason):
        opened(server, clock, **settings)
