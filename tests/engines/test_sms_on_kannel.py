"""The SMS channel with a real Kannel: bearerbox, smsbox, and fakesmsc as the telephones of those who write."""

import dataclasses
import uuid
from functools import reduce

import anyio
import pytest

from contracts.channel import ChannelContract, a_part
from engines.door import open_door, wait_for
from engines.servers_texting import kannel
from rapport.channels.channel import Means
from rapport.channels.sms.channel import GOODBYE, WELCOME, open_sms
from rapport.channels.sms.text import segments
from rapport.clock import SystemClock
from rapport.errors import OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Delivery, Report, further

pytestmark = pytest.mark.anyio
MARIA = "sms:+5215512345678"


@pytest.fixture(scope="module")
def door():
    with open_door() as door:
        yield door


@pytest.fixture(scope="module")
def gateway(folder, door):
    with kannel(folder / "kannel", door.url, "a-token-of-its-own") as gateway:
        gateway.phone.say("hola")  # from now on it is switched on
        yield gateway


@pytest.fixture
def phone(gateway):
    return gateway.phone


@pytest.fixture
def stopped():
    """The handles of those who asked us to stop, as the record would say."""
    return set()


@pytest.fixture
def settings(gateway, door):
    return {
        "number": "2345",
        "url": gateway.url,
        "user": gateway.user,
        "password": "secret:password",
        "token": gateway.token,
        "callback": door.url,
    }


@pytest.fixture
def channel(settings, means, door, stopped):
    async def has_stopped(handle):
        return handle in stopped

    all_means = Means(means.clock, means.secret, means.http, means.sandbox, stopped=has_stopped)
    channel = open_sms(Account("acme", "sms", settings=settings), all_means)
    door.channel, door.events = channel, []
    return channel


def part(text, **changes):
    return a_part(**({"to": MARIA, "text": text} | changes))


def messages(door, count):
    """The messages that were heard, once there are so many; what else came then is an error."""

    def found():
        return [event for event in door.events if isinstance(event, Incoming | Unreadable)]

    return wait_for(lambda: found() if len(found()) >= count else None) or found()


def reports_of(door, key, count):
    def found():
        return [event for event in door.events if isinstance(event, Report) and event.of == key]

    return wait_for(lambda: found() if len(found()) >= count else None) or found()


async def off_loop(call, *arguments):
    return await anyio.to_thread.run_sync(call, *arguments)


class TestSmsChannel(ChannelContract):
    @pytest.fixture
    def channel(self, channel):
        return channel

    @pytest.fixture
    def to(self):
        return MARIA

    @pytest.fixture
    def write(self, phone):
        return phone.say  # what comes is pushed: the tests that pull do not apply

    @pytest.fixture
    def arrived(self, phone):
        async def arrived(text):
            await off_loop(wait_for, lambda: text in phone.got())
            return phone.got().count(text)

        return arrived


@pytest.mark.parametrize("text", ["Mi pedido llego roto", "Mi pedido llegó roto 😀, ¿qué hago?"], ids=["GSM-7", "UCS-2"])
async def test_what_a_person_writes_is_heard_once_with_their_number(channel, phone, door, text):
    await off_loop(phone.say, text)

    [heard] = await off_loop(messages, door, 1)

    assert (heard.handle, heard.text, heard.reach) == (MARIA, text, Reach.PRIVATE)
    assert abs((SystemClock().now() - heard.at).total_seconds()) < 30


async def test_a_message_that_a_telephone_sends_in_parts_is_one_message(channel, phone, door):
    await off_loop(phone.say_in_parts, "Pedi un modem ", "y llego ", "un florero")

    heard = await off_loop(messages, door, 1)

    assert [message.text for message in heard] == ["Pedi un modem y llego un florero"]


async def test_a_call_that_we_could_not_take_is_made_again_under_the_same_name(channel, phone, door):
    door.closed = 2

    await off_loop(phone.say, "Nadie contesta")
    heard = await off_loop(messages, door, 1)

    assert [message.text for message in heard] == ["Nadie contesta"]
    assert door.closed == 0


