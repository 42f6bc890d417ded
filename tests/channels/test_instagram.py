"""Instagram against what Meta's documentation says; it was never run against the real network."""

import json
from datetime import timedelta

import httpx
import pytest

from channels.fake_instagram import ACCOUNT, NAME, FakeInstagram, commented, notice
from channels.fake_page import ANA, PAGE, SECRET, WORD, gone, graph_error, outside_window, private, signed
from contracts.channel import NOW, ChannelContract, a_part, everything
from rapport.channels.channel import Evidence, Exchange, Means, Op
from rapport.channels.completing import Completes
from rapport.channels.instagram.channel import NETWORK, open_instagram
from rapport.channels.instagram.parse import MENTION
from rapport.channels.units import Unit, measure
from rapport.channels.webhook import Rejected
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Delivery, Report

pytestmark = pytest.mark.anyio
PERSON = f"instagram:{ANA}"
MINUTE_AGO = NOW - timedelta(minutes=1)
NAMED = {"field": "mentions", "value": {"media_id": "555", "comment_id": "666"}}


@pytest.fixture
def network():
    return FakeInstagram()


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def channel(network, clock):
    return opened(network, clock)


def opened(network, clock, /, **changes):
    settings = {"account": ACCOUNT, "username": "acme", "page": PAGE, "token": "secret:t", "app_secret": "secret:s"}
    settings |= {"verify_token": "secret:v"} | changes
    secrets = {"t": "token", "s": SECRET, "v": WORD}
    means = Means(clock, secrets.__getitem__, network.http, None, tls=None)
    return open_instagram(Account("acme", "instagram", settings=settings), means)


def to_ana(text="Lo miramos ya.", **changes):
    return a_part(**({"to": PERSON, "text": text} | changes))


class TestInstagramChannel(ChannelContract):
    @pytest.fixture
    def channel(self, network, clock):
        return opened(network, clock)

    @pytest.fixture
    def to(self):
        return PERSON

    @pytest.fixture
    def write(self, network):
        async def write(text):
            network.comment(text)

        return write

    @pytest.fixture
    def arrived(self, network):
        async def arrived(text):
            talks = [m["message"] for talk in network.talks.values() for m in talk]
            return (talks + [c["text"] for under in network.comments.values() for c in under]).count(text)

        return arrived

    @pytest.mark.parametrize("reach", Reach)
    async def test_what_is_declared_can_be_done(self, channel, to, reach, arrived):
        [text] = channel.fit(f"Con alcance {reach}", reach, to).parts  # in public only under what somebody wrote

        receipt = await channel.deliver(a_part(to=to, text=text, reach=reach, in_reply_to="18000"), f"once-{reach}")

        assert receipt.key
        assert await arrived(text) == 1


def test_a_comment_says_who_wrote_what(channel):
    [heard] = channel.parse(notice(commented()))

    assert (heard.key, heard.handle, heard.name) == ("18000", PERSON, "ana.mx")
    assert (heard.text, heard.reach, heard.at) == ("Se cae el wifi", Reach.PUBLIC, MINUTE_AGO)
    assert (heard.thread, heard.in_reply_to) == ("18000", "")


def test_an_answer_to_a_comment_belongs_to_that_comment(channel):
    [heard] = channel.parse(notice(commented(id="18001", parent_id="18000")))

    assert (heard.thread, heard.in_reply_to) == ("18000", "18000")


def test_a_comment_under_a_live_video_and_one_without_changes_around_it_are_heard(channel):
    bare = {"object": "instagram", "entry": [{"id": ACCOUNT, "time": 1794823140} | commented()]}

    assert [m.text for m in channel.parse(notice(commented(field="live_comments")))] == ["Se cae el wifi"]
    assert [m.text for m in channel.parse(json.dumps(bare).encode())] == ["Se cae el wifi"]


