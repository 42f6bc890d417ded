"""The Bluesky channel against a server in memory; against Bluesky's own network in tests/engines/test_bluesky.py."""

from datetime import timedelta

import httpx
import msgspec
import pytest

from channels.fake_bluesky import MARIA, ME, FakeBluesky, FakeChat
from contracts.channel import NOW, ChannelContract, a_part, everything
from rapport.channels.bluesky.channel import open_bluesky
from rapport.channels.bluesky.names import record_key
from rapport.channels.bluesky.text import Facet, expanded, length, spans
from rapport.channels.channel import Exchange, Idempotency, Means, Op
from rapport.channels.kept import Kept
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.ids import named_id, show_id
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Reaction

pytestmark = pytest.mark.anyio
HANDLE = f"bluesky:{MARIA}"
POST = "app.bsky.feed.post"


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def server(clock):
    return FakeBluesky(clock)


@pytest.fixture
def talk(clock, server):
    """Direct messages, where a test asks for them."""
    server.chat = FakeChat(clock)
    return server.chat


@pytest.fixture
def channel(server, clock):
    return opened(server, clock)


def opened(server, clock, /, **settings):
    told = {"user": "care.test", "password": "app-pass"} | settings
    return open_bluesky(Account("acme", "bluesky", settings=told), Means(clock, str, server.http, None))


def reply(uri, text="Lo miramos ya.", **changes):
    return a_part(**({"to": HANDLE, "text": text, "reach": Reach.PUBLIC, "in_reply_to": uri} | changes))


class TestBlueskyChannel(ChannelContract):
    @pytest.fixture
    def channel(self, server, clock):
        return opened(server, clock)

    @pytest.fixture
    def to(self):
        return HANDLE

    @pytest.fixture
    def answering(self, server):
        return server.say("@care.test hola")

    @pytest.fixture
    def write(self, server, clock):
        async def write(text):
            clock.move(timedelta(seconds=1))
            server.say(text)

        return write

    @pytest.fixture
    def arrived(self, server):
        async def arrived(text):
            return sum(record.get("text") == text for record in server.records.values())

        return arrived

    @pytest.fixture
    def filed(self, server):
        async def filed():
            records = [record for record in server.records.values() if "embed" in record]
            images = [image for record in records for image in record["embed"]["images"]]
            assert {image["alt"] for image in images} == {"Una llave"}
            return [server.blobs[image["image"]["ref"]["$link"]] for image in images]

        return filed


async def test_what_stands_in_a_post_is_heard_and_nothing_is_asked_for_that_it_says_itself(channel, server):
    link = {"index": {"byteStart": 5, "byteEnd": 16}, "features": [{"uri": "https://acme.example/a"}]}
    uri = server.say("¡Ey, paypal.com!", facets=[{"index": {"byteStart": 6, "byteEnd": 16}, "features": link["features"]}],
                     labels={"values": [{"val": "graphic-media"}]})  # fmt: skip

    [heard] = (await channel.pull(None)).events

    assert (heard.key, heard.thread, heard.handle, heard.name) == (uri, uri, HANDLE, "María (@maria.test)")
    assert (heard.text, heard.subject) == ("¡Ey, paypal.com (https://acme.example/a)!", "graphic-media")
    assert not any("getPosts" in request.url.path for request in server.heard)


async def test_pictures_films_and_cards_come_with_their_addresses(channel, server):
    image = {"thumb": "https://cdn.test/t", "fullsize": "https://cdn.test/f", "alt": "recibo"}
    server.say("mire", embed={"$type": "app.bsky.embed.images#view", "images": [image]})
    server.say("vea", embed={"$type": "app.bsky.embed.video#view", "thumbnail": "https://cdn.test/v.jpg"})
    server.say("lea", embed={"$type": "app.bsky.embed.external#view", "external": {"uri": "https://acme.example/x"}})
    server.say("raro", embed={"$type": "org.example.other#view", "images": "no"})

    picture, film, card, strange = sorted((await channel.pull(None)).events, key=lambda m: m.key)

    assert [(m.name, m.url) for m in picture.media] == [("recibo", "https://cdn.test/f")]
    assert film.media[0].url == "https://cdn.test/v.jpg"
    assert (card.text, strange.text) == ("lea\nhttps://acme.example/x", "raro")


async def test_followers_are_not_heard_and_likes_are_once_however_often_the_list_is_read(channel, server, clock):
    server.say("hola")
    server.say("", "follow")
    server.say("", "like", at=NOW - timedelta(hours=3))
    server.notes[-1]["reasonSubject"] = f"at://{ME}/{POST}/1"

    first = await channel.pull(None)
    clock.move(timedelta(minutes=20))
    later = await channel.pull(first.cursor)

    assert [type(event) for event in first.events] == [Reaction, Incoming]
    assert later.events == ()


