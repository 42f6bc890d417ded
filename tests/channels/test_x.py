"""X against its official description and documentation; it was never run against the real network."""

import json
from datetime import timedelta

import httpx
import pytest
from msgspec.structs import replace

from channels.described import asked, description, faults
from channels.fake_x import ANA, ME, SECRET, USERS, WRITTEN, FakeX, duplicate, happened, received, signed
from contracts.channel import NOW, ChannelContract, a_part, everything
from rapport.channels.channel import Evidence, Exchange, Idempotency, Means, Op, Price
from rapport.channels.part import File
from rapport.channels.units import Unit, measure
from rapport.channels.webhook import Challenge, Rejected, Request
from rapport.channels.x.channel import NETWORK, open_x
from rapport.channels.x.oauth import Keys, authorization, signature
from rapport.channels.x.text import length, words
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Edit

pytestmark = pytest.mark.anyio
PERSON = f"x:{ANA}"
MINUTE_AGO = NOW - timedelta(minutes=1)
DESCRIBED = "x/openapi.json"
LIMITS = [(Reach.PUBLIC, 280, Unit.WEIGHTED), (Reach.PRIVATE, 10000, Unit.CHARS)]


@pytest.fixture
def network():
    return FakeX()


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def channel(network, clock):
    return opened(network, clock)


def opened(network, clock, **changes):
    settings = {
        "consumer_key": "key",
        "consumer_secret": "secret:cs",
        "token": "secret:t",
        "token_secret": "secret:ts",
    } | changes
    secrets = {"cs": SECRET, "t": f"{ME}-abc", "ts": "token-secret"}
    return open_x(Account("acme", "x", settings=settings), Means(clock, secrets.__getitem__, network.http, None, tls=None))


def to_ana(text="Lo miramos ya.", **changes):
    return a_part(**({"to": PERSON, "text": text} | changes))


def in_public(text="Lo miramos ya.", answers="2080000000000000001"):
    return to_ana(text, reach=Reach.PUBLIC, in_reply_to=answers)


