"""The e-mail channel with real servers: the brand's mailbox is ours, the customer writes with smtplib, swaks and imaplib."""

import contextlib
import email
import email.policy
import imaplib
import shutil
import smtplib
import time
import uuid
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import anyio
import pytest

from contracts.channel import ChannelContract, a_part, eventually, everything
from engines.servers import missing
from rapport.channels.channel import Exchange, Op, Page, Part
from rapport.channels.email.channel import open_email
from rapport.channels.email.smtp import mail_name
from rapport.errors import OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Reach, Unreadable
from rapport.model.news import Delivery, Report

pytestmark = pytest.mark.anyio
MARIA = "maria@maria.test"


@pytest.fixture
def address():
    """A mailbox of this test's own."""
    return f"care-{uuid.uuid4().hex[:8]}@acme.test"


@pytest.fixture
def settings(mail, address):
    return {
        "address": address,
        "name": "Acme, atención",
        "imap_host": mail.host,
        "imap_port": str(mail.imap_port),
        "imap_security": "none",
        "smtp_host": mail.host,
        "smtp_port": str(mail.smtp_port),
        "smtp_security": "none",
        "password": "secret:password",
    }


@pytest.fixture
def channel(settings, means):
    return open_email(Account("care", "email", settings=settings), means)


@pytest.fixture
def to():
    return f"email:{MARIA}"


def a_mail(to, text="hola", **headers):
    mail = EmailMessage()
    given = {"From": f"María <{MARIA}>", "To": to, "Subject": "Mi pedido", "Message-ID": f"<{uuid.uuid4().hex}@maria.test>"}
    for name, value in (given | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        mail[name] = value
    mail.set_content(text)
    return mail


def post(mail, message):
    with smtplib.SMTP(mail.host, mail.smtp_port) as line:
        line.send_message(message)


def mailbox_of(mail, address):
    """Every mail in somebody's mailbox, as their own program reads it."""
    with imaplib.IMAP4(mail.host, mail.imap_port) as line:
        line.login(address, mail.password)
        line.select("INBOX", readonly=True)
        _, found = line.search(None, "ALL")
        mails = [line.fetch(number, "(RFC822)")[1][0][1] for number in found[0].split()]
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in mails]


@pytest.fixture
def write(mail, address):
    async def write(text, **headers):
        message = a_mail(address, text, **headers)
        await anyio.to_thread.run_sync(post, mail, message)

        async def here():
            found = await anyio.to_thread.run_sync(mailbox_of, mail, address)
            return any(m["Message-ID"] == message["Message-ID"] for m in found)

        assert await eventually(here)
        return message["Message-ID"]

    return write


@pytest.fixture
def arrived(mail):
    async def arrived(text):
        async def count():
            mails = await anyio.to_thread.run_sync(mailbox_of, mail, MARIA)
            names = [m["Message-ID"] for m in mails if m.get_body(("plain",)).get_content().strip() == text]
            return len(set(names))  # copies of one name are one mail

        return await eventually(count)

    return arrived


class TestEmailChannel(ChannelContract):
    @pytest.fixture
    def channel(self, channel):
        return channel

    @pytest.fixture
    def to(self, to):
        return to

    @pytest.fixture
    def write(self, write):
        return write

    @pytest.fixture
    def arrived(self, arrived):
        return arrived

    @pytest.fixture
    def filed(self, mail, address):
        async def filed():
            async def files():
                mails = await anyio.to_thread.run_sync(mailbox_of, mail, MARIA)
                ours = {m["Message-ID"]: m for m in mails if address in str(m["From"])}  # copies of one name are one mail
                return [part.get_content() for m in ours.values() for part in m.iter_attachments()]

            return await eventually(files)

        return filed


async def test_an_answer_stands_in_the_thread_of_the_mail_that_it_answers(channel, write, mail, to):
    root = await write("No llegó mi pedido", Subject="Pedido 7712 ¿dónde está?")
    [heard], after = await everything(channel, None)

    part = Part("Lo buscamos.", heard.handle, Reach.PRIVATE, heard.key, heard.thread, heard.subject)
    receipt = await channel.deliver(part, uuid.uuid4().hex)

    async def got():
        mails = await anyio.to_thread.run_sync(mailbox_of, mail, MARIA)
        return [m for m in mails if m["Message-ID"] == receipt.key]

    [answer] = await eventually(got)
    assert answer["In-Reply-To"] == root
    assert answer["References"] == root
    assert answer["Subject"] == "Re: Pedido 7712 ¿dónde está?"
    assert answer["From"].addresses[0].display_name == "Acme, atención"
    assert answer.get_content().strip() == "Lo buscamos."