async def test_a_post_dated_back_is_heard_at_the_next_look_further_back(channel, server, clock):
    server.say("ahora")
    place = (await channel.pull(None)).cursor
    server.say("lo escribí hace seis horas", at=NOW - timedelta(hours=6))
    soon = await channel.pull(place)
    clock.move(timedelta(minutes=10))

    later = await channel.pull(soon.cursor)

    assert (soon.events, [m.text for m in later.events]) == ((), ["lo escribí hace seis horas"])


async def test_a_list_of_many_pages_is_read_to_where_we_were(channel, server, clock):
    server.page = 10
    for n in range(35):
        clock.move(timedelta(seconds=1))
        server.say(f"m{n}")

    heard, place = await everything(channel, None)

    assert [m.text for m in heard] == [f"m{n}" for n in range(35)]
    assert (await channel.pull(place)).events == ()


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(502, json={"error": "UpstreamFailure"}), OutcomeUnknown),
        (httpx.Response(429, headers={"ratelimit-reset": str(int(NOW.timestamp()) + 60)}), Unavailable),
        (httpx.Response(400, json={"error": "InvalidRequest", "message": "grapheme too big"}), Refused),
        (httpx.Response(400, json={"error": "ExpiredToken", "message": "Token has expired"}), Unavailable),
        (httpx.Response(403, json={"error": "AccountTakedown"}), Refused),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, server, failing, error):
    uri = server.say("hola")
    view = httpx.Response(200, json={"posts": [server.views[uri]]})
    server.fails = [view, failing]

    with pytest.raises(error):
        await channel.deliver(reply(uri), "once-1")


async def test_an_answer_whose_acknowledgement_was_lost_is_found_at_once(channel, server):
    uri = server.say("hola")
    await channel.deliver(reply(uri), "once-1")
    view = httpx.Response(200, json={"posts": [server.views[uri]]})
    server.fails = [view, httpx.ReadTimeout("lost")]

    receipt = await channel.deliver(reply(uri), "once-1")

    assert receipt.key == f"at://{ME}/{POST}/{record_key('once-1')}"
    assert len(server.records) == 1


async def test_a_wrong_password_does_not_lock_the_account_and_is_said(server, clock):
    server.password = "changed"
    channel = opened(server, clock)

    probe = await channel.probe()
    for _ in range(400):
        with pytest.raises((Refused, Unavailable)):
            await channel.pull(None)

    assert "Invalid identifier or password" in probe.health.en
    assert server.sessions == 300  # of a day; the network locks nobody in or out for so many


async def test_a_session_that_ended_is_renewed_with_no_password(channel, server, clock):
    await channel.pull(None)
    server.token += 1  # nothing that was given holds any more
    with pytest.raises(Unavailable, match="opened anew"):
        await channel.pull(None)

    await channel.pull(None)

    assert server.sessions == 1


async def test_a_process_that_begins_renews_the_session_that_the_last_one_kept(server, clock):
    notes = {}

    async def read(name, credential):
        return notes.get((name, credential), "")

    async def write(name, credential, value):
        notes[name, credential] = value

    for _ in range(3):
        told = {"user": "care.test", "password": "app-pass"}
        means = Means(clock, str, server.http, None, kept=Kept(read, write))
        await open_bluesky(Account("acme", "bluesky", settings=told), means).pull(None)

    assert (server.sessions, server.token) == (1, 3)


async def test_what_headers_say_is_left_is_kept_for_answers(channel, server):
    uri, until = server.say("hola"), str(int(NOW.timestamp()) + 300)
    place = (await channel.pull(None)).cursor
    server.headers = {"ratelimit-policy": "3000;w=300", "ratelimit-remaining": "800", "ratelimit-reset": until}
    await channel.pull(place)

    with pytest.raises(Unavailable, match="requests"):
        await channel.pull(place)

    assert (await channel.deliver(reply(uri), "once-1")).key


async def test_direct_messages_are_heard_answered_found_and_never_ours(channel, server, talk, clock):
    talk.say("¿me ayudan?")
    start = await channel.pull(None)
    talk.say("", **{"$type": "chat.bsky.convo.defs#deletedMessageView"})
    asked = talk.say("¿siguen ahí?")
    part = a_part(to=HANDLE, text="Sí, aquí estamos", thread="convo1")

    sent = await channel.deliver(part, "once-1")
    page = await channel.pull(start.cursor)
    talk.log("logAddReaction", asked, reaction={"value": "❤️", "sender": {"did": MARIA}})
    reacted = await channel.pull(page.cursor)

    assert [(m.text, m.reach, m.thread, m.name) for m in (*start.events, *page.events)] == [
        ("¿me ayudan?", Reach.PRIVATE, "convo1", "María (@maria.test)"),
        ("¿siguen ahí?", Reach.PRIVATE, "convo1", "María (@maria.test)"),
    ]
    assert await channel.locate(part, "once-1", NOW) == sent.key
    assert [(e.of, e.sign) for e in reacted.events] == [(f"convo1/{asked['id']}", "❤️")]