class TestXChannel(ChannelContract):
    @pytest.fixture
    def channel(self, network, clock):
        return opened(network, clock)

    @pytest.fixture
    def to(self):
        return PERSON

    @pytest.fixture
    def filed(self, network):
        async def filed():
            return list(network.uploads)

        return filed

    @pytest.fixture
    def write(self, network):
        async def write(text):
            network.say(f"@acme {text}")

        return write

    @pytest.fixture
    def arrived(self, network):
        async def arrived(text):
            return [p["given"] for p in network.own].count(text) + [t["text"] for t in network.talks].count(text)

        return arrived

    @pytest.mark.parametrize("reach", Reach)
    async def test_what_is_declared_can_be_done(self, channel, to, reach, arrived):
        [text] = channel.fit(f"Con alcance {reach}", reach, to).parts  # in public only under what somebody wrote

        receipt = await channel.deliver(a_part(to=to, text=text, reach=reach, in_reply_to="2080"), f"once-{reach}")

        assert receipt.key
        assert await arrived(text) == 1

    @pytest.mark.parametrize(
        ("reach", "limit", "unit"), [(Reach.PUBLIC, 280, Unit.WEIGHTED), (Reach.PRIVATE, 10000, Unit.CHARS)]
    )
    def test_a_long_text_is_split_and_each_part_is_within_the_limit(self, channel, to, reach, limit, unit):
        said = [f"palabra{n}" for n in range(3 * limit // 8)]  # a direct message may be longer than a post

        fitted = channel.fit(" ".join(said), reach, to)

        assert (fitted.limit, fitted.unit) == (limit, unit)
        assert len(fitted.parts) > 1
        assert max(measure(part, unit) for part in fitted.parts) <= limit
        assert [word for part in fitted.parts for word in part.split()] == said

    @pytest.mark.parametrize(
        ("reach", "limit", "unit"), [(Reach.PUBLIC, 280, Unit.WEIGHTED), (Reach.PRIVATE, 10000, Unit.CHARS)]
    )
    def test_one_word_longer_than_the_limit_is_cut_and_nothing_of_it_is_lost(self, channel, to, reach, limit, unit):
        fitted = channel.fit("x" * (2 * limit), reach, to)

        assert max(measure(part, unit) for part in fitted.parts) <= limit
        assert "".join(fitted.parts) == "x" * (2 * limit)


def a_post(**changes):
    return {"id": "2080", "text": "hey @acme", "author_id": ANA, "created_at": WRITTEN, "conversation_id": "2079"} | changes


def test_a_mention_says_who_wrote_what_in_which_thread(channel):
    told = a_post(
        text="@acme Se cae &lt;el&gt; wifi &amp; nadie viene",
        referenced_tweets=[{"type": "replied_to", "id": "2078"}],
        entities={"mentions": [{"id": ME, "start": 0, "end": 5}]},
    )

    [heard] = channel.parse(happened("post.mention.create", told, {"users": USERS}))

    assert (heard.key, heard.handle, heard.name) == ("2080", PERSON, "Ana (@ana_mx)")
    assert (heard.text, heard.reach, heard.at) == ("@acme Se cae <el> wifi & nadie viene", Reach.PUBLIC, MINUTE_AGO)
    assert (heard.thread, heard.in_reply_to) == ("2079", "2078")


def test_a_mention_as_the_documentation_shows_it_names_us_in_its_own_words(channel):
    """The payload of `post.mention.create` in X's documentation (x-api/activity/event-payloads, 2026-07-24), shortened."""
    told = a_post(
        id="2080765813578191303",
        text="hey @ExampleUser",
        display_text_range=[0, 16],
        edit_history_tweet_ids=["2080765813578191303"],
        entities={"mentions": [{"start": 4, "start_str": "4", "end": 16, "username": "ExampleUser", "id": ME}]},
        edit_controls={"edits_remaining": 5, "is_edit_eligible": True, "editable_until": "2026-07-24T22:23:23.000Z"},
        referenced_tweets=[{"type": "replied_to", "id": "2078"}],
    )

    [heard] = channel.parse(happened("post.mention.create", told, {"users": USERS, "tweets": [told]}))

    assert heard.key == "2080765813578191303"  # an answer that names us by itself may be answered


def test_a_long_post_is_heard_whole_and_its_files_come_by_their_addresses(channel):
    told = a_post(note_post={"text": "@acme " + "z" * 400}, attachments={"media_keys": ["3_1", "7_2"]})
    media = [
        {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/a.jpg", "alt_text": "El módem"},
        {"media_key": "7_2", "type": "video", "variants": [{"content_type": "video/mp4", "url": "https://v.example/b.mp4"}]},
    ]

    [heard] = channel.parse(happened("post.mention.create", told, {"media": media}))

    assert heard.text == "@acme " + "z" * 400
    assert heard.media == (
        Media("El módem", "image/jpeg", url="https://pbs.example/a.jpg"),
        Media("b.mp4", "video/mp4", url="https://v.example/b.mp4"),
    )


def test_what_we_wrote_and_what_only_repeats_is_dropped(channel):
    ours = happened("post.create", a_post(author_id=ME))
    echo = happened("post.mention.create", a_post(author_id=ME))
    repeated = happened("post.mention.create", a_post(referenced_posts=[{"type": "retweeted", "id": "1"}]))
    direct = received("Lo miramos", by=ME)

    assert [list(channel.parse(body)) for body in (ours, echo, repeated, direct)] == [[], [], [], []]


def test_an_edit_is_news_of_the_post_and_the_post_itself_where_it_was_not_heard(channel):
    told = a_post(id="2081", text="@acme perdón: 3", edit_history_tweet_ids=["2080", "2081"])

    heard, edit = channel.parse(happened("post.mention.create", told))

    assert (heard.key, heard.text) == ("2080", "@acme perdón: 3")
    assert edit == Edit("edit:2081", "2080", PERSON, "@acme perdón: 3", MINUTE_AGO)


def test_a_direct_message_says_who_wrote_what(channel):
    [heard] = channel.parse(received("Hola &amp; adiós"))

    assert (heard.key, heard.handle, heard.name) == ("dm:2080765901528535096", PERSON, "Ana (@ana_mx)")
    assert (heard.text, heard.reach, heard.at) == ("Hola & adiós", Reach.PRIVATE, MINUTE_AGO)


def test_an_encrypted_message_is_kept_with_the_reason_why_it_cannot_be_read(channel):
    [kept] = channel.parse(happened("chat.received", {"id": "e4", "sender_id": ANA, "encoded_event": "CwABAAA"}))

    assert isinstance(kept, Unreadable)
    assert kept.handle == PERSON
    assert "encrypted" in kept.reason


def test_a_post_of_ours_that_is_gone_is_known(channel):
    assert channel.parse(happened("post.delete", {"id": "2080", "author_id": ME})) == [Deletion("2080:deleted", "2080", NOW)]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"entities": {"mentions": [{"id": ME, "start": 0, "end": 5}]}, "display_text_range": [6, 20]}, "reply:2080"),
        ({"entities": {"mentions": [{"id": ME, "start": 8, "end": 13}]}, "display_text_range": [6, 20]}, "2080"),
        ({"entities": {"mentions": [{"id": ME, "start": 0, "end": 5}]}, "display_text_range": [0, 20]}, "2080"),
        ({}, "reply:2080"),
    ],
)
def test_an_answer_that_does_not_name_us_in_its_own_words_is_marked(channel, changes, key):
    told = a_post(referenced_posts=[{"type": "replied_to", "id": "2078"}], **changes)

    [heard] = channel.parse(happened("post.reply.create", told))

    assert heard.key == key


