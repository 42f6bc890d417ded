"""A Facebook page against what Meta's documentation says; it was never run against the real network."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from channels.fake_page import (
    ANA,
    PAGE,
    POST,
    SECRET,
    WORD,
    FakePage,
    feed,
    gone,
    graph_error,
    notice,
    outside_window,
    private,
    signed,
)
from contracts.channel import NOW, ChannelContract, a_part, everything
from rapport.channels.channel import Evidence, Exchange, Means, Op
from rapport.channels.facebook.channel import NETWORK, open_facebook
from rapport.channels.webhook import Challenge, Rejected, Request
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report

pytestmark = pytest.mark.anyio
PERSON = f"facebook:{ANA}"
MINUTE_AGO = NOW - timedelta(minutes=1)


@pytest.fixture
def page():
    return FakePage()


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def channel(page, clock):
    return opened(page, clock)


def opened(page, clock, /, **changes):
    settings = {"page": PAGE, "token": "secret:t", "app_secret": "secret:s", "verify_token": "secret:v"} | changes
    secrets = {"t": "token", "s": SECRET, "v": WORD}
    return open_facebook(
        Account("acme", "facebook", settings=settings), Means(clock, secrets.__getitem__, page.http, None, tls=None)
    )


def to_ana(text="Lo miramos ya.", **changes):
    return a_part(**({"to": PERSON, "text": text} | changes))


class TestFacebookChannel(ChannelContract):
    @pytest.fixture
    def channel(self, page, clock):
        return opened(page, clock)

    @pytest.fixture
    def to(self):
        return PERSON

    @pytest.fixture
    def write(self, page):
        async def write(text):
            page.talk(text)

        return write

    @pytest.fixture
    def arrived(self, page):
        async def arrived(text):
            talks = [m["message"] for talk in page.talks.values() for m in talk]
            return (talks + [c["message"] for under in page.comments.values() for c in under]).count(text)

        return arrived

    @pytest.fixture
    def filed(self, page):
        async def filed():
            return [page.uploads[file] for talk in page.talks.values() for m in talk if (file := m.get("file"))]

        return filed

    @pytest.mark.parametrize("reach", Reach)
    async def test_what_is_declared_can_be_done(self, channel, to, reach, arrived):
        [text] = channel.fit(f"Con alcance {reach}", reach, to).parts  # in public only under what somebody wrote

        receipt = await channel.deliver(a_part(to=to, text=text, reach=reach, in_reply_to="501_800"), f"once-{reach}")

        assert receipt.key
        assert await arrived(text) == 1


def test_a_comment_says_who_wrote_what_under_which_post(channel):
    [heard] = channel.parse(notice(changes=[feed(comment_id="501_800", parent_id=POST, message="Se cae el wifi")]))

    assert (heard.key, heard.handle, heard.name) == ("501_800", PERSON, "Ana")
    assert (heard.text, heard.reach, heard.at) == ("Se cae el wifi", Reach.PUBLIC, MINUTE_AGO)
    assert (heard.thread, heard.in_reply_to) == ("501_800", POST)


def test_an_answer_to_a_comment_belongs_to_that_comment_and_not_to_the_whole_post(channel):
    [heard] = channel.parse(notice(changes=[feed(comment_id="501_801", parent_id="501_800", message="a mí también")]))

    assert (heard.thread, heard.in_reply_to) == ("501_800", "501_800")


def test_a_visitors_post_is_a_message_with_its_pictures(channel):
    told = feed("photo", post_id=f"{PAGE}_502", message="Miren esto", photo="https://cdn.example/a.jpg?x=1")

    [heard] = channel.parse(notice(changes=[told]))

    assert (heard.key, heard.thread, heard.in_reply_to) == (f"{PAGE}_502", f"{PAGE}_502", "")
    assert heard.media == (Media("a.jpg", "image/jpeg", url="https://cdn.example/a.jpg?x=1"),)


def test_edits_deletions_and_reactions_are_news(channel):
    said = [
        feed(verb="edited", comment_id="501_800", parent_id=POST, message="Se cae mucho"),
        feed(verb="remove", comment_id="501_800", parent_id=POST),
        feed("reaction", comment_id="501_800", reaction_type="angry"),
        feed("reaction", "remove", comment_id="501_800", reaction_type="angry"),
    ]

    edit, deletion, angry, calm = channel.parse(notice(changes=said))

    assert (edit.of, edit.handle, edit.text) == ("501_800", PERSON, "Se cae mucho")
    assert isinstance(edit, Edit)
    assert deletion == Deletion("501_800:removed", "501_800", MINUTE_AGO, PERSON)
    assert isinstance(angry, Reaction)
    assert [(r.of, r.sign, r.taken_back) for r in (angry, calm)] == [("501_800", "angry", False), ("501_800", "angry", True)]
    assert angry.key != calm.key


def test_a_private_message_says_who_wrote_what(channel):
    files = [{"type": "image", "payload": {"url": "https://cdn.example/b.png"}}]
    told = private(message={"mid": "m_1", "text": "Hola", "attachments": files, "reply_to": {"mid": "m_0"}})

    [heard] = channel.parse(notice(messaging=[told]))

    assert (heard.key, heard.handle, heard.text) == ("m_1", PERSON, "Hola")
    assert (heard.reach, heard.at, heard.in_reply_to) == (Reach.PRIVATE, MINUTE_AGO, "m_0")
    assert heard.media == (Media("b.png", "image/png", url="https://cdn.example/b.png"),)


def test_what_we_wrote_is_dropped_however_it_comes_back(channel):
    ours = [
        private(by=PAGE, to=ANA, message={"mid": "m_2", "text": "Lo miramos", "is_echo": True, "app_id": 1}),
        private(by=PAGE, to=ANA, message={"mid": "m_3", "text": "desde la página"}),
        private(message={"mid": "m_4", "text": "eco", "is_echo": True}),
    ]
    mine = [feed(by=PAGE, comment_id="501_805", parent_id="501_800", message="Lo miramos"), feed("status", by=PAGE)]

    assert list(channel.parse(notice(messaging=ours))) == []
    assert list(channel.parse(notice(changes=mine))) == []


def test_news_of_private_messages_are_read(channel):
    told = [
        private(delivery={"mids": ["m_2", "m_3"], "watermark": 1794823140000}),
        private(read={"watermark": 1794823140000}),
        private(reaction={"mid": "m_2", "action": "react", "emoji": "❤️", "reaction": "love"}),
        private(message_edit={"mid": "m_1", "text": "Hola, perdón", "num_edit": 1}),
        private(message={"mid": "m_1", "is_deleted": True}),
        private(postback={"mid": "m_7", "title": "Hablar con alguien", "payload": "HUMAN"}),
        private(optin={"ref": "x"}),
    ]

    first, second, loved, edit, deletion, pressed = channel.parse(notice(messaging=told))

    assert first == Report("m_2:delivered", "m_2", Delivery.DELIVERED, MINUTE_AGO)
    assert second.of == "m_3"
    assert (loved.of, loved.sign, loved.handle) == ("m_2", "❤️", PERSON)
    assert (edit.key, edit.of, edit.text) == ("m_1:edit:1", "m_1", "Hola, perdón")
    assert (deletion.of, deletion.handle) == ("m_1", PERSON)
    assert (pressed.key, pressed.text) == ("m_7", "Hablar con alguien")


def test_one_event_that_cannot_be_read_spoils_no_other(channel):
    told = [private(message={"mid": "m_1", "text": "uno"}), {"message": 5}, [], private(message={"mid": "m_2", "text": "dos"})]

    events = channel.parse(notice(messaging=told, changes=[{"value": {}}, feed(comment_id=["x"])]))

    assert [type(event) for event in events] == [Incoming, Unreadable, Unreadable, Incoming, Unreadable, Unreadable]


def test_a_comment_without_an_author_is_heard_and_stands_for_somebody_of_its_own(channel):
    told = feed(comment_id="501_800", parent_id=POST, message="¿Hay alguien?")
    del told["value"]["from"]

    [heard] = channel.parse(notice(changes=[told]))

    assert (heard.handle, heard.text) == ("facebook:unnamed-501_800", "¿Hay alguien?")


def test_what_is_of_another_page_or_of_no_use_is_left_out(channel):
    assert list(channel.parse(notice("999", messaging=[private(message={"mid": "m_1", "text": "x"})]))) == []
    assert list(channel.parse(notice(object="user", changes=[feed(comment_id="1", message="x")]))) == []
    assert list(channel.parse(notice(changes=[{"field": "ratings", "value": {}}, feed("event", message="x")]))) == []
    assert list(channel.parse(notice(changes=[feed(verb="hide", comment_id="501_800")]))) == []


def test_only_a_webhook_that_facebook_signed_is_taken(channel):
    body = notice(messaging=[private(message={"mid": "m_1", "text": "Hola"})])

    assert channel.verify(signed(body), NOW).raw == (body,)
    assert isinstance(channel.verify(signed(body, "another"), NOW), Rejected)
    assert isinstance(channel.verify(Request("POST", "/h", (), {}, body), NOW), Rejected)
    asked = (("hub.mode", "subscribe"), ("hub.verify_token", WORD), ("hub.challenge", "42"))
    assert channel.verify(Request("GET", "/h", asked, {}, b""), NOW) == Challenge(b"42")


async def test_a_comment_that_no_webhook_told_of_is_read_back_under_the_same_key(channel, page):
    made = page.comment("Nadie avisó", parent={"id": "501_799"})
    told = feed(comment_id=made["id"], parent_id="501_799", message="Nadie avisó")

    heard, _ = await everything(channel, None)

    [by_webhook] = channel.parse(notice(changes=[told]))
    assert heard == [by_webhook]


async def test_a_private_message_that_no_webhook_told_of_is_read_back_under_the_same_key(channel, page):
    made = page.talk("Nadie avisó")

    [heard] = (await channel.pull(None)).events

    [by_webhook] = channel.parse(notice(messaging=[private(message={"mid": made["id"], "text": "Nadie avisó"})]))
    assert (heard.key, heard.handle, heard.text, heard.at) == (by_webhook.key, PERSON, "Nadie avisó", by_webhook.at)
    assert heard.name == "Ana"


async def test_what_we_wrote_is_not_read_back(channel, page):
    page.comment("Lo miramos", by=PAGE)
    page.talk("Lo miramos", by=PAGE)

    assert (await channel.pull(None)).events == ()


async def test_only_posts_with_something_new_are_asked_for_their_comments(channel, page, clock):
    page.posts.append({"id": f"{PAGE}_600", "from": {"id": PAGE}, "message": "x", "created_time": "2026-11-01T00:00:00+0000"})
    page.posts[1]["updated_time"] = "2026-11-01T00:00:00+0000"
    page.comment("uno")

    await channel.pull(None)

    asked = [request.url.path for request in page.heard if request.url.path.endswith("/comments")]
    assert asked == [f"/v25.0/{POST}/comments"]


async def test_hundreds_of_comments_between_two_readings_are_all_heard(channel, page):
    _, cursor = await everything(channel, None)
    for number in range(250):
        page.comment(str(number))

    heard, _ = await everything(channel, cursor)

    assert sorted(int(m.text) for m in heard) == list(range(250))


async def test_what_appears_late_is_still_found_for_ten_minutes(channel, page, clock):
    page.comment("a tiempo")
    _, cursor = await everything(channel, None)
    page.comment("tarde", at="2026-11-16T09:51:00+0000")

    heard, _ = await everything(channel, cursor)

    assert [m.text for m in heard] == ["tarde"]


async def test_the_first_reading_goes_back_some_days_and_not_for_ever(channel, page):
    page.comment("vieja", at="2026-11-01T09:00:00+0000")
    page.comment("de ayer", at="2026-11-15T09:00:00+0000")

    heard, _ = await everything(channel, None)

    assert [m.text for m in heard] == ["de ayer"]


async def test_an_answer_goes_under_the_comment(channel, page):
    made = page.comment("hola")

    receipt = await channel.deliver(to_ana(in_reply_to=made["id"], reach=Reach.PUBLIC), "once-1")

    assert [c["message"] for c in page.comments[made["id"]]] == ["Lo miramos ya."]
    assert receipt.key == page.comments[made["id"]][0]["id"]


async def test_a_public_answer_to_nothing_is_refused_before_anything_is_sent(channel, page):
    for nothing in ("", "m_1"):
        with pytest.raises(Refused, match="comment or post"):
            await channel.deliver(to_ana(in_reply_to=nothing, reach=Reach.PUBLIC), "once-1")

    assert page.heard == []


@pytest.mark.parametrize(
    ("answers", "recipient"),
    [
        ("501_800", {"comment_id": "501_800"}),
        (f"{PAGE}_502", {"post_id": f"{PAGE}_502"}),
        ("m_1", {"id": ANA}),
        ("", {"id": ANA}),
    ],
)
async def test_a_private_answer_goes_to_who_wrote_it(channel, page, answers, recipient):
    await channel.deliver(to_ana(in_reply_to=answers), "once-1")

    [sent] = page.sent
    assert sent == {"recipient": recipient, "messaging_type": "RESPONSE", "message": {"text": "Lo miramos ya."}}


async def test_after_24_hours_a_humans_answer_goes_out_as_a_humans(page, clock):
    channel = opened(page, clock, human_agent="yes")
    page.fails = [outside_window()]

    await channel.deliver(to_ana(), "once-1")

    [sent] = page.sent
    assert (sent["messaging_type"], sent["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


async def test_without_that_permission_the_refusal_stands(channel, page):
    page.fails = [outside_window()]

    with pytest.raises(Refused, match="10/2018278"):
        await channel.deliver(to_ana(), "once-1")

    assert len(page.heard) == 1


@pytest.mark.parametrize(
    ("ago", "human", "allowed"),
    [
        (timedelta(hours=23, minutes=59, seconds=59), "no", True),
        (timedelta(hours=24), "no", False),
        (timedelta(hours=24), "yes", True),
        (timedelta(days=6, hours=23, minutes=59), "yes", True),
        (timedelta(days=7), "yes", False),
    ],
)
def test_a_private_message_is_answered_within_its_window(page, clock, ago, human, allowed):
    channel = opened(page, clock, human_agent=human)

    answer = channel.eligible(Op.REPLY, Exchange(PERSON, Reach.PRIVATE, NOW - ago, key="m_1"), NOW)

    assert answer.allowed is allowed
    assert (answer.until or NOW) > NOW if allowed else (answer.reason.es and answer.reason.en)


@pytest.mark.parametrize(
    ("ago", "answered", "allowed"),
    [
        (timedelta(days=6, hours=23, minutes=59), 0, True),
        (timedelta(days=7), 0, False),
        (timedelta(hours=1), 1, False),
    ],
)
def test_a_comment_is_answered_privately_once_within_seven_days(channel, ago, answered, allowed):
    exchange = Exchange(PERSON, Reach.PRIVATE, NOW - ago, key="501_800", answered=answered)

    answer = channel.eligible(Op.REPLY, exchange, NOW)

    assert answer.allowed is allowed
    assert answer.until == (NOW - ago + timedelta(days=7) if allowed else None)


def test_who_never_wrote_is_not_written_to_and_a_comment_is_answered_at_any_time(channel):
    assert not channel.eligible(Op.SEND_DIRECT, Exchange(PERSON, Reach.PRIVATE), NOW).allowed
    assert channel.eligible(Op.REPLY, Exchange(PERSON, Reach.PUBLIC, NOW - timedelta(days=99), key="501_800"), NOW).allowed
    assert not channel.eligible(Op.REPLY, Exchange(PERSON, Reach.PUBLIC, NOW, key="m_1"), NOW).allowed


async def test_a_comment_is_hidden_shown_edited_and_deleted_and_twice_is_once(channel, page):
    for op in (Op.HIDE, Op.HIDE, Op.UNHIDE, Op.DELETE, Op.DELETE):
        await channel.moderate(op, "501_800", "", "once")
    await channel.moderate(Op.EDIT, "501_805", "Corregido", "once")

    assert page.hidden == {"501_800": False}
    assert page.deleted == ["501_800"]
    assert page.edited == {"501_805": "Corregido"}


async def test_a_comment_is_liked_and_a_private_message_takes_a_sign_and_is_seen(channel, page):
    for op, key in ((Op.REACT, "501_800"), (Op.REACT, "501_801"), (Op.UNREACT, "501_801"), (Op.MARK_READ, "501_800")):
        await channel.gesture(op, key, PERSON, "🙏", "once")
    for op, key in ((Op.REACT, "m_1"), (Op.REACT, "m_1"), (Op.REACT, "m_2"), (Op.UNREACT, "m_2"), (Op.MARK_READ, "m_1")):
        await channel.gesture(op, key, PERSON, "🙏", "once")

    assert page.liked == {"501_800"}
    assert page.signs == {"m_1": "🙏"}
    assert page.seen == [ANA]
    with pytest.raises(Refused):
        await channel.gesture(Op.DELETE, "m_1", PERSON, "", "once")


@pytest.mark.parametrize(("op", "key"), [(Op.REACT, "501_800"), (Op.HIDE, "m_1"), (Op.DELETE, "../me")])
async def test_what_cannot_be_moderated_is_refused_before_anything_is_sent(channel, page, op, key):
    with pytest.raises(Refused):
        await channel.moderate(op, key, "", "once")

    assert page.heard == []


async def test_after_a_timeout_an_answer_that_was_taken_is_found(channel, page):
    made = page.comment("hola")
    part = to_ana(in_reply_to=made["id"], reach=Reach.PUBLIC)
    page.comment("Lo miramos ya.", by=PAGE, under=made["id"])
    page.fails = [httpx.ReadTimeout("no")]

    with pytest.raises(OutcomeUnknown):
        await channel.deliver(part, "once-1")
    found = await channel.locate(part, "once-1", NOW - timedelta(minutes=1))

    assert found == page.comments[made["id"]][0]["id"]


async def test_what_somebody_else_wrote_or_we_wrote_long_ago_is_not_taken_for_our_answer(channel, page, clock):
    clock.move(timedelta(minutes=5))
    page.talk("Lo miramos ya.")
    page.talk("Lo miramos ya.", by=PAGE, at="2026-11-15T09:00:00+0000")

    assert await channel.locate(to_ana(), "once-1", NOW) is None


async def test_for_a_moment_nobody_says_that_an_answer_is_missing(channel):
    with pytest.raises(Unavailable, match="still"):
        await channel.locate(to_ana(), "once-1", NOW)


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectError("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (graph_error(500, 2, "Service temporarily unavailable"), OutcomeUnknown),
        (graph_error(400, 1, "An unknown error occurred"), OutcomeUnknown),
        (httpx.Response(200, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(429), Unavailable),
        (graph_error(400, 4, "Application request limit reached"), Unavailable),
        (graph_error(403, 613, "Calls to this api have exceeded the rate limit"), Unavailable),
        (graph_error(403, 200, "Permissions error"), Refused),
        (graph_error(400, 551, "This person isn't available right now"), Refused),
        (graph_error(401, 190, "The session is invalid"), Refused),
        (gone(), Refused),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, page, failing, error):
    page.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(to_ana(), "once-9")

    assert page.sent == []


@pytest.mark.parametrize("failing", [httpx.ReadTimeout("no"), httpx.Response(500), graph_error(500, 2, "x")], ids=str)
async def test_a_reading_that_fails_is_never_unknown(channel, page, failing):
    page.fails = [failing]

    with pytest.raises(Unavailable):
        await channel.pull(None)


BUSINESS = {"123": [{"type": "pages", "call_count": 71, "total_time": 5, "estimated_time_to_regain_access": 0}]}


@pytest.mark.parametrize(
    "headers",
    [{"x-business-use-case-usage": json.dumps(BUSINESS)}, {"x-app-usage": '{"call_count": 2, "total_cputime": 71}'}],
    ids=str,
)
async def test_reading_leaves_a_share_of_the_budget_to_answers(channel, page, clock, headers):
    page.headers = headers
    await channel.probe()
    page.headers = {}

    with pytest.raises(Unavailable) as raised:
        await channel.pull(None)
    receipt = await channel.deliver(to_ana(), "once-9")
    clock.move(timedelta(minutes=5))

    assert raised.value.retry_after == timedelta(minutes=5)
    assert receipt.key
    assert await channel.pull(None)


@pytest.mark.parametrize("header", ["", "{", "[]", '{"a": [1, null]}', '{"call_count": "many"}', '{"a": {"b": {}}}', "1e999"])
async def test_a_header_that_is_no_count_is_passed_over(channel, page, header):
    page.headers = {"x-app-usage": header, "x-business-use-case-usage": header}

    assert (await channel.probe()).works


async def test_who_asks_too_often_waits_as_long_as_the_network_says(channel, page):
    told = {"1": [{"call_count": 100, "estimated_time_to_regain_access": 12}]}
    page.fails = [
        graph_error(400, 80001, "There have been too many calls", headers={"x-business-use-case-usage": json.dumps(told)})
    ]

    with pytest.raises(Unavailable) as raised:
        await channel.deliver(to_ana(), "once-9")

    assert raised.value.retry_after == timedelta(minutes=12)
    with pytest.raises(Unavailable):
        await channel.pull(None)


async def test_an_account_that_hears_nothing_is_not_called_healthy_without_a_word(channel, page):
    page.fields = ["messages"]

    probe = await channel.probe()

    assert probe.works
    assert "feed" in probe.health.es
    assert "does not tell of: feed" in probe.health.en


def test_facebook_says_how_we_know_that_it_works():
    assert NETWORK.evidence is Evidence.CONTRACT
    assert NETWORK.hosts == ("graph.facebook.com",)


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"page": "acme"}, "page's number"),
        ({"version": "latest"}, "v25.0"),
        ({"human_agent": "maybe"}, "must be one of yes, no"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_cure(page, clock, changes, cure):
    with pytest.raises(BadInput, match=cure):
        opened(page, clock, **changes)


@pytest.mark.parametrize(("said", "ends"), [(1797415200, datetime(2026, 12, 16, 10, tzinfo=UTC)), (0, None), (1e99, None)])
async def test_a_token_that_ends_says_when(channel, page, said, ends):
    page.expires = said

    assert (await channel.probe()).expires == ends
    assert page.heard[-1].url.path == "/v25.0/"
