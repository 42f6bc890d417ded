"""SMS by Twilio: requests against its OpenAPI document, signatures against its own client's RequestValidator."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator

from channels.described import description, faults, operation
from channels.fake_twilio import ANA, NUMBER, OTHER_TOKEN, SID, TOKEN, FakeTwilio, ago
from contracts.channel import NOW, ChannelContract, a_part, everything, storable
from rapport.channels.channel import Exchange, Means, Op, Price
from rapport.channels.smstwilio.channel import open_twilio
from rapport.channels.webhook import Rejected, Request, Verified
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Delivery, Report, further

pytestmark = pytest.mark.anyio
HANDLE = f"smstwilio:{ANA}"
URL = "https://acme.test/hooks/sms"
SERVICE = "MG" + "a" * 32


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def server(clock):
    return FakeTwilio(clock)


@pytest.fixture
def channel(server, clock):
    return opened(server, clock)


def opened(server, clock, stopped=None, **settings):
    told = {"sid": SID, "token": "secret:token", "number": NUMBER, "url": URL} | settings
    secret = {"token": TOKEN, "both": f"{TOKEN} {OTHER_TOKEN}"}.__getitem__
    means = Means(clock, secret, server.http, None)
    if stopped:
        means = Means(clock, secret, server.http, None, stopped=stopped)
    return open_twilio(Account("acme", "smstwilio", settings=told), means)


def posted(form, token=TOKEN, url=URL, **changes):
    """A request as Twilio's own client signs it."""
    signed = RequestValidator(token).compute_signature(url, form)
    request = Request("POST", "/hooks/sms", (), {"x-twilio-signature": signed}, urlencode(form).encode(), url)
    return Request(**{name: changes.get(name, getattr(request, name)) for name in request.__struct_fields__})


INBOUND = {
    "ToCountry": "ES", "SmsMessageSid": "SM1", "NumMedia": "0", "SmsSid": "SM1", "SmsStatus": "received", "Empty": "",
    "To": NUMBER, "NumSegments": "1", "MessageSid": "SM1", "AccountSid": SID, "From": ANA, "ApiVersion": "2010-04-01",
    "Body": "El wifi se cae ñ&€ 😀",
}  # fmt: skip


class TestTwilioChannel(ChannelContract):
    @pytest.fixture
    def channel(self, server, clock):
        return opened(server, clock)

    @pytest.fixture
    def to(self):
        return HANDLE

    @pytest.fixture
    def write(self, server, clock):
        async def write(text):
            clock.move(timedelta(seconds=1))
            server.say(text)

        return write

    @pytest.fixture
    def arrived(self, server):
        async def arrived(text):
            return sum(m["body"] == text and m["to"] == ANA for m in server.messages)

        return arrived


# What Twilio posts


def test_a_message_posted_is_the_same_as_the_message_read(channel, server):
    form = INBOUND | {"MessageSid": "SM" + "0" * 31 + "1"}
    read = server.say(INBOUND["Body"])

    [one] = channel.parse(posted(form).body)
    [other] = channel.parse(httpx.Response(200, json=read).content)

    assert isinstance(one, Incoming)
    assert one == other
    assert (one.handle, one.text, one.reach, one.thread) == (HANDLE, INBOUND["Body"], Reach.PRIVATE, ANA)


@pytest.mark.parametrize(
    "url", [URL, "https://acme.test:443/hooks/sms", "https://acme.test/hooks/sms?account=1&b=%20", "http://acme.test:8080/x"]
)  # noqa: E501
def test_what_twilios_own_client_signs_is_believed(server, clock, url):
    assert isinstance(opened(server, clock, url="").verify(posted(INBOUND, url=url), NOW), Verified)


def test_twilio_may_sign_the_address_with_the_port_that_we_left_out_and_the_other_way_round(server, clock):
    with_port, without = "https://acme.test:443/hooks/sms", URL

    assert isinstance(opened(server, clock, url=without).verify(posted(INBOUND, url=with_port), NOW), Verified)
    assert isinstance(opened(server, clock, url=with_port).verify(posted(INBOUND, url=without), NOW), Verified)


