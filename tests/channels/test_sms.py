"""The SMS channel against a gateway that does what Kannel was seen to do; the real one is in tests/engines."""

from datetime import UTC, datetime, timedelta
from functools import reduce

import httpx
import msgspec
import pytest

from channels.fake_kannel import PASSWORD, TOKEN, USER, FakeKannel
from contracts.channel import NOW, ChannelContract, a_part
from rapport.channels.channel import Exchange, Means, Op, Price, Probe
from rapport.channels.sms.channel import GOODBYE, WELCOME, open_sms
from rapport.channels.sms.parse import number_of
from rapport.channels.sms.text import segments
from rapport.channels.webhook import Rejected, Verified
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Delivery, Report, further

pytestmark = pytest.mark.anyio
MARIA = "sms:+5215512345678"
SETTINGS = {
    "number": "2345",
    "url": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "user": USER,
    "password": PASSWORD,
    "token": TOKEN,
    "callback": "https://rapport.example/hook",
}


@pytest.fixture
def gateway():
    return FakeKannel()


@pytest.fixture
def stopped():
    """The handles of those who asked us to stop, as the record would say."""
    return set()


def opened(gateway, stopped=(), **changes):
    async def has_stopped(handle):
        return handle in stopped

    means = Means(FakeClock(NOW), str, gateway.http, None, stopped=has_stopped)
    return open_sms(Account("acme", "sms", settings=SETTINGS | changes), means)


@pytest.fixture
def channel(gateway, stopped):
    return opened(gateway, stopped)


def to_maria(text="Lo miramos ya.", **changes):
    return a_part(**({"to": MARIA, "text": text} | changes))


def heard(channel, call):
    """What one call says, as the web server and the worker find it."""
    verified = channel.verify(call, NOW)
    assert isinstance(verified, Verified), verified
    return [event for raw in verified.raw for event in channel.parse(raw)]


class TestSmsChannel(ChannelContract):
    @pytest.fixture
    def channel(self, channel):
        return channel

    @pytest.fixture
    def to(self):
        return MARIA

    @pytest.fixture
    def write(self, gateway):
        return gateway.message  # what comes is pushed: the tests that pull do not apply

    @pytest.fixture
    def arrived(self, gateway):
        async def arrived(text):
            return sum(sent == text for _, sent, _ in gateway.taken)

        return arrived


@pytest.mark.parametrize("text", ["Mi pedido llegó roto 😀", "Mi pedido llego roto"])
def test_a_message_says_who_wrote_what_and_when(channel, gateway, text):
    call = gateway.message(text)

    [message] = heard(channel, call)

    assert message == Incoming(
        key="7f0c-1", handle=MARIA, text=text, reach=Reach.PRIVATE, at=datetime.fromtimestamp(1794823200, UTC)
    )


def test_a_message_that_is_no_text_is_kept_with_its_bytes_and_its_sender(channel, gateway):
    call = msgspec.structs.replace(gateway.message("x", coding="1", charset="8-BIT"), body=b"\xe1\0\xff")

    [kept] = heard(channel, call)

    assert isinstance(kept, Unreadable)
    assert kept.handle == MARIA
    assert "no text" in kept.reason
    assert b"4QD/" in kept.raw  # the three bytes in base64


def test_bytes_that_are_not_of_the_alphabet_they_name_are_kept(channel, gateway):
    call = msgspec.structs.replace(gateway.message("x"), body=b"caf\xe9")

    [kept] = heard(channel, call)

    assert isinstance(kept, Unreadable)


def test_the_same_message_called_twice_has_one_key(channel, gateway):
    call = gateway.message("hola")

    assert heard(channel, call)[0].key == heard(channel, call)[0].key


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("5215512345678", "+5215512345678"),
        ("+52 (155) 1234-5678", "+5215512345678"),
        ("0034600111222", "+34600111222"),
        ("2345", "2345"),
        ("MIBANCO", "MIBANCO"),
        ("١٢٣٤٥٦٧٨٩", "١٢٣٤٥٦٧٨٩"),
    ],
)
def test_a_number_is_written_in_one_way(name, number):
    assert number_of(name) == number


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"token": "another-token-here"}, "token"),
        ({"token": ""}, "token"),
        ({"peer": "192.0.2.7"}, "may not call"),
        ({"peer": ""}, "not known"),
        ({"id": ""}, "neither"),
    ],
)
def test_a_call_that_is_not_the_gateways_is_rejected(channel, gateway, changes, reason):
    answer = channel.verify(gateway.message("hola", **changes), NOW)

    assert isinstance(answer, Rejected)
    assert reason in answer.reason