async def test_with_direct_messages_nothing_is_promised_of_a_second_sending(channel, talk, clock):
    probe = await channel.probe()

    assert probe.health.en == "Connected as @care.test."
    assert (probe.capabilities.idempotency, probe.capabilities.reaches) == (Idempotency.NONE, set(Reach))
    assert Op.SEND_DIRECT in probe.capabilities.ops
    assert [len(p) for p in channel.fit("x" * 1001, Reach.PRIVATE, HANDLE).parts] == [1000, 1]


async def test_somebody_can_be_written_to_by_name_and_who_is_nobody_cannot(channel, server, talk):
    await channel.probe()

    sent = await channel.deliver(a_part(to="bluesky:@maria.test", text="Hola", thread=""), "once-1")

    assert sent.key.startswith("convo1/")
    with pytest.raises(Refused, match=r"nobody\.test"):
        await channel.deliver(a_part(to="bluesky:nobody.test", text="Hola", thread=""), "once-2")


async def test_without_direct_messages_that_is_said_before_anybody_writes_one(channel):
    await channel.probe()

    answer = channel.eligible(Op.SEND_DIRECT, Exchange(HANDLE, Reach.PRIVATE), NOW)

    assert not answer.allowed
    assert "app password" in answer.reason.en


async def test_a_post_cannot_be_edited_and_a_direct_message_not_deleted(channel):
    for op, key in ((Op.EDIT, f"at://{ME}/{POST}/1"), (Op.DELETE, "convo1/m1"), (Op.DELETE, "at://nonsense")):
        with pytest.raises(Refused):
            await channel.moderate(op, key, "", "once-1")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ver https://a.example/x. ¿Sí?", [("link", "https://a.example/x")]),
        ("(https://es.wikipedia.org/wiki/A_(b))", [("link", "https://es.wikipedia.org/wiki/A_(b)")]),
        ("hola @maria.test, a@b.example no es nadie", [("mention", "maria.test")]),
        ("#ayuda #1 no#esto", [("tag", "ayuda")]),
        ("👍🏽 #sí", [("tag", "sí")]),
    ],
)
def test_links_names_and_tags_are_found_where_their_bytes_are(text, found):
    assert [(span.kind, span.value) for span in spans(text)] == found
    for span in spans(text):
        assert span.value in text.encode()[span.start : span.end].decode()


@pytest.mark.parametrize(
    ("text", "start", "end", "shown"),
    [
        ("ve a.example/lar...", 3, 19, "ve https://a.example/largo"),
        ("ve aquí", 3, 8, "ve aquí (https://a.example/largo)"),
        ("hola", 2, 99, "hola"),
        ("ñ", 1, 2, "\ufffd\ufffd (https://a.example/largo)"),
    ],
)
def test_a_shortened_link_is_shown_whole_another_beside_its_words_and_bytes_outside_are_left_alone(text, start, end, shown):
    told = {"index": {"byteStart": start, "byteEnd": end}, "features": [{"uri": "https://a.example/largo"}]}

    assert expanded(text, [msgspec.convert(told, Facet)]) == shown


@pytest.mark.parametrize(("text", "counted"), [("hola", 4), ("👨‍👩‍👧‍👦", 3), ("ñ" * 300, 300), ("👍🏽" * 300, 300), ("", 0)])
def test_a_text_counts_its_graphemes_or_its_bytes_whichever_are_short_first(text, counted):
    assert length(text) == counted


def test_a_record_key_is_a_tid_that_follows_from_the_part_and_lies_about_its_time():
    id = show_id(named_id(NOW, "part", 1))
    alphabet = "234567abcdefghijklmnopqrstuvwxyz"  # atproto.com/specs/tid

    key = record_key(id)
    number = 0
    for letter in key:
        number = number * 32 + alphabet.index(letter)

    assert key == record_key(id)
    assert (len(key), number >> 63) == (13, 0)
    assert -200 < (number >> 10) / 1e6 - NOW.timestamp() < 0
    assert len({record_key(once) for once in (id, f"{id}-1", "once", "like at://x", show_id(named_id(NOW, "part", 2)))}) == 5


async def test_notifications_that_cannot_be_read_are_kept_each(channel, server):
    author = {"did": MARIA}
    server.notes.append(
        {"uri": "at://a/b/c", "author": author, "reason": "mention", "record": {"text": 7}, "indexedAt": str(NOW)}
    )
    server.notes += [{"indexedAt": "", "n": n} for n in (1, 2)]

    kept = (await channel.pull(None)).events

    assert [type(one) for one in kept] == [Unreadable] * 3
    assert HANDLE in {one.handle for one in kept}


@pytest.mark.parametrize(
    "settings", [{"server": "bsky.social"}, {"server": "https://bsky.social/xrpc"}, {"user": "maria"}, {"user": "a b.c"}]
)
def test_a_wrong_setting_is_refused_when_the_account_is_opened(server, clock, settings):
    with pytest.raises(BadInput, match="must be like"):
        opened(server, clock, **settings)