def test_behind_a_proxy_the_address_that_twilio_calls_counts_and_not_the_one_we_see(channel):
    request = posted(INBOUND)

    seen = Request(**{n: getattr(request, n) for n in request.__struct_fields__} | {"url": "http://10.0.0.1:8000/hooks/sms"})

    assert isinstance(channel.verify(seen, NOW), Verified)


@pytest.mark.parametrize("token", [TOKEN, OTHER_TOKEN])
def test_while_the_token_changes_both_are_good(server, clock, token):
    channel = opened(server, clock, token="secret:both")

    assert isinstance(channel.verify(posted(INBOUND, token), NOW), Verified)


@pytest.mark.parametrize(
    "request_",
    [
        posted(INBOUND, "another"),
        posted(INBOUND, url="https://evil.example/hooks/sms"),
        posted(INBOUND, body=urlencode(INBOUND | {"Body": "otra cosa"}).encode()),
        posted(INBOUND, body=b"\xff\xfe"),
        posted(INBOUND, body=b"&" * 5000),
        posted(INBOUND, headers={}),
        posted(INBOUND, headers={"x-twilio-signature": "\ud800ñ"}),
        posted(INBOUND, method="GET"),
    ],
)
def test_what_twilio_did_not_sign_is_rejected(channel, request_):
    assert isinstance(channel.verify(request_, NOW), Rejected)


def test_a_broken_address_rejects_and_does_not_raise(server, clock):
    channel = opened(server, clock, url="")

    assert isinstance(channel.verify(posted(INBOUND, headers={}, url="https://[::1"), NOW), Rejected)
    assert isinstance(channel.verify(posted(INBOUND, headers={}, url="https://a:99999/"), NOW), Rejected)


def test_pictures_of_an_mms_come_by_their_address(channel):
    form = INBOUND | {
        "NumMedia": "2",
        "MediaUrl0": "https://api.twilio.com/a",
        "MediaContentType0": "image/jpeg",
        "MediaUrl1": "",
    }

    [heard] = channel.parse(urlencode(form).encode())

    assert heard.media == (Media("file 1", "image/jpeg", url="https://api.twilio.com/a"),)


@pytest.mark.parametrize(
    ("state", "delivery"),
    [
        ("queued", Delivery.QUEUED), ("accepted", Delivery.ACCEPTED), ("sending", Delivery.ACCEPTED), ("sent", Delivery.SENT),
        ("delivered", Delivery.DELIVERED), ("read", Delivery.READ), ("failed", Delivery.FAILED),
        ("undelivered", Delivery.FAILED),
    ],
)  # fmt: skip
def test_a_status_callback_is_a_report(channel, state, delivery):
    [report] = channel.parse(urlencode({"MessageSid": "SM1", "MessageStatus": state, "ErrorCode": "30003"}).encode())

    assert (report.of, report.delivery, report.key) == ("SM1", delivery, f"SM1/{state}")
    assert report.reason == ("30003" if delivery is Delivery.FAILED else "")


def test_reports_in_any_order_end_at_the_furthest(channel):
    reports = [
        channel.parse(urlencode({"MessageSid": "SM1", "MessageStatus": s}).encode())[0] for s in ("delivered", "sent", "queued")
    ]

    assert further(further(reports[0].delivery, reports[1].delivery), reports[2].delivery) is Delivery.DELIVERED


@pytest.mark.parametrize(
    "raw",
    [
        b"MessageSid=SM1&MessageStatus=levitating",
        b"MessageSid=SM1&Body=hola",
        b"MessageSid=SM1&NumMedia=99999999999999999999&From=%2B1&Body=%00%ED%A0%80",
        b"MessageSid=SM1&NumMedia=%D9%A1&From=%2B1&Body=x",
        b"a=b&" * 2000,
        b'{"sid": "SM1", "direction": "inbound"}',
        b'{"sid": "SM1", "direction": "inbound", "from": "+1", "body": null, "date_sent": "Tue, 99 Foo 2026"}',
        b'{"sid": null}',
    ],
)
def test_hostile_forms_and_resources_are_kept_or_heard(channel, raw):
    for said in channel.parse(raw):
        assert isinstance(said, Incoming | Unreadable | Report)
        assert storable(said)


