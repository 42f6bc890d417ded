"""The Mastodon channel against a server that does what Mastodon's documentation says; the real one is in tests/engines."""

from datetime import timedelta

import httpx
import pytest

from channels.fake_mastodon import FakeMastodon
from contracts.channel import NOW, ChannelContract, a_part, everything
from rapport.channels.channel import Idempotency, Means, Op
from rapport.channels.mastodon.channel import open_mastodon
from rapport.channels.mastodon.parse import full_name, messages_in
from rapport.channels.mastodon.text import length, letters
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Media, Reach, Unreadable

pytestmark = pytest.mark.anyio
ANA = "mastodon:@ana@example.org"


@pytest.fixture
def server():
    return FakeMastodon()


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def channel(server, clock):
    return opened(server, clock)


def opened(server, clock, url="https://social.example"):
    account = Account("acme", "mastodon", settings={"server": url, "token": "secret:token"})
    return open_mastodon(account, Means(clock, {"token": "t"}.__getitem__, server.http, None))


def to_ana(text="@ana@example.org hola", **changes):
    return a_part(**({"to": ANA, "text": text} | changes))


class TestMastodonChannel(ChannelContract):
    @pytest.fixture
    def channel(self, server, clock):
        return opened(server, clock)

    @pytest.fixture
    def to(self):
        return ANA

    @pytest.fixture
    def write(self, server):
        async def write(text):
            server.say(text)

        return write

    @pytest.fixture
    def arrived(self, server):
        async def arrived(text):
            return sum(status["content"] == f"<p>{text}</p>" for status in server.posted)

        return arrived

    @pytest.fixture
    def filed(self, server):
        async def filed():
            return [server.files[file["id"]] for status in server.posted for file in status["media_attachments"]]

        return filed


async def test_a_mention_says_who_wrote_what_where_and_for_whom(channel, server):
    status = server.say("El wifi se cae", visibility="direct", spoiler_text="Queja", created_at="2026-11-16T09:00:00Z")

    [heard] = (await channel.pull(None)).events

    assert (heard.key, heard.handle, heard.name) == (status["uri"], ANA, "Ana")
    assert (heard.text, heard.subject, heard.reach) == ("@acme El wifi se cae", "Queja", Reach.PRIVATE)
    assert (heard.at, heard.thread, heard.in_reply_to) == (NOW - timedelta(hours=1), status["uri"], "")


async def test_an_answer_in_a_thread_names_what_it_answers_and_the_threads_first_post(channel, server):
    root = server.say("uno")
    middle = server.say("dos", in_reply_to_id=root["id"])
    server.say("tres", in_reply_to_id=middle["id"])

    heard, _ = await everything(channel, None)

    assert [(m.thread, m.in_reply_to) for m in heard] == [
        (root["uri"], ""), (root["uri"], root["uri"]), (root["uri"], middle["uri"]),
    ]  # fmt: skip


async def test_a_mention_whose_thread_is_hidden_is_heard_all_the_same(channel, server):
    status = server.say("contexto perdido", in_reply_to_id="109000")
    server._above = lambda number: []

    [heard] = (await channel.pull(None)).events

    assert (heard.thread, heard.in_reply_to) == (status["uri"], "")


async def test_files_of_a_post_come_by_their_address(channel, server):
    server.say("foto", media_attachments=[{"type": "image", "url": "https://cdn.example/a.png", "description": "El módem"}])

    [heard] = (await channel.pull(None)).events

    assert heard.media == (Media("El módem", "image/png", url="https://cdn.example/a.png"),)


async def test_hundreds_of_mentions_between_two_readings_are_all_heard_in_order(channel, server):
    server.say("0")
    _, cursor = await everything(channel, None)
    for number in range(1, 201):
        server.say(str(number))

    heard, _ = await everything(channel, cursor)

    assert [m.text.split()[-1] for m in heard] == [str(n) for n in range(1, 201)]