def test_what_is_of_another_account_or_of_no_use_is_left_out(channel):
    assert list(channel.parse(happened("post.mention.create", a_post(), of="999"))) == []
    assert list(channel.parse(happened("like.create", {"id": "1"}))) == []
    assert list(channel.parse(happened("dm.read", {}))) == []


@pytest.mark.parametrize(
    "body",
    [
        happened("post.mention.create", a_post(text=5)),
        happened("post.mention.create", a_post(text="")),
        happened("post.mention.create", a_post(author_id="")),
        happened("dm.received", {"direct_message_events": [{"id": 7}]}),
        received(""),
        b'{"data": {}}',
    ],
)
def test_what_cannot_be_read_is_kept(channel, body):
    [kept] = channel.parse(body)

    assert isinstance(kept, Unreadable)


async def test_a_mention_that_no_webhook_told_of_is_read_under_the_same_key(channel, network):
    made = network.say("@acme Nadie avisó")

    heard, _ = await everything(channel, None)

    assert heard == list(channel.parse(happened("post.mention.create", made, {"users": USERS})))


async def test_an_answer_and_a_quotation_that_do_not_mention_us_are_found_without_a_webhook_within_five_minutes(
    channel, network, clock
):
    mention = network.say("@acme hola", at="2026-11-16T09:50:00.000Z")
    first = await channel.pull(None)
    clock.move(timedelta(seconds=180))
    early = await channel.pull(first.cursor)
    for kind in ("replied_to", "quoted"):
        said = network.say("y nadie contesta", at="2026-11-16T10:02:00.000Z", referenced_posts=[{"type": kind, "id": "2078"}])
        network.posts.remove(said)
        network.around.append(said)
    clock.move(timedelta(seconds=60))
    later = await channel.pull(early.cursor)
    again = await channel.pull(later.cursor)

    assert [event.key for event in first.events] == [mention["id"]]  # which the search finds as well
    assert (early.events, again.events) == ((), ())
    answer, quotation = (post["id"] for post in network.around)
    assert [event.key for event in later.events] == [f"reply:{answer}", quotation]
    searches = [r for r in network.heard if r.url.path.endswith("/search/recent")]
    assert [asked(description(DESCRIBED), request) for request in searches] == [[], []]
    assert "(to:acme OR" in searches[0].url.params["query"]


async def test_what_was_written_while_the_search_failed_is_found_when_it_is_back(channel, network, clock):
    network.say("@acme hola", at="2026-11-16T09:50:00.000Z")
    network.fails = [None, None, None, httpx.Response(503)]
    first = await channel.pull(None)
    lost = network.say("nadie contesta", at="2026-11-16T10:00:30.000Z")
    network.posts.remove(lost)
    network.around.append(lost)
    clock.move(timedelta(seconds=300))

    later = await channel.pull(first.cursor)

    assert len(first.events) == 1
    assert [event.key for event in later.events] == [lost["id"]]


async def test_an_account_that_may_not_search_is_well_and_is_asked_no_more_for_a_while(channel, network, clock):
    network.fails = [None, None, None, httpx.Response(403)]
    first = await channel.pull(None)
    clock.move(timedelta(seconds=60))
    await channel.pull(first.cursor)

    assert len([r for r in network.heard if r.url.path.endswith("/search/recent")]) == 1


async def test_a_direct_message_that_no_webhook_told_of_is_read_under_the_same_key(channel, network):
    made = network.talk("Nadie avisó")

    heard, _ = await everything(channel, None)

    assert heard == list(channel.parse(received("Nadie avisó", name=made["id"])))


async def test_hundreds_of_mentions_between_two_readings_are_all_heard_in_order(channel, network):
    network.say("0")
    _, cursor = await everything(channel, None)
    for number in range(1, 251):
        network.say(str(number))

    heard, _ = await everything(channel, cursor)

    assert [m.text for m in heard] == [str(n) for n in range(1, 251)]


async def test_a_post_whose_name_is_no_number_is_heard_and_does_not_spoil_the_cursor(channel, network):
    network.say("@acme uno")
    odd = network.say("@acme dos")
    odd["id"] = odd["edit_history_post_ids"][0] = "a-name-that-is-longer-than-any-number"
    network.posts[0], network.posts[1] = odd, network.posts[0]
    network._told = lambda *asked: (200, network._page(network.posts, {"max_results": "100"}))

    page = await channel.pull(b'{"mentions": "2079"}')

    assert [m.text for m in page.events if m.key.isdecimal()] == ["@acme uno"]
    assert b"2080000000000000001" in page.cursor


async def test_direct_messages_are_read_less_often_than_mentions(channel, network, clock):
    _, cursor = await everything(channel, None)
    network.talk("Hola")

    nothing, cursor = await everything(channel, cursor)
    clock.move(timedelta(seconds=100))
    heard, cursor = await everything(channel, cursor)
    clock.move(timedelta(seconds=100))
    again, _ = await everything(channel, cursor)

    assert ([m.text for m in nothing], [m.text for m in heard], again) == ([], ["Hola"], [])