async def test_an_answer_to_our_answer_is_in_the_same_thread(channel, write, to):
    root = await write("No llegó mi pedido")
    [heard], after = await everything(channel, None)
    receipt = await channel.deliver(a_part(to=heard.handle, in_reply_to=heard.key, thread=heard.thread), uuid.uuid4().hex)

    quoted = "Sigue sin llegar\n\nEl lun, 16 nov 2026, Acme <care@acme.test> escribió:\n\n> Lo miramos ya.\n"
    await write(quoted, In_Reply_To=receipt.key, References=f"{root} {receipt.key}")
    second, _ = await everything(channel, after)

    assert [(m.text, m.thread, m.in_reply_to) for m in second] == [("Sigue sin llegar", root, receipt.key)]


async def test_the_copy_in_our_own_mailbox_is_not_heard_as_a_message(channel, mail, address, to):
    await channel.deliver(a_part(to=to), uuid.uuid4().hex)

    async def copied():
        return len(await anyio.to_thread.run_sync(mailbox_of, mail, address)) == 1

    assert await eventually(copied)
    assert (await channel.pull(None)).events == ()


async def test_a_hint_comes_within_seconds_of_a_mail(channel, mail, address):
    hints = channel.listen()
    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anext, hints)
            await anyio.sleep(0.5)
            started = time.monotonic()
            await anyio.to_thread.run_sync(post, mail, a_mail(address))

    assert time.monotonic() - started < 20
    await hints.aclose()


async def test_reading_leaves_the_mailbox_as_it_was(channel, write, mail, address):
    await write("hola")
    await everything(channel, None)

    with imaplib.IMAP4(mail.host, mail.imap_port) as line:
        line.login(address, mail.password)
        line.select("INBOX", readonly=True)
        _, unseen = line.search(None, "UNSEEN")

    assert unseen == [b"1"]


async def test_a_mailbox_that_numbers_its_mails_anew_is_read_again_and_no_mail_is_missed(channel, write):
    first = await write("antes")
    _, cursor = await everything(channel, None)
    await write("después")
    renumbered = cursor.replace(b'"validity":', b'"validity":9')

    heard, _ = await everything(channel, renumbered)

    assert [m.text for m in heard] == ["antes", "después"]
    assert heard[0].key == first


async def test_after_the_server_itself_renumbered_the_mailbox_no_mail_is_missed(channel, write, mail, address):
    first = await write("antes")
    _, cursor = await everything(channel, None)
    update = ["doveadm", "-c", str(mail.folder / "dovecot.conf"), "mailbox", "update", "-u", address]
    await anyio.run_process([*update, "--uid-validity", "99999", "INBOX"])
    last = await write("después")

    heard, after = await everything(channel, cursor)
    again, _ = await everything(channel, after)

    assert [m.key for m in heard] == [first, last]  # the ledger knows the first one by its key
    assert again == []


async def test_a_mail_that_comes_back_is_a_report_of_the_part_and_no_message(channel, mail):
    receipt = await channel.deliver(a_part(to="email:ana@gone.test"), uuid.uuid4().hex)

    async def returned():
        return (await channel.pull(None)).events

    reports = await eventually(returned, 60)

    assert len(reports) == 1, mail.said()
    [report] = reports
    assert isinstance(report, Report)
    assert (report.of, report.delivery) == (receipt.key, Delivery.FAILED)
    assert "no such user here" in report.reason


async def test_two_desks_that_answer_each_other_by_machine_come_to_an_end(channel, write, mail):
    """What went out says that nobody's machine is to answer it; what a machine answers all the same is not answered."""
    await write("Estoy de vacaciones", Auto_Submitted="auto-replied", Precedence="bulk")
    [note], _ = await everything(channel, None)
    exchange = Exchange(note.handle, note.reach, automatic=note.automatic)

    receipt = await channel.deliver(a_part(to=note.handle), uuid.uuid4().hex)

    async def got():
        mails = await anyio.to_thread.run_sync(mailbox_of, mail, MARIA)
        return [m for m in mails if m["Message-ID"] == receipt.key]

    [ours] = await eventually(got)
    assert (ours["Auto-Submitted"], ours["X-Auto-Response-Suppress"]) == ("no", "OOF, AutoReply")
    assert not channel.eligible(Op.REPLY, exchange, datetime.now(UTC)).allowed


async def test_attachments_come_with_their_bytes(channel, mail, address):
    message = a_mail(address, "Mire la foto")
    message.add_attachment(b"%PDF-1.4 factura", maintype="application", subtype="pdf", filename="factura ñ.pdf")
    post(mail, message)

    async def page() -> Page | None:
        page = await channel.pull(None)
        return page if page.events else None

    found = await eventually(page)
    [heard] = found.events
    [media] = heard.media
    assert (media.name, media.size) == ("factura ñ.pdf", 16)
    assert found.files[media.blob] == b"%PDF-1.4 factura"