async def test_the_first_reading_goes_back_some_days_and_not_for_ever(channel, server):
    for number in range(100):
        server.say(f"vieja {number}", created_at="2026-10-01T00:00:00Z")
    server.say("de ayer", created_at="2026-11-15T10:00:00Z")
    server.say("de hoy")

    heard, cursor = await everything(channel, None)

    assert [m.text for m in heard] == ["@acme de ayer", "@acme de hoy"]
    assert cursor == b"1101"


async def test_an_account_that_was_only_mentioned_long_ago_starts_where_it_is(channel, server):
    server.say("vieja", created_at="2026-10-01T00:00:00Z")
    heard, cursor = await everything(channel, None)
    server.say("nueva")

    later, _ = await everything(channel, cursor)

    assert heard == []
    assert [m.text for m in later] == ["@acme nueva"]


async def test_mastodon_itself_is_found_to_take_an_idempotency_key(channel):
    probe = await channel.probe()

    assert probe.capabilities.idempotency is Idempotency.NATIVE
    assert (probe.name, probe.capabilities.text_limit) == ("@acme@social.example", 500)


@pytest.mark.parametrize("version", ["4.0.0 (not true; really snac/2.75)", "2.7.2 (compatible; Pleroma 2.5.0)", "0.17.3", ""])
async def test_another_software_is_not_trusted_with_an_idempotency_key(clock, version):
    channel = opened(FakeMastodon(version=version), clock)

    assert (await channel.probe()).capabilities.idempotency is Idempotency.NONE


async def test_an_answer_carries_the_key_the_thread_and_the_reach(channel, server):
    status = server.say("hola")
    await channel.pull(None)

    await channel.deliver(to_ana(in_reply_to=status["uri"], reach=Reach.PUBLIC), "once-9")

    assert server.heard[-1].headers["idempotency-key"] == "once-9"
    assert server.posted[-1]["in_reply_to_id"] == status["id"]
    assert server.posted[-1]["visibility"] == "public"


async def test_after_a_restart_the_post_to_answer_is_searched(channel, server):
    status = server.say("hola")

    await channel.deliver(to_ana(in_reply_to=status["uri"]), "once-9")

    assert server.posted[-1]["in_reply_to_id"] == status["id"]


async def test_a_post_that_is_gone_cannot_be_answered(channel):
    with pytest.raises(Refused, match="not there any more"):
        await channel.deliver(to_ana(in_reply_to="https://social.example/gone"), "once-9")


async def test_a_text_that_does_not_name_the_person_is_refused(channel):
    with pytest.raises(Refused, match="@ana@example.org"):
        await channel.deliver(to_ana(text="hola"), "once-9")


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ConnectTimeout("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.RemoteProtocolError("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(502), OutcomeUnknown),
        (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(503), Unavailable),
        (httpx.Response(429), Unavailable),
        (httpx.Response(401), Refused),
        (httpx.Response(403), Refused),
        (httpx.Response(404), Refused),
        (httpx.Response(422, json={"error": "Validation failed: Text can't be blank"}), Refused),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, server, failing, error):
    server.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(to_ana(), "once-9")