def test_a_network_of_addresses_may_be_let_in(gateway):
    channel = opened(gateway, addresses="10.0.0.0/8 2001:db8::/32")

    assert isinstance(channel.verify(gateway.message("hola", peer="10.4.5.6"), NOW), Verified)
    assert isinstance(channel.verify(gateway.message("hola", peer="::ffff:10.4.5.6"), NOW), Verified)
    assert isinstance(channel.verify(gateway.message("hola", peer="127.0.0.1"), NOW), Rejected)


async def test_reports_name_the_part_and_come_to_the_same_end_in_any_order(channel, gateway):
    receipt = await channel.deliver(to_maria(), "01J-part-1")

    reports = [*heard(channel, gateway.report(1)), *heard(channel, gateway.report(8, why="ACK/"))]

    assert [(r.of, r.delivery) for r in reports] == [(receipt.key, Delivery.DELIVERED), (receipt.key, Delivery.SENT)]
    assert reduce(further, (r.delivery for r in reports)) is Delivery.DELIVERED
    assert len({r.key for r in reports}) == 2


async def test_a_part_that_failed_says_why_in_the_networks_words(channel, gateway):
    await channel.deliver(to_maria(), "01J-part-1")

    [report] = heard(channel, gateway.report(2, why="absent+subscriber"))

    assert isinstance(report, Report)
    assert (report.delivery, report.reason) == (Delivery.FAILED, "absent subscriber")


async def test_a_report_of_a_kind_that_nobody_knows_is_kept(channel, gateway):
    await channel.deliver(to_maria(), "01J-part-1")

    [kept] = heard(channel, gateway.report(99))

    assert isinstance(kept, Unreadable)


async def test_without_a_callback_no_reports_are_asked_for(gateway):
    channel = opened(gateway, callback="")

    await channel.deliver(to_maria(), "01J-part-1")

    assert gateway.report_to == [""]
    assert channel.capabilities.reports == frozenset()


@pytest.mark.parametrize("word", ["STOP", "alto", " Baja. ", "CANCEL", "¡Alto!", "Unsubscribe"])
def test_a_word_that_asks_to_stop_is_answered_once(channel, gateway, word):
    call = gateway.message(word)

    first = channel.verify(call, NOW)
    asked_again_by_the_gateway = channel.verify(call, NOW)
    said_again_by_the_person = channel.verify(gateway.message("stop"), NOW)

    assert first.answer.decode() == asked_again_by_the_gateway.answer.decode() == GOODBYE
    assert said_again_by_the_person.answer == b""
    assert [m.text for m in channel.parse(first.raw[0])] == [word]  # it is heard like every message


def test_a_word_that_takes_it_back_is_answered_and_stopping_again_is_answered_again(channel, gateway):
    answers = [channel.verify(gateway.message(word), NOW).answer.decode() for word in ("BAJA", "ALTA", "STOP")]

    assert answers == [GOODBYE, WELCOME, GOODBYE]


async def test_who_asked_us_to_stop_is_not_written_to_until_they_take_it_back(channel, gateway, stopped):
    exchange = Exchange(MARIA, Reach.PRIVATE, NOW - timedelta(minutes=1), stopped_at=NOW)
    stopped.add(MARIA)

    with pytest.raises(Refused, match="asked us to stop"):
        await channel.deliver(to_maria(), "01J-part-1")
    assert gateway.taken == []
    for op in (Op.REPLY, Op.SEND_DIRECT, Op.SEND_NEW):
        answer = channel.eligible(op, exchange, NOW)
        assert not answer.allowed
        assert "ALTA" in answer.reason.es
        assert "START" in answer.reason.en

    stopped.clear()
    await channel.deliver(to_maria(), "01J-part-1")
    assert channel.eligible(Op.REPLY, msgspec.structs.replace(exchange, stopped_at=None), NOW).allowed


async def test_a_sender_that_is_a_word_cannot_be_answered(channel):
    assert not channel.eligible(Op.REPLY, Exchange("sms:MIBANCO", Reach.PRIVATE, NOW), NOW).allowed
    with pytest.raises(Refused, match="not a number"):
        await channel.deliver(to_maria(to="sms:MIBANCO"), "once")