def test_what_we_wrote_is_dropped_however_it_comes_back(channel):
    ours = [
        commented(by=ACCOUNT, username="acme"),
        commented(by="99", username="acme"),  # some names of ours are scoped
    ]
    echoes = [
        private(by=ACCOUNT, to=ANA, message={"mid": "aWd1", "text": "Lo miramos", "is_echo": True}),
        private(by=PAGE, to=ANA, message={"mid": "aWd2", "text": "Lo miramos"}),
        private(by="99", to=ANA, message={"mid": "aWd3", "text": "Lo miramos", "is_echo": True}),
    ]

    assert list(channel.parse(notice(*ours, messaging=echoes))) == []


def test_a_direct_message_that_was_seen_is_reported_by_its_name(channel):
    told = [private(read={"mid": "aWd9"}), private(message={"mid": "aWd4", "text": "Hola"})]

    seen, heard = channel.parse(notice(messaging=told))

    assert seen == Report("aWd9:read", "aWd9", Delivery.READ, MINUTE_AGO)
    assert (heard.key, heard.handle, heard.reach) == ("aWd4", PERSON, Reach.PRIVATE)


def test_a_story_that_mentions_us_comes_with_its_picture(channel):
    files = [{"type": "story_mention", "payload": {"url": "https://cdn.example/s"}}]

    [heard] = channel.parse(notice(messaging=[private(message={"mid": "aWd5", "attachments": files})]))

    assert [file.url for file in heard.media] == ["https://cdn.example/s"]


async def test_a_mention_is_heard_with_the_words_that_its_webhook_does_not_bring(channel, network):
    network.named["666"] = {"text": "@acme no contesta", "username": "ana.mx", "timestamp": "2026-11-16T09:58:00+0000"}
    network.named["777"] = {"caption": "Con @acme", "username": "bea"}
    said = channel.parse(notice(NAMED, commented(), {"field": "mentions", "value": {"media_id": "777"}}))

    assert isinstance(channel, Completes)
    comment, other, caption = (await channel.complete(said)).events

    assert (said[0].key, said[0].text, said[0].reach) == ("mention_555_666", MENTION, Reach.PUBLIC)
    assert (comment.key, comment.handle, comment.text) == ("mention_555_666", "instagram:@ana.mx", "@acme no contesta")
    assert comment.at == NOW - timedelta(minutes=2)
    assert other == said[1]
    assert (caption.key, caption.handle, caption.text) == ("mention_777", "instagram:@bea", "Con @acme")


@pytest.mark.parametrize(
    "failing", [gone(), httpx.Response(500), httpx.ReadTimeout("no"), httpx.Response(200, json={})], ids=str
)
async def test_a_mention_whose_words_cannot_be_had_is_heard_all_the_same(channel, network, failing):
    said = channel.parse(notice(NAMED))
    network.fails = [failing]

    page = await channel.complete(said)

    assert page.events == tuple(said)


async def test_a_mention_is_answered_where_it_stands_and_only_in_public(channel, network):
    part = to_ana(in_reply_to="mention_555_666", reach=Reach.PUBLIC)

    receipt = await channel.deliver(part, "once-1")
    await channel.deliver(to_ana(in_reply_to="mention_777", reach=Reach.PUBLIC), "once-2")

    assert receipt.key == "18999"
    assert network.answered == [
        {"message": "Lo miramos ya.", "media_id": "555", "comment_id": "666"},
        {"message": "Lo miramos ya.", "media_id": "777"},
    ]
    with pytest.raises(Refused):
        await channel.deliver(to_ana(in_reply_to="mention_777"), "once-3")
    with pytest.raises(OutcomeUnknown):
        await channel.locate(part, "once-1", NOW)


def test_one_event_that_cannot_be_read_spoils_no_other(channel):
    odd = [
        {"field": "mentions", "value": {"media_id": "../me"}},
        {"field": "comments", "value": {"id": 5}},
        {"field": "comments"},
    ]

    events = channel.parse(notice(*odd, commented(), commented(text="")))

    assert [type(event) for event in events] == [Unreadable, Unreadable, Unreadable, Incoming, Unreadable]