async def test_a_refusal_says_what_the_server_said(channel, server):
    server.fails = [httpx.Response(422, json={"error": "Validation failed: Text can't be blank"})]

    with pytest.raises(Refused, match="Text can't be blank"):
        await channel.deliver(to_ana(), "once-9")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "30"}, timedelta(seconds=30)),
        ({"x-ratelimit-reset": "2026-11-16T10:05:00.000Z"}, timedelta(minutes=5)),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 60)}, timedelta(minutes=1)),
        ({"x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
async def test_a_server_that_is_asked_too_often_says_when_to_come_back(channel, server, headers, wait):
    server.fails = [httpx.Response(429, headers=headers)]

    with pytest.raises(Unavailable) as raised:
        await channel.deliver(to_ana(), "once-9")

    assert raised.value.retry_after == wait


async def test_reading_leaves_a_share_of_the_budget_to_answers(channel, server, clock):
    server.headers = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "89", "x-ratelimit-reset": "2026-11-16T10:05:00Z"}
    await channel.pull(None)

    with pytest.raises(Unavailable, match="kept for answers"):
        await channel.pull(b"1")
    receipt = await channel.deliver(to_ana(), "once-9")
    clock.move(timedelta(minutes=5))
    server.headers = {}
    page = await channel.pull(b"1")

    assert receipt.key
    assert page.events == ()


async def test_a_reading_that_fails_in_its_middle_is_read_again_from_the_same_place(channel, server):
    await channel.probe()
    root = server.say("uno")
    server.say("dos", in_reply_to_id=root["id"])
    notes = httpx.Response(200, json=server._page({"min_id": "1"}))
    server.fails = [notes, httpx.Response(500)]

    with pytest.raises(Unavailable):
        await channel.pull(b"1")
    heard, _ = await everything(channel, b"1")

    assert len(heard) == 2


async def test_a_thread_that_cannot_be_had_does_not_stop_what_comes_behind_it(channel, server):
    await channel.probe()
    root = server.say("uno")
    server.say("dos", in_reply_to_id=root["id"])
    server.say("tres")
    notes = httpx.Response(200, json=server._page({"min_id": "1"}))
    server.fails = [notes, httpx.Response(500)] * 3

    for _ in range(2):
        with pytest.raises(Unavailable):
            await channel.pull(b"1")
    heard = (await channel.pull(b"1")).events

    assert [m.text for m in heard] == ["@acme uno", "@acme dos", "@acme tres"]


async def test_an_answer_that_the_server_took_silently_is_found(channel, server, clock):
    await channel.probe()
    part = to_ana(text="@ana@example.org Ya está: https://acme.test/a <3")
    server.say("otra cosa")
    [status] = [
        server._status({"id": "1", "acct": "acme"}, "<p>@ana Ya está: https://acme.test/a &lt;3</p>", visibility="direct")
    ]
    server.posted.append(status)

    assert await channel.locate(part, "once-9", NOW - timedelta(minutes=1)) == status["uri"]


async def test_an_older_answer_of_the_same_words_is_not_taken_for_this_one(channel, server, clock):
    server.posted.append(server._status({"id": "1", "acct": "acme"}, "<p>@ana hola</p>", visibility="direct"))
    clock.move(timedelta(hours=3))

    assert await channel.locate(to_ana(), "once-9", NOW + timedelta(hours=2)) is None


async def test_a_public_answer_is_not_taken_for_a_private_one(channel, server):
    server.posted.append(server._status({"id": "1", "acct": "acme"}, "<p>@ana hola</p>", visibility="public"))

    assert await channel.locate(to_ana(), "once-9", NOW - timedelta(minutes=1)) is None


@pytest.mark.parametrize(
    ("text", "counted"),
    [("hola", 4), ("https://a.example/x", 23), ("ve https://example.org/a/very/long/path/indeed", 46), ("", 0)],
)
def test_a_link_counts_as_23_characters_at_least(text, counted):
    assert length(text) == counted


def test_two_renderings_of_one_text_have_the_same_letters():
    assert letters("@ana@example.org *Hola*, ¿qué tal?") == letters("@ana Hola, ¿qué   tal?")
    assert letters("👍") == letters(" 👍 ") != letters("👎")


def test_a_name_without_a_host_is_of_our_own_server():
    assert full_name("Bea", "social.example") == "@bea@social.example"
    assert full_name("ana@Example.org", "social.example") == "@ana@example.org"


def test_a_very_long_name_leaves_no_room_and_that_is_said(channel):
    fitted = channel.fit("hola", Reach.PUBLIC, f"mastodon:@{'a' * 490}@example.org")

    assert fitted.parts == ()
    assert fitted.notes


def test_a_notification_of_another_kind_says_nothing():
    assert messages_in(b'{"id": "1", "type": "favourite"}', "h", NOW) == []
    assert messages_in(b'[{"id": 1, "type": "follow"}, {"id": 2, "type": "poll"}]', "h", NOW) == []


@pytest.mark.parametrize(
    "raw", [b'{"id": "1", "type": "mention"}', b'{"type": "mention", "status": {}}', b"{}", b"[1]", b"nonsense"]
)
def test_a_mention_that_cannot_be_read_is_kept(raw):
    [kept] = messages_in(raw, "h", NOW)

    assert isinstance(kept, Unreadable)


@pytest.mark.parametrize("url", ["social.example", "ftp://social.example", "https://", "https://social.example/api"])
def test_a_server_that_is_no_web_address_is_refused_when_the_account_is_opened(server, clock, url):
    with pytest.raises(BadInput, match="https://example.social"):
        opened(server, clock, url)


# ---- what is done to a post that is there


async def test_an_answer_of_ours_is_edited_with_what_stands_beside_it_and_taken_down_and_twice_is_once(channel, server):
    asked = server.say("Hola")
    await channel.probe()
    key = (await channel.deliver(to_ana(in_reply_to=asked["uri"]), "k1")).key
    ours = server.posted[0]
    ours |= {"media_attachments": [{"id": "7"}], "spoiler_text": "Wifi"}
    for _ in range(2):
        await channel.moderate(Op.EDIT, key, "@ana@example.org Ya está.", "k2")
    edited = dict(ours)
    for _ in range(2):
        await channel.moderate(Op.DELETE, key, "", "k3")

    assert (edited["content"], edited["spoiler_text"]) == ("<p>@ana@example.org Ya está.</p>", "Wifi")
    assert [media["id"] for media in edited["media_attachments"]] == ["7"]
    assert ours["id"] not in server.statuses


async def test_a_post_of_theirs_becomes_a_favourite_and_is_one_no_more(channel, server):
    post = server.say("Gracias")
    await channel.probe()
    await channel.moderate(Op.REACT, post["uri"], "❤️", "k1")
    liked = post["favourited"]
    await channel.moderate(Op.UNREACT, post["uri"], "❤️", "k2")

    assert (liked, post["favourited"]) == (True, False)


@pytest.mark.parametrize(
    ("version", "can"),
    [("4.5.2", {Op.DELETE, Op.EDIT, Op.REACT, Op.UNREACT}), ("4.0.0 (not true; really snac/2.75)", {Op.REACT, Op.UNREACT})],
)
async def test_what_can_be_done_depends_on_the_software_of_the_server(clock, version, can):
    server = FakeMastodon(version=version)
    channel = opened(server, clock)
    await channel.probe()
    post = server.say("Hola")

    assert channel.capabilities.ops - {Op.REPLY, Op.SEND_DIRECT} == can
    with pytest.raises(Refused, match="cannot hide"):
        await channel.moderate(Op.HIDE, post["uri"], "", "k")


@pytest.mark.parametrize(
    ("failing", "error"),
    [(httpx.ReadTimeout("slow"), Unavailable), (httpx.Response(503), Unavailable), (httpx.Response(403), Refused)],
)
async def test_what_a_failed_operation_means(channel, server, failing, error):
    post = server.say("Hola")
    await channel.pull(None)
    server.fails = [failing]

    with pytest.raises(error):
        await channel.moderate(Op.REACT, post["uri"], "❤️", "k")


async def test_a_server_that_takes_no_post_down_is_not_believed_that_it_is_gone(channel, server):
    post = server.say("Hola")
    await channel.pull(None)
    server.fails = [httpx.Response(404)]

    with pytest.raises(Refused, match="takes no post down"):
        await channel.moderate(Op.DELETE, post["uri"], "", "k")


async def test_an_edit_of_a_mention_is_found_within_a_minute_and_has_one_key_whenever_it_is_read(channel, server, clock):
    post = server.say("No funciona el wifi")
    first = await channel.pull(None)
    post |= {"content": "<p>@acme Ya funciona</p>", "edited_at": "2026-11-16T10:05:00.000Z"}  # their clock is ahead
    clock.move(timedelta(seconds=61))

    [edit] = (await channel.pull(first.cursor)).events
    clock.move(timedelta(seconds=61))
    [again] = (await channel.pull(first.cursor)).events  # the page before was not kept

    assert (edit.of, edit.handle, edit.text) == (post["uri"], ANA, "@acme Ya funciona")
    assert (again.key, edit.at < again.at) == (edit.key, True)