async def test_direct_messages_that_cannot_be_read_do_not_hold_up_mentions(channel, network, clock):
    _, cursor = await everything(channel, None)
    clock.move(timedelta(seconds=100))
    network.say("@acme hola")
    network.talk("en privado")
    network.fails = [None, httpx.Response(429)]

    page = await channel.pull(cursor)
    later = await channel.pull(page.cursor)

    assert [m.text for m in page.events] == ["@acme hola"]
    assert [m.text for m in later.events] == ["en privado"]


async def test_an_account_without_direct_messages_neither_reads_nor_sends_them(network, clock):
    channel = opened(network, clock, direct="no")
    network.talk("Hola")

    heard, _ = await everything(channel, None)

    assert heard == []
    assert not [request for request in network.heard if "dm_" in request.url.path]
    assert channel.capabilities.idempotency is Idempotency.NATURAL
    assert not channel.eligible(Op.REPLY, Exchange(PERSON, Reach.PRIVATE, NOW), NOW).allowed


async def test_an_answer_goes_under_the_post(channel, network):
    receipt = await channel.deliver(in_public(answers="reply:2080"), "once-1")

    [own] = network.own
    assert (own["given"], own["referenced_posts"][0]["id"], receipt.key) == ("Lo miramos ya.", "2080", own["id"])


async def test_a_public_answer_to_nothing_is_refused_before_anything_is_sent(channel, network):
    for nothing in ("", "dm:2080", "../me"):
        with pytest.raises(Refused):
            await channel.deliver(in_public(answers=nothing), "once-1")

    assert network.heard == []


@pytest.mark.parametrize("to", ["x:@ana", "x:../me", "x:"])
async def test_a_direct_message_to_what_is_no_account_is_refused_before_anything_is_sent(channel, network, to):
    with pytest.raises(Refused, match="number of an account"):
        await channel.deliver(to_ana(to=to), "once-1")

    assert network.heard == []


async def test_a_text_that_x_calls_a_duplicate_is_out_already_and_is_found(channel, network):
    first = await channel.deliver(in_public("Ya está: https://acme.example/ayuda <3"), "once-1")

    again = await channel.deliver(in_public("Ya está: https://acme.example/ayuda <3"), "once-1")

    assert again.key == first.key
    assert len(network.own) == 1


async def test_the_same_words_under_another_post_are_no_duplicate_of_ours_and_are_refused(channel):
    await channel.deliver(in_public(answers="2070"), "once-1")

    with pytest.raises(Refused, match="duplicate content"):
        await channel.deliver(in_public(answers="2080"), "once-2")


async def test_a_direct_message_that_x_calls_said_already_is_never_taken_as_refused(channel, network):
    said = {"detail": "There was an error sending your message: You already said that.", "status": 403}
    network.fails = [httpx.Response(403, json=said)] * 2
    with pytest.raises(OutcomeUnknown):
        await channel.deliver(to_ana("uno"), "once-1")
    network.fails = [httpx.Response(403, json=said)]
    made = network.talk("dos", by=ME)

    receipt = await channel.deliver(to_ana("dos"), "once-2")

    assert receipt.key == f"dm:{made['id']}"


async def test_after_a_timeout_an_answer_that_was_taken_is_found_and_one_that_was_not_is_not(channel, network, clock):
    network.fails = [httpx.ReadTimeout("no")]
    with pytest.raises(OutcomeUnknown):
        await channel.deliver(in_public(), "once-1")
    with pytest.raises(Unavailable, match="still"):
        await channel.locate(in_public(), "once-1", NOW)
    clock.move(timedelta(minutes=5))

    missing = await channel.locate(in_public(), "once-1", NOW)
    sent = await channel.deliver(in_public(), "once-1")

    assert missing is None
    assert await channel.locate(in_public(), "once-1", NOW) == sent.key
    assert await channel.locate(in_public(answers="2070"), "once-1", NOW) is None


async def test_an_older_message_of_the_same_words_is_not_taken_for_this_one(channel, network, clock):
    network.talk("Lo miramos ya.", by=ME, at="2026-11-16T07:00:00.000Z")
    network.talk("Lo miramos ya.", at="2026-11-16T10:00:00.000Z")
    clock.move(timedelta(minutes=5))

    assert await channel.locate(to_ana(), "once-1", NOW) is None