def test_what_is_of_another_account_or_of_no_use_is_left_out(channel):
    assert list(channel.parse(notice(commented(), account="999"))) == []
    assert list(channel.parse(notice({"field": "story_insights", "value": {}}))) == []


def test_only_a_webhook_that_instagram_signed_is_taken(channel):
    body = notice(commented())

    assert channel.verify(signed(body), NOW).raw == (body,)
    assert isinstance(channel.verify(signed(body, "another"), NOW), Rejected)


async def test_comments_and_their_answers_that_no_webhook_told_of_are_read_back_under_the_same_keys(channel, network):
    first = network.comment("Nadie avisó")
    network.comment("a mí tampoco", under=first["id"], by="7002", username="bea")

    heard, _ = await everything(channel, None)

    [by_webhook] = channel.parse(notice(commented("Nadie avisó")))
    assert heard[0] == by_webhook
    assert [(m.key, m.thread, m.in_reply_to, m.name) for m in heard[1:]] == [("18001", "18000", "18000", "bea")]


async def test_a_direct_message_that_no_webhook_told_of_is_read_back(channel, network):
    network.talk("Nadie avisó", **{"from": {"id": ANA, "username": "ana.mx"}})
    network.talk("Lo miramos", by=ACCOUNT)
    network.talk("Desde el teléfono", **{"from": {"id": "99", "username": "acme"}})

    heard, _ = await everything(channel, None)

    assert [(m.handle, m.text, m.name, m.reach) for m in heard] == [(PERSON, "Nadie avisó", "ana.mx", Reach.PRIVATE)]


async def test_hundreds_of_comments_between_two_readings_are_all_heard(channel, network):
    _, cursor = await everything(channel, None)
    for number in range(220):
        network.comment(str(number))

    heard, _ = await everything(channel, cursor)

    assert sorted(int(m.text) for m in heard) == list(range(220))


async def test_an_answer_goes_under_the_comment(channel, network):
    made = network.comment("hola")

    receipt = await channel.deliver(to_ana(in_reply_to=made["id"], reach=Reach.PUBLIC), "once-1")

    [answer] = network.comments[made["id"]]
    assert (answer["text"], answer["id"]) == ("Lo miramos ya.", receipt.key)
    assert await channel.locate(to_ana(in_reply_to=made["id"], reach=Reach.PUBLIC), "once-1", NOW) == receipt.key


async def test_a_private_reply_goes_to_the_comment_and_a_direct_message_to_the_person(channel, network):
    await channel.deliver(to_ana(in_reply_to="18000"), "once-1")
    await channel.deliver(to_ana(in_reply_to="aWd1"), "once-2")

    assert [sent["recipient"] for sent in network.sent] == [{"comment_id": "18000"}, {"id": ANA}]
    assert {request.url.path for request in network.heard} == {f"/v25.0/{PAGE}/messages"}


async def test_a_private_reply_is_never_sent_a_second_time_as_a_humans(network, clock):
    channel = opened(network, clock, human_agent="yes")
    network.fails = [outside_window(), outside_window()]

    with pytest.raises(Refused):
        await channel.deliver(to_ana(in_reply_to="18000"), "once-1")

    assert len(network.heard) == 1


async def test_after_a_timeout_a_direct_message_that_was_taken_is_found(channel, network):
    made = network.talk("Lo miramos ya.", **{"from": {"id": "99", "username": "acme"}})
    network.fails = [httpx.ReadTimeout("no")]

    with pytest.raises(OutcomeUnknown):
        await channel.deliver(to_ana(), "once-1")

    assert await channel.locate(to_ana(), "once-1", NOW) == made["id"]


