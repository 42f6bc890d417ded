"""What the e-mail channel allows, says of itself, and does where the reader of mails cannot be started."""

from datetime import timedelta

import pytest

from channels.fake_imap import FakeImap
from contracts.channel import NOW, a_part
from rapport.channels.channel import Exchange, Means, Op
from rapport.channels.email.channel import open_email
from rapport.channels.email.parse import BOUNCER
from rapport.channels.email.smtp import Sender, written
from rapport.channels.sandbox import Sandbox
from rapport.clock import FakeClock
from rapport.errors import OutcomeUnknown, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach
from rapport.model.news import Delivery, Report

SETTINGS = {"address": "care@acme.test", "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1", "password": "x"}
PLAIN = {"imap_security": "none", "smtp_security": "none"}
BOUNCE = (
    b"From: MAILER-DAEMON@mx.example.org\r\nMessage-ID: <r1@mx.example.org>\r\nSubject: Returned mail\r\n\r\n"
    b"Message-ID: <rapport.0192f0@acme.test>\r\n"
)


def a_channel(sandbox, **settings):
    account = Account("care", "email", settings=SETTINGS | PLAIN | settings)
    return open_email(account, Means(FakeClock(NOW), str, None, sandbox))


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize(
    ("op", "address", "automatic", "allowed"),
    [
        (Op.REPLY, "ana@example.org", False, True),
        (Op.REPLY, "ana@example.org", True, False),
        (Op.SEND_NEW, "ana@example.org", True, True),
        (Op.REPLY, BOUNCER, False, False),
        (Op.REPLY, "no-reply@shop.example", False, False),
        (Op.SEND_NEW, "bounce+17@list.example", False, False),
        (Op.REPLY, "noreen@example.org", False, True),
    ],
)
def test_nothing_goes_to_a_machine_or_to_nobody(sandbox, op, address, automatic, allowed):
    answer = a_channel(sandbox).eligible(op, Exchange(f"email:{address}", Reach.PRIVATE, NOW, automatic), NOW)

    assert answer.allowed is allowed
    assert allowed or (answer.reason.es and answer.reason.en)


def test_a_mail_that_came_back_is_news_and_not_a_message(sandbox):
    [report] = a_channel(sandbox).parse(BOUNCE)

    assert report == Report("<r1@mx.example.org>", "<rapport.0192f0@acme.test>", Delivery.FAILED, NOW, "Returned mail")


def test_what_we_send_says_that_no_machine_need_answer_it():
    mail = written(a_part(to="ana@example.org"), "1", Sender("care@acme.test"), NOW)

    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("no", "OOF, AutoReply")


@pytest.mark.anyio
async def test_a_good_mail_waits_where_no_reader_can_be_started(sandbox):
    broken = Sandbox(("/nowhere/python",))
    mail = b"From: ana@example.org\r\nMessage-ID: <m1@example.org>\r\n\r\nhola"

    async with FakeImap({1: mail}).running() as server:
        waiting, reading = (a_channel(box, imap_port=str(server.port)) for box in (broken, sandbox))
        with pytest.raises(Unavailable):
            await waiting.pull(None)
        page = await reading.pull(None)
        await waiting.aclose()
        await reading.aclose()

    assert [(type(e), e.text) for e in page.events] == [(Incoming, "hola")]


@pytest.mark.anyio
async def test_what_was_sent_is_looked_for_over_a_line_of_its_own(sandbox):
    """A mailbox that is just being read, slowly, does not keep an answer waiting."""
    async with FakeImap({1: b"From: a@b.example\r\n\r\n" + b"x" * 100_000}, pause=0.05).running() as server:
        channel = a_channel(sandbox, imap_port=str(server.port))
        reading = channel.mailbox._turn
        await reading.acquire()

        assert await channel.locate(a_part(), "1", NOW - timedelta(minutes=5)) is None
        reading.release()


@pytest.mark.anyio
async def test_without_a_copy_nobody_can_say_that_a_mail_did_not_go_out(sandbox):
    async with FakeImap().running() as server:
        channel = a_channel(sandbox, imap_port=str(server.port), copy="no")

        with pytest.raises(OutcomeUnknown):
            await channel.locate(a_part(), "1", NOW - timedelta(minutes=5))