async def test_every_request_is_one_that_the_description_knows(channel, network, clock):
    network.say("@acme hola")
    await channel.probe()
    await channel.pull(None)
    await channel.pull(b'{"mentions": "2079"}')
    await channel.deliver(in_public(), "once-1")
    await channel.deliver(to_ana(), "once-2")
    await channel.locate(in_public(), "once-1", NOW)
    await channel.locate(to_ana(), "once-2", NOW)
    for op, key in ((Op.HIDE, "2080"), (Op.UNHIDE, "2080"), (Op.DELETE, "2080"), (Op.DELETE, "dm:2081")):
        await channel.moderate(op, key, "", "once")
    for op in (Op.REACT, Op.UNREACT):
        await opened(network, clock, self_serve="no").moderate(op, "2080", "👍", "once")

    document = description(DESCRIBED)

    assert {f"{r.method} {r.url.path}": asked(document, r) for r in network.heard if asked(document, r)} == {}
    assert len({(r.method, r.url.path) for r in network.heard}) == 13


async def test_the_description_takes_what_our_fake_answers(channel, network):
    network.say("@acme hola", referenced_posts=[{"type": "replied_to", "id": "2078"}])
    network.talk("hola")
    page = network._page(network.posts, {"max_results": "100"})
    talks = network._page(network._without_with(network.talks), {"max_results": "100"})

    document = description(DESCRIBED)

    assert faults(document, {"$ref": "#/components/schemas/GetUsersMentionsResponse"}, page) == []
    assert faults(document, {"$ref": "#/components/schemas/GetDirectMessagesEventsResponse"}, talks) == []


def test_the_models_of_xs_own_library_read_the_same_out_of_a_page(channel, network):
    schemas = pytest.importorskip("xdk.schemas", reason="xdk is not installed: X's own models")
    network.say("@acme hola", referenced_posts=[{"type": "replied_to", "id": "2078"}])
    page = network._page(network.posts, {"max_results": "100"})

    theirs = schemas.GetUsersMentionsResponse.model_validate(page).data[0]
    [ours] = channel.parse(happened("post.mention.create", page["data"][0], page["includes"]))

    assert (ours.key, ours.text, ours.handle) == (theirs.id, theirs.text, f"x:{theirs.author_id}")
    assert (ours.thread, ours.in_reply_to) == (theirs.conversation_id, theirs.referenced_posts[0].id)


def test_a_request_is_signed_as_xs_documentation_shows():
    keys = Keys(
        "xvz1evFS4wEEPTGEFPHBog",
        "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )
    told = {
        "status": "Hello Ladies + Gentlemen, a signed OAuth request!",
        "include_entities": "true",
        "oauth_consumer_key": keys.consumer_key,
        "oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "1318622958",
        "oauth_token": keys.token,
        "oauth_version": "1.0",
    }

    # docs.x.com, "Creating a signature"
    assert signature(keys, "post", "https://api.x.com/1.1/statuses/update.json", told) == "Ls93hJiZbQ3akF3HF3x1Bz8/zU4="


def test_another_program_signs_the_same_request_just_so():
    oauth1 = pytest.importorskip("oauthlib.oauth1", reason="oauthlib is not installed: another signer")
    keys, url = Keys("key", "s&cret", f"{ME}-a", "t=k"), f"https://api.x.com/2/users/{ME}/mentions"
    query = {"expansions": "author_id,referenced_posts", "odd": "á b~+/*"}
    client = oauth1.Client("key", "s&cret", f"{ME}-a", "t=k", nonce="n", timestamp=str(int(NOW.timestamp())), encoding="utf-8")

    ours = authorization(keys, "GET", url, query, "n", NOW)
    theirs = client.sign(str(httpx.URL(url, params=query)))[1]["Authorization"]

    assert sorted(ours.removeprefix("OAuth ").split(", ")) == sorted(theirs.removeprefix("OAuth ").split(", "))


async def test_no_two_requests_carry_the_same_nonce_and_none_carries_a_secret(channel, network):
    await channel.probe()
    await channel.probe()

    told = [request.headers["authorization"] for request in network.heard]
    assert told[0] != told[1]
    assert SECRET not in "".join(told)
    assert "token-secret" not in "".join(told)


def test_the_question_of_a_webhook_is_answered_with_its_hmac(channel):
    request = Request("GET", "/hooks/x", (("crc_token", "challenge_string"),), {}, b"")

    # printf %s challenge_string | openssl dgst -sha256 -hmac consumer-secret -binary | base64
    answer = b'{"response_token":"sha256=S/mG8E9n5SjoGuCqHguvP8K8uuu5ogCPF0dOpIdyZlk="}'
    assert channel.verify(request, NOW) == Challenge(answer, "application/json")
    assert isinstance(channel.verify(Request("GET", "/hooks/x", (), {}, b""), NOW), Rejected)


def test_only_a_webhook_that_x_signed_is_taken(channel):
    body = received("Hola")

    assert channel.verify(signed(body), NOW).raw == (body,)
    assert isinstance(channel.verify(signed(body, "another"), NOW), Rejected)
    assert isinstance(channel.verify(Request("POST", "/h", (), signed(body).headers, body + b" "), NOW), Rejected)
    assert isinstance(
        channel.verify(Request("POST", "/h", (), {"x-twitter-webhooks-signature": "sha256=ñ"}, body), NOW), Rejected
    )


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("hola", 4),
        ("ve https://acme.example/a/very/long/path/indeed?q=1 ya", 29),
        ("acme.com", 23),
        ("日本語", 6),
        ("👨‍👩‍👧‍👦", 2),
        ("ñandú", 5),
        ("a@acme.com", 10),
        ("", 0),
    ],
)
def test_a_text_is_counted_as_x_does(text, counted):
    assert length(text) == counted