@pytest.mark.parametrize(("ago", "allowed"), [(timedelta(hours=24) - timedelta(seconds=1), True), (timedelta(hours=24), False)])
def test_a_direct_message_is_answered_within_24_hours(channel, ago, allowed):
    assert channel.eligible(Op.REPLY, Exchange(PERSON, Reach.PRIVATE, NOW - ago, key="aWd1"), NOW).allowed is allowed


@pytest.mark.parametrize(
    ("ago", "answered", "allowed"),
    [(timedelta(days=7) - timedelta(seconds=1), 0, True), (timedelta(days=7), 0, False), (timedelta(0), 1, False)],
)
def test_a_comment_is_answered_privately_once_within_seven_days(channel, ago, answered, allowed):
    exchange = Exchange(PERSON, Reach.PRIVATE, NOW - ago, key="18000", answered=answered)

    assert channel.eligible(Op.REPLY, exchange, NOW).allowed is allowed


def test_a_mention_is_answered_in_public_at_any_time_and_never_privately(channel):
    public = Exchange("instagram:mention_555", Reach.PUBLIC, NOW - timedelta(days=30), key="mention_555")
    privately = Exchange("instagram:mention_555", Reach.PRIVATE, NOW, key="mention_555")

    assert channel.eligible(Op.REPLY, public, NOW).allowed
    assert not channel.eligible(Op.REPLY, privately, NOW).allowed


async def test_a_comment_is_hidden_shown_and_deleted_and_twice_is_once(channel, network):
    for op in (Op.HIDE, Op.UNHIDE, Op.HIDE, Op.DELETE, Op.DELETE):
        await channel.moderate(op, "18000", "", "once")

    assert network.hidden == {"18000": True}
    assert network.deleted == ["18000"]


async def test_a_direct_message_takes_a_heart_and_is_seen_and_a_comment_takes_none(channel, network):
    for op, key in ((Op.REACT, "aWd1"), (Op.REACT, "aWd2"), (Op.UNREACT, "aWd2"), (Op.MARK_READ, "aWd1")):
        await channel.gesture(op, key, PERSON, "🙏", "once")
    await channel.gesture(Op.MARK_READ, "18000", PERSON, "", "once")

    assert network.signs == {"aWd1": "love"}
    assert network.seen == [ANA]
    with pytest.raises(Refused):
        await channel.gesture(Op.REACT, "18000", PERSON, "🙏", "once")


@pytest.mark.parametrize(("op", "key"), [(Op.EDIT, "18000"), (Op.HIDE, "mention_555_666"), (Op.DELETE, "aWd1")])
async def test_what_cannot_be_moderated_is_refused_before_anything_is_sent(channel, network, op, key):
    with pytest.raises(Refused):
        await channel.moderate(op, key, "", "once")

    assert network.heard == []


def test_texts_are_counted_in_bytes(channel):
    fitted = channel.fit("ñ" * 600, Reach.PRIVATE, PERSON)

    assert fitted.unit is Unit.BYTES
    assert [measure(part, Unit.BYTES) for part in fitted.parts] == [1000, 200]


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(429, headers={"retry-after": "7"}), Unavailable),
        (graph_error(400, 80002, "Too many calls"), Unavailable),
        (graph_error(403, 10, "Application does not have permission"), Refused),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, network, failing, error):
    network.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(to_ana(), "once-9")

    assert network.sent == []


async def test_a_name_that_is_not_the_accounts_is_found_because_echoes_would_be_heard(network, clock):
    probe = await opened(network, clock, username="other").probe()

    assert not probe.works
    assert f"@{NAME}" in probe.health.en


def test_instagram_says_how_we_know_that_it_works():
    assert NETWORK.evidence is Evidence.CONTRACT


@pytest.mark.parametrize("name", ["account", "page"])
def test_a_wrong_setting_is_refused_with_its_cure(network, clock, name):
    with pytest.raises(BadInput, match="must be a number, got 'acme'"):
        opened(network, clock, **{name: "acme"})