@pytest.mark.parametrize(
    ("text", "count"),
    [  # 3GPP TS 23.038 and 23.040: 160 or 70 alone, 153 or 67 when joined; an extended sign takes two septets
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("ñ" * 160, 1), ("€" * 80, 1), ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 153, 3), ("á" * 70, 1), ("á" * 71, 2), ("á" * 134, 2), ("á" * 135, 3), ("😀" * 35, 1),
        ("á" * 66 + "😀" + "á" * 66, 3), ("", 1),
    ],
)  # fmt: skip
def test_messages_are_counted_as_the_standard_does(text, count):
    assert segments(text) == count


def test_one_accent_shows_what_it_costs_before_approval(gateway):
    channel = opened(gateway, price="0.05 EUR")

    with_accent = channel.fit("a" * 100 + "í", Reach.PRIVATE, MARIA)
    without = channel.fit("a" * 100 + "ñ", Reach.PRIVATE, MARIA)

    assert (with_accent.cost, without.cost) == (Price(0.1, "EUR"), Price(0.05, "EUR"))
    assert [note.en for note in with_accent.notes] == [
        "It counts as 2 SMS.",
        "With “í” one SMS holds 70 characters, without 160.",
    ]
    assert [note.es for note in without.notes] == ["Cuenta como 1 SMS."]


def test_typography_that_an_editor_put_in_does_not_make_it_dearer(channel):
    fitted = channel.fit("Dijo: “ya está”… — o no", Reach.PRIVATE, MARIA)
    plain = channel.fit("Dijo: “ya viene”… — o no", Reach.PRIVATE, MARIA)

    assert fitted.parts == ("Dijo: “ya está”… — o no",)  # the accent costs it anyway, so nothing is changed
    assert plain.parts == ('Dijo: "ya viene"... - o no',)
    assert "GSM" in plain.notes[1].en


async def test_a_text_goes_out_in_the_alphabet_that_it_needs(channel, gateway):
    await channel.deliver(to_maria("Señor ¿qué? €"), "one")
    await channel.deliver(to_maria("Lo envió María"), "two")

    assert [(number, coding) for number, _, coding in gateway.taken] == [("+5215512345678", "0"), ("+5215512345678", "2")]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(503, text="Temporal failure, try again later."), Unavailable),
        (httpx.Response(403, text="Authorization failed for sendsms"), Refused),
        (httpx.Response(400, text="Unsupported coding, rejected"), Refused),
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(200, text="<html>a portal</html>"), OutcomeUnknown),
        (httpx.ConnectError("refused"), Unavailable),
        (httpx.ReadTimeout("silence"), OutcomeUnknown),
    ],
)
async def test_what_the_gateway_answers_says_whether_it_may_have_gone_out(channel, gateway, answer, error):
    gateway.answers = [answer]

    with pytest.raises(error):
        await channel.deliver(to_maria(), "once")


@pytest.mark.parametrize("changes", [{"text": "a" * 2000}, {"reach": Reach.PUBLIC}])
async def test_what_an_sms_cannot_be_is_refused_before_anything_goes_out(channel, gateway, changes):
    with pytest.raises(Refused):
        await channel.deliver(to_maria(**changes), "once")
    assert gateway.taken == []


async def test_a_wrong_password_or_a_gateway_that_is_not_there_is_the_health_sentence(gateway):
    wrong = await opened(gateway, password="wrong").probe()
    gateway.answers = [httpx.ConnectError("refused")]
    gone = await opened(gateway).probe()

    assert isinstance(wrong, Probe)
    assert not wrong.works
    assert "Authorization failed" in wrong.health.en
    assert not gone.works


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"token": "short"}, "16 letters"),
        ({"url": "kannel:13013"}, "must look like"),
        ({"segments": "11"}, "must be 1 to 10"),
        ({"callback": "https://a.example/%d"}, "have no %"),
        ({"addresses": "everywhere"}, "must be like"),
        ({"price": "5 cents"}, "must look like 0.05 EUR"),
        ({"goodbye": "Adiós"}, "one SMS without"),
        ({"password": "contraseña"}, "ASCII"),
        ({"number": "23\n45"}, "ASCII"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_cure(gateway, changes, cure):
    with pytest.raises(BadInput, match=cure):
        opened(gateway, **changes)