def test_letters_that_are_written_in_two_ways_are_sent_in_one(channel):
    fitted = channel.fit("cafe\u0301 " * 56, Reach.PUBLIC, PERSON)  # 56 × 5 = 280 with one sign for each letter

    assert fitted.parts == (("café " * 56).strip(),)


def test_two_renderings_of_one_text_have_the_same_words():
    assert words("@ana_mx @bea Ya está: https://t.co/abc &lt;3") == words("Ya  está: https://acme.example/x <3")
    assert words("@ana_mx hola") != words("@ana_mx adiós")


@pytest.mark.parametrize(
    ("text", "reach", "dollars"),
    [
        ("Lo miramos.", Reach.PUBLIC, 0.010),
        ("Lee https://acme.example/ayuda", Reach.PUBLIC, 0.200),
        ("Lee acme.com/ayuda", Reach.PUBLIC, 0.200),
        ("Lo miramos.", Reach.PRIVATE, 0.015),
        ("x" * 281, Reach.PUBLIC, 0.020),
    ],
)
def test_what_it_costs_is_known_before_it_is_approved(channel, text, reach, dollars):
    assert channel.fit(text, reach, PERSON).cost == Price(dollars, "USD")


def test_two_cashtags_cannot_go_out_and_that_is_said(channel, network, clock):
    fitted = channel.fit("Ni $ACME ni $TSLA", Reach.PUBLIC, PERSON)

    assert fitted.parts == ()
    assert fitted.notes[0].es
    assert channel.fit("Son $500 de $ACME", Reach.PUBLIC, PERSON).parts
    assert opened(network, clock, self_serve="no").fit("Ni $ACME ni $TSLA", Reach.PUBLIC, PERSON).parts


def test_a_premium_account_writes_longer_posts(network, clock):
    channel = opened(network, clock, long_posts="yes")

    assert channel.capabilities.text_limit == 25000
    assert len(channel.fit("x" * 25000, Reach.PUBLIC, PERSON).parts) == 1


@pytest.mark.parametrize(
    ("self_serve", "heard_at", "key", "allowed", "reason"),
    [
        ("yes", NOW, "2080", True, False),
        ("yes", NOW, "reply:2080", True, True),
        ("yes", None, "", False, True),
        ("no", None, "", True, False),
        ("no", NOW, "reply:2080", True, False),
        ("no", NOW, "dm:2080", False, True),
    ],
)
def test_a_self_serve_customer_answers_only_who_mentioned_us(network, clock, self_serve, heard_at, key, allowed, reason):
    channel = opened(network, clock, self_serve=self_serve)

    answer = channel.eligible(Op.REPLY, Exchange(PERSON, Reach.PUBLIC, heard_at, key=key), NOW)

    assert (answer.allowed, bool(answer.reason)) == (allowed, reason)


def test_a_direct_message_has_no_window(channel):
    exchange = Exchange(PERSON, Reach.PRIVATE, NOW - timedelta(days=99), key="dm:1")

    assert channel.eligible(Op.REPLY, exchange, NOW).allowed
    assert not channel.eligible(Op.EDIT, exchange, NOW).allowed


async def test_an_answer_is_hidden_and_shown_and_ours_are_deleted_and_twice_is_once(channel, network):
    for op in (Op.HIDE, Op.HIDE, Op.UNHIDE):
        await channel.moderate(op, "reply:2080", "", "once")
    for key in ("2081", "2081", "dm:2082"):
        await channel.moderate(Op.DELETE, key, "", "once")

    assert network.hidden == {"2080": False}
    assert network.deleted == ["2081", "2082"]


async def test_a_post_is_liked_where_a_contract_lets_us_and_twice_is_once(network, clock):
    channel = opened(network, clock, self_serve="no")
    for op, key in (
        (Op.REACT, "reply:2080"),
        (Op.REACT, "2081"),
        (Op.REACT, "2081"),
        (Op.UNREACT, "2081"),
        (Op.UNREACT, "2081"),
    ):
        await channel.moderate(op, key, "👍", "once")

    assert network.liked == {"2080"}
    with pytest.raises(Refused, match="direct message"):
        await channel.moderate(Op.REACT, "dm:2080", "👍", "once")