@pytest.mark.parametrize(
    "text",
    [
        "Señor Ñandü: ¿qué? 70 €",
        "Hola María, lo miramos ya 😀",
        "Uno y dos [ñ] € " * 20,
        "María envió la factura " * 15,
    ],
    ids=["GSM-7", "UCS-2", "GSM-7 in several", "UCS-2 in several"],
)
async def test_an_answer_arrives_as_it_was_written_in_as_many_messages_as_were_counted(channel, phone, text):
    [fitted] = channel.fit(text, Reach.PRIVATE, MARIA).parts
    before = phone.pieces()

    await channel.deliver(part(fitted), uuid.uuid4().hex)

    assert await off_loop(wait_for, lambda: fitted in phone.got()), phone.got()[-1:]
    assert phone.pieces() - before == segments(fitted)


async def test_the_longest_part_that_is_allowed_arrives_whole(channel, phone):
    limit = channel.capabilities.text_limit
    longest = ("á" * (limit // 2), "x€" * (limit // 3))

    for text in longest:
        await channel.deliver(part(text), uuid.uuid4().hex)

    assert await off_loop(wait_for, lambda: set(longest) <= set(phone.got()))


async def test_delivery_reports_come_for_each_part_and_end_alike_in_any_order(channel, phone, door):
    receipts = [await channel.deliver(part(f"Parte {number}"), uuid.uuid4().hex) for number in range(10)]

    reports = {receipt.key: await off_loop(reports_of, door, receipt.key, 2) for receipt in receipts}

    orders = {tuple(report.delivery for report in found) for found in reports.values()}
    assert orders <= {(Delivery.SENT, Delivery.DELIVERED), (Delivery.DELIVERED, Delivery.SENT)}
    assert {reduce(further, order) for order in orders} == {Delivery.DELIVERED}
    print(f"orders seen: {sorted('+'.join(order) for order in orders)}")


async def test_stop_is_answered_once_then_refused_until_start_takes_it_back(channel, phone, door, stopped):
    for word in ("BAJA", "STOP"):
        await off_loop(phone.say, word, "5215500000001")
    await off_loop(messages, door, 2)
    stopped.add("sms:+5215500000001")
    assert await off_loop(wait_for, lambda: GOODBYE in phone.got())
    with pytest.raises(Refused, match="asked us to stop"):
        await channel.deliver(part("Una oferta", to="sms:+5215500000001"), uuid.uuid4().hex)

    await off_loop(phone.say, "ALTA", "5215500000001")
    await off_loop(messages, door, 3)
    stopped.clear()
    await channel.deliver(part("Gracias por volver", to="sms:+5215500000001"), uuid.uuid4().hex)

    assert await off_loop(wait_for, lambda: "Gracias por volver" in phone.got())
    assert [text for text in phone.got() if text in (GOODBYE, WELCOME, "Una oferta")] == [GOODBYE, WELCOME]


async def test_an_ordinary_message_is_answered_by_nobody_but_us(channel, phone, door):
    before = phone.pieces()

    await off_loop(phone.say, "Donde esta mi pedido", "5215500000002")
    await off_loop(messages, door, 1)
    await anyio.sleep(0.5)

    assert phone.pieces() == before


async def test_a_caller_without_our_token_is_turned_away(channel, door, means):
    before = len(door.rejected)

    answer = await means.http.post(f"{door.url}?token=wrong&id=1&from=5215512345678", content=b"hola")

    assert answer.status_code == 403
    assert door.events == []
    assert len(door.rejected) == before + 1


async def test_a_wrong_password_is_told_and_nothing_goes_out(settings, means):
    means = Means(means.clock, {"password": "wrong"}.__getitem__, means.http, means.sandbox)
    channel = open_sms(Account("acme", "sms", settings=settings), means)

    probe = await channel.probe()

    assert not probe.works
    with pytest.raises(Refused, match="403"):
        await channel.deliver(part("hola"), "once")


async def test_what_a_silent_gateway_took_is_unknown_until_a_report_names_it(channel, gateway, phone, door):
    channel.kannel = dataclasses.replace(channel.kannel, timeout=1.0)
    gateway.freeze()
    try:
        with pytest.raises(OutcomeUnknown):
            await channel.deliver(part("Quizá llegue"), "once-unknown")
    finally:
        gateway.thaw()

    reports = await off_loop(reports_of, door, "once-unknown", 2)

    assert reduce(further, (report.delivery for report in reports)) is Delivery.DELIVERED
    assert phone.got().count("Quizá llegue") == 1


async def test_a_gateway_that_is_not_there_took_nothing(settings, means):
    channel = open_sms(Account("acme", "sms", settings=settings | {"url": "http://127.0.0.1:9/cgi-bin/sendsms"}), means)

    with pytest.raises(Unavailable):
        await channel.deliver(part("hola"), "once")
