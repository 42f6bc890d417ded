"""Reports of mail servers: what became of a mail of ours, found by its name, whatever form the report has."""

from datetime import UTC, datetime

import msgspec
import pytest

from rapport.channels.email.parse import Letter, Opened, read_mail
from rapport.model.news import Delivery

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
OWN = "care@acme.test"
OURS = "<rapport.0192f0c1d2e3@acme.test>"
REPORT = """Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: care@acme.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-1@mx.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

I am sorry to have to inform you.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

{statuses}
--x
Content-Type: {enclosed}

From: care@acme.test
Message-ID: {name}
Subject: Re: Pedido

--x--
"""


def opened(text):
    letter = Letter(text.replace("\n", "\r\n").encode(), NOW, OWN)
    return msgspec.msgpack.decode(read_mail(msgspec.msgpack.encode(letter)), type=Opened)


def status(action, recipient="ana@example.org", code="5.1.1", words="550 no such user"):
    return f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {code}\nDiagnostic-Code: smtp; {words}\n   here\n"


def a_report(*statuses, name=OURS, enclosed="message/rfc822"):
    return opened(REPORT.format(statuses="\n".join(statuses), name=name, enclosed=enclosed))


@pytest.mark.parametrize("enclosed", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_came_back_is_a_report_by_its_name_with_the_servers_words(enclosed):
    found = a_report(status("failed"), enclosed=enclosed)

    assert found.message is None
    assert (found.report.key, found.report.of, found.report.at) == ("<report-1@mx.example.org>", OURS, NOW)
    assert (found.report.delivery, found.report.reason) == (Delivery.FAILED, "5.1.1 550 no such user here")


@pytest.mark.parametrize(
    ("action", "delivery"),
    [
        ("delayed", Delivery.SENT),
        ("relayed", Delivery.SENT),
        ("expanded", Delivery.SENT),
        ("delivered", Delivery.DELIVERED),
        ("FAILED (bad address)", Delivery.FAILED),
    ],
)
def test_what_became_of_it_is_the_servers_action(action, delivery):
    assert a_report(status(action)).report.delivery is delivery


def test_that_our_own_copy_came_back_says_nothing_of_the_customers_mail():
    found = a_report(status("failed", recipient=OWN))

    assert found.report is None
    assert found.message.automatic


def test_of_several_recipients_our_own_copy_is_left_out():
    found = a_report(status("delayed"), status("failed", recipient=OWN))

    assert found.report.delivery is Delivery.SENT


@pytest.mark.parametrize("name", ["<other@example.org>", "<rapport.0192f0c1d2e3@example.org>"])
def test_a_report_about_a_mail_that_is_not_ours_is_a_message_of_a_machine(name):
    found = a_report(status("failed"), name=name)

    assert found.report is None
    assert found.message.automatic


def test_a_server_that_reports_in_prose_is_understood_by_the_headers_it_quotes():
    found = opened(
        "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\nX-Failed-Recipients: ana@example.org\n"
        "Subject: Mail delivery failed: returning message to sender\n\nThis is a copy of the message\n\n"
        f"> From: care@acme.test\n> Message-Id: {OURS}\n"
    )

    assert (found.report.of, found.report.delivery) == (OURS, Delivery.FAILED)
    assert found.report.reason == "Mail delivery failed: returning message to sender"


def test_an_absence_note_is_no_failure_though_it_answers_our_mail():
    found = opened(
        f"Return-Path: <>\nFrom: Ana <ana@example.org>\nIn-Reply-To: {OURS}\nAuto-Submitted: auto-replied\n\n"
        "Estoy de vacaciones"
    )

    assert found.report is None
    assert (found.message.automatic, found.message.text) == (True, "Estoy de vacaciones")


def test_that_a_mail_was_opened_is_a_report_too():
    found = opened(
        "From: Ana <ana@example.org>\nMessage-ID: <mdn@example.org>\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="x"\n\n--x\n'
        f"Content-Type: message/disposition-notification\n\nOriginal-Message-ID: {OURS}\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n--x--\n"
    )

    assert (found.report.of, found.report.delivery) == (OURS, Delivery.READ)


def test_that_somebody_complains_about_our_mail_is_a_message_and_no_failure():
    found = opened(
        "From: abuse@example.org\nMessage-ID: <arf@example.org>\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="x"\n\n--x\n\nThis is a complaint.\n--x\n'
        f"Content-Type: message/rfc822\n\nMessage-ID: {OURS}\n\n--x--\n"
    )

    assert found.report is None
    assert "complaint" in found.message.text