@pytest.mark.parametrize(("op", "key"), [(Op.EDIT, "2080"), (Op.HIDE, "dm:2080"), (Op.DELETE, "../me"), (Op.REACT, "2080")])
async def test_what_cannot_be_moderated_is_refused_before_anything_is_sent(channel, network, op, key):
    with pytest.raises(Refused):
        await channel.moderate(op, key, "", "once")

    assert network.heard == []


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.RemoteProtocolError("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(201, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(201, json={"errors": []}), OutcomeUnknown),
        (httpx.Response(503), Unavailable),
        (httpx.Response(429), Unavailable),
        (httpx.Response(402, json={"title": "CreditsDepleted"}), Refused),
        (httpx.Response(401), Refused),
        (httpx.Response(403, json={"detail": "Reply to this conversation is not allowed"}), Refused),
        (duplicate(), Refused),
        (httpx.Response(404), Refused),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, network, failing, error):
    network.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(in_public(), "once-9")

    assert network.own == []


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "30"}, timedelta(seconds=30)),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 60), "x-rate-limit-remaining": "0"}, timedelta(minutes=1)),
        ({}, None),
    ],
)
async def test_who_asks_too_often_is_told_when_to_come_back(channel, network, headers, wait):
    network.fails = [httpx.Response(429, headers=headers)]

    with pytest.raises(Unavailable) as raised:
        await channel.deliver(in_public(), "once-9")

    assert raised.value.retry_after == wait


async def test_reading_leaves_a_share_of_each_endpoint_to_answers(channel, network, clock):
    reset = str(int(NOW.timestamp()) + 300)
    network.headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "90", "x-rate-limit-reset": reset}
    await channel.pull(None)
    network.headers = {}

    with pytest.raises(Unavailable) as raised:
        await channel.pull(None)
    receipt = await channel.deliver(in_public(), "once-9")
    clock.move(timedelta(minutes=5))

    assert raised.value.retry_after == timedelta(minutes=5)
    assert receipt.key
    assert await channel.pull(None)


async def test_money_is_counted_by_the_thing_and_kept_for_answers(network, clock):
    channel = opened(network, clock, month="0.10", direct="no")
    for number in range(15):
        network.say(str(number))
    await channel.pull(None)  # 15 × 0.005

    left = channel.api.api.budget.buckets["money"].left
    with pytest.raises(Unavailable, match="money"):
        await channel.pull(None)
    await channel.deliver(in_public("uno"), "once-1")
    await channel.deliver(in_public("dos"), "once-2")

    assert left == pytest.approx(0.025)
    with pytest.raises(Unavailable, match="money"):
        await channel.deliver(in_public("tres"), "once-3")
    assert len(network.own) == 2


async def test_reading_nothing_costs_nothing(network, clock):
    channel = opened(network, clock, month="0.10")

    await channel.pull(None)

    assert channel.api.api.budget.buckets["money"].left == pytest.approx(0.10)


def test_x_says_how_we_know_that_it_works():
    assert NETWORK.evidence is Evidence.CONTRACT
    assert NETWORK.hosts == ("api.x.com",)


@pytest.mark.parametrize("token", ["abc", "abc-def", "-x", "AAAAAAAAAAAAAAAAAAAAA"])
def test_a_token_that_does_not_name_its_account_is_refused_with_its_cure(network, clock, token):
    with pytest.raises(BadInput, match=r"OAuth 1\.0a"):
        opened(network, clock, token=token)


def test_a_second_delivery_of_a_webhook_has_the_same_keys(channel):
    first, again = channel.parse(received("Hola")), channel.parse(received("Hola"))

    assert [event.key for event in first] == [event.key for event in again]
    assert isinstance(first[0], Incoming)


# ---- pictures


@pytest.mark.parametrize("reach", [Reach.PUBLIC, Reach.PRIVATE])
async def test_a_picture_is_uploaded_described_and_goes_with_its_text_as_the_description_asks(channel, network, reach):
    document, photo = description(DESCRIBED), File("a.png", "image/png", b"\x89PNG", "El módem")
    part = replace(in_public() if reach is Reach.PUBLIC else to_ana(), files=(photo,))
    await channel.deliver(part, "k1")

    upload, metadata, sent = network.heard
    assert [asked(document, request) for request in network.heard] == [[], [], []]
    assert (network.uploads, list(network.described.values())) == ([b"\x89PNG"], ["El módem"])
    named = json.loads(sent.content)
    (media,) = network.described
    if reach is Reach.PUBLIC:
        assert named["media"] == {"media_ids": [media]}
    else:
        assert named["attachments"] == [{"media_id": media}]
    assert json.loads(upload.content)["media_category"] == ("tweet_image" if reach is Reach.PUBLIC else "dm_image")


async def test_a_picture_that_x_does_not_take_sends_nothing(channel, network):
    network.fails = [httpx.Response(400, json={"title": "Invalid Request", "detail": "media type unrecognized"})]
    part = replace(in_public(), files=(File("a.png", "image/png", b"x"),))

    with pytest.raises(Refused):
        await channel.deliver(part, "k1")
    assert network.own == []


