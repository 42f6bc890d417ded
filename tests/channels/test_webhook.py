"""Any system by webhook: signatures by a foreign library (standardwebhooks), events by another (cloudevents)."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from channels.fake_webhook import NEW, OLD, FakeSystem, post
from contracts.channel import NOW, ChannelContract, a_part, storable
from rapport.channels.channel import Exchange, Idempotency, Means, Op
from rapport.channels.hook.channel import open_hook
from rapport.channels.hook.signing import secrets_in, signature
from rapport.channels.webhook import Rejected, Request, Verified
from rapport.clock import FakeClock, SystemClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, Happening, Reaction, Report

pytestmark = pytest.mark.anyio
ANA = "webhook:ana"
RECEIVED = {"type": "message.received", "timestamp": "2026-11-16T09:00:00Z", "data": {"from": "ana", "text": "El wifi se cae"}}


@pytest.fixture
def system():
    return FakeSystem()


@pytest.fixture
def channel(system):
    return opened(system.http)


def opened(http, clock=None, **settings):
    told = {"secret": "secret:in", "url": "https://crm.example/hook"} | settings
    secrets = {"in": NEW, "both": f"{NEW} {OLD}", "none": "", "short": "whsec_YWJj"}.__getitem__
    return open_hook(Account("crm", "webhook", settings=told), Means(clock or SystemClock(), secrets, http, None))


def came(channel, headers, body, now=None):
    return channel.verify(Request("POST", "/hooks/crm", (), headers, body), now or datetime.now(UTC))


def said(channel, body, **how):
    """What a signed webhook says."""
    verified = came(channel, *post(body, **how))
    assert isinstance(verified, Verified), verified
    return [event for raw in verified.raw for event in channel.parse(raw)]


class TestWebhookChannel(ChannelContract):
    @pytest.fixture
    def channel(self, system):
        return opened(system.http)

    @pytest.fixture
    def to(self):
        return ANA

    @pytest.fixture
    def write(self):
        return None  # nothing is read: the system posts

    @pytest.fixture
    def arrived(self, system):
        async def arrived(text):
            return sum(told["data"].get("text") == text for told in system.took.values())

        return arrived


def test_a_message_says_who_wrote_what_when_and_for_whom(channel):
    data = {
        "from": "ana", "name": "Ana", "text": "hola", "subject": "Queja", "reach": "public", "thread": "t1", "automatic": True,
        "key": "k1", "media": [{"url": "https://crm.example/a.png"}], "in_reply_to": "k0",
    }  # fmt: skip

    [heard] = said(channel, RECEIVED | {"data": data})

    assert (heard.key, heard.handle, heard.name, heard.text) == ("k1", ANA, "Ana", "hola")
    assert (heard.subject, heard.reach, heard.thread, heard.in_reply_to) == ("Queja", Reach.PUBLIC, "t1", "k0")
    assert heard.media == (Media("a.png", "image/png", url="https://crm.example/a.png"),)
    assert heard.automatic


def test_a_message_without_a_key_is_called_by_its_webhook_id_each_time_that_it_comes(channel):
    [first] = said(channel, RECEIVED, name="msg_7")
    [again] = said(channel, RECEIVED, name="msg_7", at=datetime.now(UTC) - timedelta(minutes=2))

    assert first == again
    assert (first.key, first.thread, first.in_reply_to) == ("msg_7", "", "")


@pytest.mark.parametrize(
    ("kind", "data", "news"),
    [
        ("message.edited", {"of": "k1", "from": "ana", "text": "nuevo"}, Edit("m", "k1", ANA, "nuevo", NOW)),
        ("message.deleted", {"of": "k1"}, Deletion("m", "k1", NOW)),
        ("message.reacted", {"of": "k1", "from": "ana", "sign": "+"}, Reaction("m", "k1", ANA, "+", NOW)),
        ("message.reacted", {"of": "k1", "from": "ana", "sign": "+", "taken_back": True}, Reaction("m", "k1", ANA, "+", NOW, True)),  # noqa: E501
        ("message.reported", {"of": "k1", "delivery": "read"}, Report("m", "k1", Delivery.READ, NOW)),
        ("journey.happened", {"subject": "email:ana@example.org", "kind": "till.paid", "source": "till", "data": {"of": 3}}, Happening("crm#m", "email:ana@example.org", "till.paid", "till", NOW, {"of": 3}, was="m")),  # noqa: E501
        ("x.message.reported", {"of": "k", "delivery": "failed", "reason": "gone"}, Report("m", "k", Delivery.FAILED, NOW, "gone")),  # noqa: E501
    ],
)  # fmt: skip
def test_news_of_a_message_are_news(system, kind, data, news):
    channel = opened(system.http, FakeClock(NOW))

    assert said(channel, {"type": kind, "timestamp": NOW.isoformat(), "data": data}, name="m") == [news]


@pytest.mark.parametrize("data", [{"from": "acme-bot", "text": "x"}, {"from": "ana", "text": "x", "echo": True}])
def test_what_we_wrote_ourselves_is_not_heard(system, data):
    channel = opened(system.http, own="acme-bot other")

    assert said(channel, RECEIVED | {"data": data}) == []


def test_a_ping_says_nothing(channel):
    assert said(channel, {"type": "ping"}) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"type": "invoice.paid", "data": {}}, "message.received, message.edited"),
        ({"type": "message.received", "data": {"text": "hola"}}, "`from`"),
        ({"type": "message.received", "data": {"from": " ", "text": "hola"}}, "`from` must name"),
        ({"type": "message.received", "data": {"from": "ana", "text": "a" * 200_001}}, "may have 200000 characters"),
        ({"type": "message.edited", "data": {"of": "", "text": "hola"}}, "`of` must be"),
        ({"type": "message.reported", "data": {"of": "k"}}, "queued, accepted, sent"),
        ({"type": "message.reacted", "data": {"of": "k"}}, "`sign`"),
        ({"type": "journey.happened", "data": {"subject": "ana", "kind": "till.paid"}}, "`subject` must be a handle"),
        ({"type": "journey.happened", "data": {"subject": "email:a@x.example", "kind": "call.transcript"}}, "as a transcript"),
        (
            {"type": "journey.happened", "data": {"subject": "email:ana@x.example", "kind": "k", "data": {"n": 2**70}}},
            "64 bits",
        ),
        ({"type": "message.received", "data": [1]}, "Expected `object`"),
        (b"not json at all", "it is not what this network sends"),
        ([RECEIVED], "it is not what this network sends"),
    ],
)
def test_a_signed_event_that_says_nothing_we_know_is_kept_with_the_reason(channel, body, reason):
    [kept] = said(channel, body)

    assert isinstance(kept, Unreadable)
    assert reason in kept.reason


# Signatures


def test_the_standards_own_example_has_the_signature_that_it_prints():
    # libraries of the standard share this vector; the signature is made by standardwebhooks in the next assertion too
    secret, name, at, body = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert signature(secrets_in(secret)[0], name, at, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_during_a_rotation_both_secrets_are_good_for_what_comes(system, secret):
    channel = opened(system.http, secret="secret:both")

    assert isinstance(came(channel, *post(RECEIVED, secret=secret)), Verified)


@pytest.mark.parametrize("knows", [NEW, OLD])
async def test_during_a_rotation_a_receiver_that_knows_either_secret_takes_what_we_send(knows):
    system = FakeSystem(knows)

    await opened(system.http, out_secret="secret:both").deliver(a_part(to=ANA), "once-1")

    assert len(system.took) == 1


async def test_a_receiver_that_knows_another_secret_refuses_and_we_say_so():
    channel = opened(FakeSystem(OLD).http)

    probe = await channel.probe()
    with pytest.raises(Refused, match="bad signature"):
        await channel.deliver(a_part(to=ANA), "once-1")

    assert not probe.works
    assert "bad signature" in probe.health.en


def altered(**changes):
    headers, body = post(RECEIVED)
    body = changes.pop("body", body)
    return {name: value for name, value in (headers | changes).items() if value is not None}, body


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        altered(body=b'{"type": "message.received"}'),
        altered(**{"webhook-id": "msg_2"}),
        altered(**{"webhook-id": None}),
        altered(**{"webhook-signature": None}),
        altered(**{"webhook-signature": "v1,"}),
        altered(**{"webhook-signature": "v1,AAAA v2,BBBB , ,, "}),
        altered(**{"webhook-signature": "ñ" * 5000}),
        altered(**{"webhook-signature": "\ud800"}),
        altered(**{"webhook-id": "\ud800"}),
        altered(**{"webhook-timestamp": "now"}),
        altered(**{"webhook-timestamp": "-1"}),
        altered(**{"webhook-timestamp": "9" * 11}),
        altered(**{"webhook-timestamp": "9" * 400}),
        altered(**{"webhook-timestamp": "١٢"}),
        post(RECEIVED, secret=OLD),
        post(RECEIVED, at=datetime.now(UTC) - timedelta(minutes=6)),
        post(RECEIVED, at=datetime.now(UTC) + timedelta(days=1)),
        post(b" " * (1 << 20) + b"{}"),
    ],
)
def test_what_nobody_of_ours_signed_lately_is_rejected(channel, headers, body):
    assert isinstance(came(channel, headers, body), Rejected)


def test_of_several_signatures_one_good_one_is_enough(channel):
    headers, body = post(RECEIVED)
    headers["webhook-signature"] = "v1a,b3RoZXI= v1,d3Jvbmc= " + headers["webhook-signature"]

    assert isinstance(came(channel, headers, body), Verified)


@pytest.mark.parametrize(("name", "reason"), [("none", "needs 'secret'|needs a secret"), ("short", "secret 1 must be")])
def test_a_secret_that_cannot_sign_is_refused_and_not_shown(system, name, reason):
    with pytest.raises(BadInput, match=reason) as raised:
        opened(system.http, secret=f"secret:{name}")

    assert "YWJj" not in str(raised.value)


# CloudEvents, made and read by the CNCF's own library


def event(**changes):
    attributes = {"id": "e1", "source": "/shop", "type": "com.acme.message.received", "time": NOW} | changes
    return CloudEvent(attributes | {"datacontenttype": "application/json"}, {"from": "ana", "text": "Añil"})


def test_a_structured_cloud_event_is_heard_under_its_source_and_id(system):
    channel = opened(system.http, FakeClock(NOW))
    message = to_structured(event(), JSONFormat())

    [heard] = said(channel, message.body, content_type=message.headers["content-type"])

    assert (heard.key, heard.handle, heard.text, heard.at) == ("/shop#e1", ANA, "Añil", NOW)


def test_the_same_id_of_two_sources_is_two_messages(channel):
    bodies = [to_structured(event(source=source), JSONFormat()).body for source in ("/shop", "/crm")]

    keys = {said(channel, body, content_type="application/cloudevents+json")[0].key for body in bodies}

    assert len(keys) == 2


def test_a_binary_cloud_event_is_heard_under_the_id_that_is_signed(channel):
    message = to_binary(event(), JSONFormat())
    ce = {name.replace("-", "_"): value for name, value in message.headers.items()}

    [heard] = said(channel, message.body, name="e1", **ce)

    assert (heard.key, heard.text) == ("e1", "Añil")
    assert isinstance(came(channel, *post(message.body, name="e2", **ce)), Rejected)


def test_a_batch_is_heard_one_by_one_and_one_bad_event_spoils_no_other(channel):
    events = [to_structured(event(id=name), JSONFormat()).body for name in ("e1", "e2")]
    batch = b"[" + events[0] + b', {"what": 1}, ' + events[1] + b"]"

    heard = said(channel, batch, content_type="application/cloudevents-batch+json; charset=utf-8")

    assert [type(one) for one in heard] == [Incoming, Unreadable, Incoming]


def test_a_batch_beyond_the_limit_is_rejected_whole_so_that_it_comes_again_smaller(channel):
    headers, body = post(b"[" + b",".join([b"1"] * 1001) + b"]", content_type="application/cloudevents-batch+json")

    assert isinstance(came(channel, headers, body), Rejected)


@pytest.mark.parametrize("form", ["cloudevents", "cloudevents-binary"])
async def test_an_answer_is_a_cloud_event_where_the_account_says_so(system, form):
    await opened(system.http, format=form).deliver(a_part(to=ANA, text="Añil"), "once-1")

    read = from_http(HTTPMessage(system.heard[0][1], system.heard[0][0]), JSONFormat(), CloudEvent)
    assert (read.get_id(), read.get_type(), read.get_source()) == ("once-1", "message.send", "/rapport/crm")
    assert (read.get_data()["to"], read.get_data()["text"]) == ("ana", "Añil")


# Sending, over a real loopback socket


async def test_an_answer_over_a_real_socket_is_signed_named_and_sent_once():
    system = FakeSystem()
    async with httpx.AsyncClient(trust_env=False) as http:
        with system.served() as url:
            channel = opened(http, url=url)
            probe = await channel.probe()
            part = a_part(to=ANA, text="Lo miramos ya. ñ€😀", in_reply_to="k1", thread="t1", reach=Reach.PUBLIC)
            first = await channel.deliver(part, "once-1")
            again = await channel.deliver(part, "once-1")

    assert probe.works
    assert first.key == again.key == "crm-once-1"
    told = system.took["once-1"]
    assert told["type"] == "message.send"
    assert {k: told["data"][k] for k in ("to", "text", "in_reply_to", "thread", "reach")} == {
        "to": "ana", "text": "Lo miramos ya. ñ€😀", "in_reply_to": "k1", "thread": "t1", "reach": "public",
    }  # fmt: skip


async def test_a_system_that_does_not_listen_took_nothing():
    async with httpx.AsyncClient(trust_env=False) as http:
        with FakeSystem().served() as url:
            pass
        with pytest.raises(Unavailable):
            await opened(http, url=url).deliver(a_part(to=ANA), "once-1")


async def test_a_system_that_gives_no_name_leaves_ours(system, channel):
    system.names = False

    assert (await channel.deliver(a_part(to=ANA), "once-1")).key == "once-1"


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        ((429, {"retry-after": "7"}), Unavailable),
        ((503, {}), Unavailable),
        ((500, {}), OutcomeUnknown),
        ((504, {}), OutcomeUnknown),
        ((410, {}), Refused),
        ((302, {"location": "https://evil.example"}), Refused),
        (httpx.ReadTimeout("late"), OutcomeUnknown),
        (httpx.ConnectTimeout("no"), Unavailable),
    ],
    ids=str,
)
async def test_what_a_failed_post_means(system, channel, failing, error):
    system.fails = [failing]

    with pytest.raises(error) as raised:
        await channel.deliver(a_part(to=ANA), "once-1")

    assert len(system.heard) == 1
    assert getattr(raised.value, "retry_after", None) == (
        timedelta(seconds=7) if failing == (429, {"retry-after": "7"}) else None
    )


@pytest.mark.parametrize("op", [Op.HIDE, Op.DELETE, Op.EDIT])
async def test_what_the_system_takes_is_posted_and_nothing_else_is_tried(system, op):
    channel = opened(system.http, ops="hide delete edit")

    await channel.moderate(op, "k1", "nuevo", "once-2")
    with pytest.raises(Refused):
        await channel.moderate(Op.REACT, "k1", "👍", "once-3")

    assert [(t["type"], t["data"]) for t in system.took.values()] == [(f"message.{op}", {"of": "k1", "argument": "nuevo"})]


# What an account may say


async def test_an_account_without_an_address_only_listens(system):
    channel = opened(system.http, url="")

    assert (await channel.probe()).works
    assert not channel.eligible(Op.REPLY, Exchange(ANA, Reach.PRIVATE, NOW), NOW).allowed
    with pytest.raises(Refused, match="only listens"):
        await channel.deliver(a_part(to=ANA), "once-1")


def test_a_window_closes_and_says_when(system):
    channel = opened(system.http, window="24")
    exchange = Exchange(ANA, Reach.PRIVATE, NOW)

    inside, outside = (channel.eligible(Op.REPLY, exchange, NOW + timedelta(hours=hours)) for hours in (23, 24))

    assert (inside.allowed, inside.until) == (True, NOW + timedelta(hours=24))
    assert not outside.allowed
    assert "24" in outside.reason.es


def test_a_system_that_keeps_copies_is_not_trusted_with_our_key(system):
    assert opened(system.http, dedupes="no").capabilities.idempotency is Idempotency.NONE


async def test_what_the_account_does_not_reach_is_refused(system):
    with pytest.raises(Refused, match="nothing public"):
        await opened(system.http, reach="private").deliver(a_part(to=ANA, reach=Reach.PUBLIC), "once-1")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"url": "ftp://x"}, "must look like"),
        ({"url": "https://user:pass@x.example"}, "must look like"),
        ({"limit": "0"}, "from 1 to 100000"),
        ({"limit": "nan"}, "from 1 to 100000"),
        ({"window": "-1"}, "from 0 to 8760"),
        ({"ops": "reply"}, "may have"),
        ({"kind": "fax"}, "must be one of"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_cure(system, settings, reason):
    with pytest.raises(BadInput, match=reason):
        opened(system.http, **settings)


def test_hostile_texts_can_be_stored(channel):
    names = ("from", "text", "key", "name", "subject", "thread", "in_reply_to", "html")
    data = dict.fromkeys(names, "\ud800\0" * 300)
    raw = json.dumps({"specversion": "1.0", "id": "\0", "source": "\ud800", "type": "message.received", "data": data}).encode()

    for one in channel.parse(raw):
        assert storable(one)