async def test_an_absence_note_is_marked_as_written_by_a_machine(channel, write):
    await write("Estoy de vacaciones", Auto_Submitted="auto-replied")
    await write("Yo no")

    heard, _ = await everything(channel, None)

    assert [(m.text, m.automatic) for m in heard] == [("Estoy de vacaciones", True), ("Yo no", False)]


async def test_a_mail_by_swaks_is_heard(channel, mail, address):
    if shutil.which("swaks") is None:
        missing("swaks")
    command = ["swaks", "--to", address, "--from", MARIA, "--server", mail.host, "--port", str(mail.smtp_port)]
    await anyio.run_process([*command, "--header", "Subject: por swaks", "--body", "hola"])

    async def heard():
        return (await channel.pull(None)).events

    [message] = await eventually(heard)
    assert (message.handle, message.subject, message.text) == (f"email:{MARIA}", "por swaks", "hola")


async def test_a_mail_that_nobody_can_parse_is_kept_and_stops_nothing(channel, write, mail, address):
    def post_bomb():
        with smtplib.SMTP(mail.host, mail.smtp_port) as line:
            depth = "".join(f'--{n}\r\nContent-Type: multipart/mixed; boundary="{n + 1}"\r\n\r\n' for n in range(90))
            head = f'From: {MARIA}\r\nTo: {address}\r\nContent-Type: multipart/mixed; boundary="0"\r\n\r\n'
            line.sendmail(MARIA, [address], head + depth)

    await anyio.to_thread.run_sync(post_bomb)
    await write("yo sí")

    async def both():
        events = (await channel.pull(None)).events
        return events if len(events) == 2 else None

    bad, good = sorted(await eventually(both), key=lambda event: not isinstance(event, Unreadable))
    assert isinstance(bad, Unreadable)
    assert b"boundary" in bad.raw
    assert "nested" in bad.reason
    assert good.text == "yo sí"


async def test_a_domain_that_does_not_exist_is_refused_with_what_the_server_said(channel):
    with pytest.raises(Refused, match="550|554|5"):
        await channel.deliver(a_part(to="email:ana@nowhere.test"), uuid.uuid4().hex)


async def test_a_server_that_is_not_there_is_unavailable(settings, means):
    nowhere = open_email(Account("care", "email", settings=settings | {"imap_port": "9", "smtp_port": "9"}), means)

    with pytest.raises(Unavailable):
        await nowhere.pull(None)
    with pytest.raises(Unavailable):
        await nowhere.deliver(a_part(to=f"email:{MARIA}"), "once")
    assert not (await nowhere.probe()).works


async def test_a_wrong_password_is_said_in_the_probe_and_stops_reading(settings, means):
    wrong = open_email(Account("care", "email", settings=settings | {"password": "wrong"}), means)

    probe = await wrong.probe()

    assert not probe.works
    assert "password" in probe.health.en
    with pytest.raises(Refused):
        await wrong.pull(None)


async def test_after_a_line_cut_behind_the_text_the_mail_is_found_and_not_sent_again(channel, settings, means, mail, arrived):
    """A proxy swallows the server's last answer: the mail went out, and nobody told us."""
    once, text = uuid.uuid4().hex, f"Con corte {uuid.uuid4().hex}"
    part = a_part(to=f"email:{MARIA}", text=text)
    async with swallowing(mail.smtp_port) as port:
        cut = open_email(Account("care", "email", settings=settings | {"smtp_port": str(port)}), means)
        with pytest.raises(OutcomeUnknown):
            await cut.deliver(part, once)

    found = await eventually(lambda: located(channel, part, once))

    assert found == mail_name(once, channel.sender)
    assert await arrived(text) == 1


async def located(channel, part, once):
    return await channel.locate(part, once, datetime.now(UTC) - timedelta(minutes=5))


@contextlib.asynccontextmanager
async def swallowing(behind):
    """A proxy before an SMTP server that hangs up instead of passing on the answer to the text."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, lambda client: relay(client, behind))
        yield listener.extra(anyio.abc.SocketAttribute.local_port)
        tasks.cancel_scope.cancel()


async def relay(client, behind):
    server = await anyio.connect_tcp("127.0.0.1", behind)
    ended = False

    async def down():
        async for data in server:
            if ended:
                break
            await client.send(data)
        await client.aclose()

    async with server, anyio.create_task_group() as tasks:
        tasks.start_soon(down)
        with contextlib.suppress(anyio.ClosedResourceError):
            async for data in client:
                ended = ended or data.endswith(b"\r\n.\r\n")
                await server.send(data)