async def test_an_upload_whose_answer_is_lost_is_simply_tried_again(channel, network):
    network.fails = [httpx.ReadTimeout("slow")]
    part = replace(to_ana(), files=(File("a.png", "image/png", b"x"),))

    with pytest.raises(Unavailable):
        await channel.deliver(part, "k1")
    assert network.talks == []


# ---- films, and what comes with direct messages

FILM = File("a.mp4", "video/mp4", b"film" * 400_000)
KEPT = "1034828552951160836/1034828533812486145/oP5p359h.jpg"
PLACE = f"https://ton.twitter.com/1.1/ton/data/dm/{KEPT}"


@pytest.mark.parametrize(("reach", "category"), [(Reach.PUBLIC, "tweet_video"), (Reach.PRIVATE, "dm_video")])
async def test_a_film_goes_in_pieces_is_waited_for_and_carried_as_the_description_asks(channel, network, reach, category):
    network.readying = ["pending", "in_progress", "succeeded"]
    await channel.deliver(replace(in_public() if reach is Reach.PUBLIC else to_ana(), files=(FILM,)), "k1")

    [(name, data)] = network.films.items()
    begun, sent = (json.loads(network.heard[n].content) for n in (0, -1))
    assert (begun["media_category"], begun["total_bytes"], data) == (category, len(FILM.data), FILM.data)
    assert [r.url.path.rpartition("/")[2] for r in network.heard[:-1]] == [
        "initialize", "append", "append", "finalize", "upload", "upload",
    ]  # fmt: skip
    assert name in json.dumps(sent)
    document = description(DESCRIBED)
    assert [asked(document, request) for request in network.heard] == [[]] * 7


async def test_a_film_that_is_not_ready_yet_sends_nothing_and_is_not_given_again(channel, network):
    network.readying = ["in_progress"] * 5 + ["succeeded"]
    part = replace(in_public(), files=(FILM,))

    with pytest.raises(Unavailable, match="making"):
        await channel.deliver(part, "k1")
    nothing = list(network.own)
    await channel.deliver(part, "k1")

    assert (nothing, len(network.own), len(network.films)) == ([], 1, 1)


async def test_a_film_that_x_cannot_make_ready_is_refused_and_sends_nothing(channel, network):
    network.readying = ["pending", "failed"]

    with pytest.raises(Refused, match=r"a\.mp4"):
        await channel.deliver(replace(in_public(), files=(FILM,)), "k1")
    assert network.own == []


async def test_the_picture_of_a_direct_message_is_fetched_as_ourselves_whichever_way_it_comes(channel, network):
    network.kept[KEPT] = b"\x89PNG of Ana"
    network.media = [{"media_key": "3_1", "type": "photo", "url": PLACE, "alt_text": "El módem"}]
    made = network.talk("Mire", attachments={"media_keys": ["3_1"]})
    shown = {"media_url_https": PLACE, "type": "photo", "ext_alt_text": "El módem"}
    called = channel.parse(received("Mire", name=made["id"], attachment={"type": "media", "media": shown}))

    read, told = await channel.pull(None), await channel.complete(called)

    assert read.events == told.events
    [media] = read.events[0].media
    assert (media.name, media.url, read.files[media.blob]) == ("El módem", "", b"\x89PNG of Ana")
    [asked_for, _] = [request for request in network.heard if request.url.path.endswith("oP5p359h.jpg")]
    assert asked_for.headers["authorization"].startswith("OAuth ")
    assert asked(description(DESCRIBED), asked_for) == []


@pytest.mark.parametrize("place", [PLACE, "https://ton.twitter.com.evil.example/1.1/ton/data/dm/1/2/a.jpg"])
async def test_a_picture_that_is_gone_leaves_its_message_and_no_other_address_sees_our_signature(channel, network, place):
    called = channel.parse(received("Mire", attachment={"type": "media", "media": {"media_url_https": place, "type": "photo"}}))

    [heard] = (await channel.complete(called)).events

    assert heard.text == "Mire"
    assert (heard.media[0].url == place) is ("evil" in place)  # that one is fetched like any stranger's, guarded and unsigned
    assert len(network.heard) == ("evil" not in place)


async def test_a_file_too_large_is_left_and_one_that_cannot_be_had_now_is_asked_for_again(channel, network, monkeypatch):
    shown = {"type": "media", "media": {"media_url_https": PLACE, "type": "photo"}}
    called = channel.parse(received("Mire", attachment=shown))
    network.kept[KEPT] = b"\x89PNG of Ana"
    network.fails = [httpx.Response(503)]
    with pytest.raises(Unavailable):
        await channel.complete(called)
    monkeypatch.setattr("rapport.channels.media.LARGEST", 5)

    [heard] = (await channel.complete(called)).events

    assert "larger than" in heard.media[0].reason