# Reading back


async def test_what_was_posted_to_us_in_vain_is_read_back_once(channel, server, clock):
    server.say("uno", date_sent=ago(days=3))
    server.say("dos", date_sent=ago(minutes=2))
    heard, place = await everything(channel, None)
    clock.move(timedelta(minutes=1))
    server.say("tarde", date_sent=ago(minutes=30))  # shown late

    later, _ = await everything(channel, place)

    assert [m.text for m in heard + later] == ["uno", "dos", "tarde"]


async def test_the_first_reading_goes_back_some_days_and_not_for_ever(channel, server):
    server.say("vieja", date_sent=ago(days=8))
    server.say("nueva", date_sent=ago(days=6))

    assert [m.text for m in (await everything(channel, None))[0]] == ["nueva"]


async def test_pages_are_followed_to_their_end(channel, server):
    server.page_size = 3
    for number in range(10):
        server.say(str(number), date_sent=ago(minutes=20 - number))

    assert [m.text for m in (await everything(channel, None))[0]] == [str(n) for n in range(10)]


async def test_a_report_that_was_never_posted_is_found_and_our_own_words_are_not_heard(channel, server, clock):
    receipt = await channel.deliver(a_part(to=HANDLE, text="hola"), "once-1")
    first = (await channel.pull(None)).events
    server.messages[-1] |= {"status": "undelivered", "error_code": 30003, "error_message": "Unreachable destination handset"}

    events = (await channel.pull(None)).events

    assert [(r.of, r.delivery) for r in first] == [(receipt.key, Delivery.QUEUED)]
    assert [(r.of, r.delivery, r.reason) for r in events] == [
        (receipt.key, Delivery.FAILED, "30003 Unreachable destination handset")
    ]


async def test_files_of_a_message_that_is_read_are_asked_for(channel, server):
    message = server.say("foto", num_media="1")
    server.media[message["sid"]] = [{"sid": "ME1", "content_type": "image/png"}]

    [heard] = (await channel.pull(None)).events

    url = f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/{message['sid']}/Media/ME1"
    assert heard.media == (Media("file 1", "image/png", url=url),)


async def test_a_message_whose_files_are_gone_still_stands(channel, server):
    server.say("foto", num_media="1")

    [heard] = (await channel.pull(None)).events

    assert (heard.text, heard.media) == ("foto", ())


async def test_a_messaging_service_hears_its_own_messages_only(server, clock):
    channel = opened(server, clock, number=SERVICE)
    server.say("para otro")
    server.say("para el servicio", messaging_service_sid=SERVICE)

    assert [m.text for m in (await channel.pull(None)).events] == ["para el servicio"]


@pytest.mark.parametrize(
    "failing", [httpx.ReadTimeout("no"), httpx.Response(500), httpx.Response(429), httpx.Response(200, content=b"x")]
)
async def test_a_reading_that_fails_is_repeated_from_the_same_place(channel, server, failing):
    server.say("uno")
    server.fails = [failing]

    with pytest.raises(Unavailable):
        await channel.pull(None)

    assert [m.text for m in (await channel.pull(None)).events] == ["uno"]


# Sending


async def test_a_message_is_as_the_networks_description_wants_it(channel, server):
    document = description("twilio/twilio_api_v2010.json")
    await channel.probe()
    await channel.deliver(a_part(to=HANDLE, text="Lo miramos ya."), "once-1")
    await channel.pull(None)

    made = operation(document, "POST", server.heard[1].url.path)
    form = {name: values[0] for name, values in parse_qs(server.heard[1].content.decode()).items()}
    schema = made["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert form == {"To": ANA, "Body": "Lo miramos ya.", "From": NUMBER, "StatusCallback": URL}
    assert set(form) <= set(schema["properties"])
    assert faults(document, schema, form) == []
    for request in server.heard:
        told = operation(document, request.method, request.url.path)
        assert set(request.url.params) <= {p["name"] for p in told.get("parameters", [])}


async def test_the_fake_answers_as_the_networks_description_says(channel, server):
    document = description("twilio/twilio_api_v2010.json")
    await channel.deliver(a_part(to=HANDLE), "once-1")
    server.say("hola")

    schema = document["components"]["schemas"]["api.v2010.account.message"]
    for message in server.messages:
        told = {name: value for name, value in message.items() if value is not None}
        assert set(message) <= set(schema["properties"])
        assert faults(document, schema, told) == []


async def test_a_service_sends_under_its_own_name_and_without_an_address_no_report_is_asked_for(server, clock):
    await opened(server, clock, number=SERVICE, url="").deliver(a_part(to=HANDLE), "once-1")

    form = parse_qs(server.heard[0].content.decode())
    assert form["MessagingServiceSid"] == [SERVICE]
    assert not {"From", "StatusCallback"} & set(form)


@pytest.mark.parametrize(
    ("failing", "error"),
    [
        (httpx.ConnectTimeout("no"), Unavailable),
        (httpx.ReadTimeout("no"), OutcomeUnknown),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(503), Unavailable),
        (httpx.Response(201, content=b"<html>"), OutcomeUnknown),
        (httpx.Response(429, json={"code": 20429, "message": "Too Many Requests"}), Unavailable),
    ],
    ids=str,
)
async def test_what_a_failed_sending_means(channel, server, failing, error):
    server.fails = [failing]

    with pytest.raises(error):
        await channel.deliver(a_part(to=HANDLE), "once-1")


async def test_who_unsubscribed_at_twilio_is_refused_in_its_words(channel):
    with pytest.raises(Refused, match="unsubscribed recipient"):
        await channel.deliver(a_part(to="smstwilio:+34600000000"), "once-1")


async def test_who_asked_us_to_stop_is_not_written_to(server, clock):
    async def stopped(handle):
        return handle == HANDLE

    channel = opened(server, clock, stopped)
    answer = channel.eligible(Op.REPLY, Exchange(HANDLE, Reach.PRIVATE, NOW, stopped_at=NOW), NOW)

    with pytest.raises(Refused, match="stop"):
        await channel.deliver(a_part(to=HANDLE), "once-1")

    assert (answer.allowed, server.heard) == (False, [])


async def test_an_sms_is_never_public(channel):
    with pytest.raises(Refused, match="private"):
        await channel.deliver(a_part(to=HANDLE, reach=Reach.PUBLIC), "once-1")


async def test_a_message_that_twilio_took_silently_is_found_and_an_older_one_is_not(channel, server, clock):
    server._add(
        {"direction": "outbound-api", "from": NUMBER, "to": ANA, "body": "hola", "status": "sent"}, NOW - timedelta(hours=1)
    )
    part = a_part(to=HANDLE, text="hola")
    with pytest.raises(Unavailable):
        await channel.locate(part, "once-1", NOW)
    waiting = {"direction": "outbound-api", "from": NUMBER, "to": ANA, "body": "hola", "status": "queued", "date_sent": None}
    taken = server._add(waiting)

    assert await channel.locate(part, "once-1", NOW) == taken["sid"]


@pytest.mark.parametrize(
    ("text", "segments", "because"),
    [("x" * 160, 1, False), ("x" * 161, 2, False), ("ñ" * 160, 1, False), ("á" * 70, 1, True), ("á" * 71, 2, True)],
)
def test_what_it_costs_is_known_before_it_is_approved(server, clock, text, segments, because):
    fitted = opened(server, clock, price="0.05 EUR").fit(text, Reach.PRIVATE, HANDLE)

    assert (len(fitted.parts), fitted.cost) == (1, Price(round(0.05 * segments, 4), "EUR"))
    assert str(segments) in fitted.notes[0].en
    assert any("á" in note.es for note in fitted.notes) is because


async def test_a_closed_account_is_the_health_sentence(channel, server):
    server.status = "suspended"

    probe = await channel.probe()

    assert (probe.works, "suspended" in probe.health.en) == (False, True)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"sid": "AC1"}, "AC and 32 hexadecimal"),
        ({"number": "six hundred"}, "must look like"),
        ({"price": "cheap"}, "must look like 0.05 EUR"),
        ({"days": "many"}, "must be a number"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_its_cure(server, clock, settings, reason):
    with pytest.raises(BadInput, match=reason):
        opened(server, clock, **settings)
