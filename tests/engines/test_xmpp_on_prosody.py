"""The XMPP channel with a real Prosody; the customer's side is slixmpp with plug-ins that the channel does not use."""

import asyncio
import dataclasses
import ssl
import time
import uuid
from datetime import UTC, datetime, timedelta

import anyio
import pytest
from slixmpp import JID

from contracts.channel import ChannelContract, a_part, eventually, everything
from engines.jabber_person import person
from engines.servers_jabber import prosody
from rapport.channels.channel import Op
from rapport.channels.xmpp.channel import open_xmpp
from rapport.errors import OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server(folder):
    with prosody(folder / "prosody") as server:
        yield server


@pytest.fixture
def care(server):
    """An account of this test's own."""
    return server.register(f"care-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def her_address(server):
    """The customer's account."""
    return server.register(f"maria-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def settings(server, care):
    where = {"host": server.host, "port": str(server.port), "security": "none", "upload": f"127.0.0.1:{server.http_port}"}
    return {"address": care, "password": "secret:password"} | where


@pytest.fixture
def channel(settings, means):
    return open_xmpp(Account("care", "xmpp", settings=settings), means)


@pytest.fixture
async def maria(server, her_address, channel):
    """The customer, logged in with her own program; we hang up before she does."""
    async with person(her_address, server.password, server.host, server.port) as found:
        yield found
        await channel.aclose()


@pytest.fixture
def to(her_address):
    return f"xmpp:{her_address}"


@pytest.fixture
def write(maria, care):
    async def write(text, **more):
        name = maria.say(care, text, **more)
        await maria.plugin["xep_0199"].send_ping(JID("acme.test"), timeout=60)  # the server has it, for it works in order
        return name

    return write


@pytest.fixture
def arrived(maria):
    async def arrived(text):
        async def count():
            return maria.texts().count(text)

        return await eventually(count)

    return arrived


@pytest.fixture
def filed(maria, means):
    async def filed():
        async def fetched():
            links = [text for text in maria.texts() if "/file_share/" in text]
            return [(await means.http.get(link)).content for link in links]

        return await eventually(fetched)

    return filed


class TestXmppChannel(ChannelContract):
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
    def filed(self, filed):
        return filed


async def news(channel, cursor, kind):
    """The first piece of news of that kind behind the cursor."""

    async def found():
        return [event for event in (await channel.pull(cursor)).events if isinstance(event, kind)]

    return (await eventually(found))[0]


async def test_a_hint_comes_within_a_second_of_a_message_and_of_news_without_a_text(channel, write, maria, care):
    async def mark(name):
        maria.plugin["xep_0333"].send_marker(JID(care), name, "displayed")

    hints, came, waited = channel.listen(), [], []

    async def hint():
        await anext(hints)
        came.append(time.monotonic())

    for number, tell in enumerate((lambda: write("hola"), lambda: mark("rapport-1"))):
        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(hint)
                await anyio.sleep(0.5)
                assert len(came) == number  # nothing came by itself
                started = time.monotonic()
                await tell()
        waited.append(came[-1] - started)

    assert max(waited) < 20
    print(f"hints after {', '.join(f'{seconds:.3f}' for seconds in waited)} s")
    await hints.aclose()


async def test_a_correction_is_news_of_the_message_that_it_corrects(channel, write, maria, care):
    name = await write("El wifi se cae a las 7")
    [heard], cursor = await everything(channel, None)

    maria.correct(care, name, "El wifi se cae a las 8")
    edit = await news(channel, cursor, Edit)

    assert (edit.of, edit.text, edit.handle) == (heard.key, "El wifi se cae a las 8", heard.handle)


async def test_a_retraction_is_news_of_the_message_that_it_takes_back(channel, write, maria, care):
    name = await write("Mi tarjeta es 4111")
    [heard], cursor = await everything(channel, None)

    maria.plugin["xep_0424"].send_retraction(JID(care), name, include_fallback=True, fallback_text="retracted")
    deletion = await news(channel, cursor, Deletion)

    assert (deletion.of, deletion.handle) == (heard.key, heard.handle)


async def test_a_reaction_is_news_of_our_message(channel, maria, care, to):
    cursor = (await channel.pull(None)).cursor
    sent = await channel.deliver(a_part(to=to), "once-reacted")

    maria.plugin["xep_0444"].send_reactions(JID(care), sent.key.partition("/")[2], ["👍"])
    reaction = await news(channel, cursor, Reaction)

    assert (reaction.of, reaction.sign) == (sent.key, "👍")


async def test_the_persons_program_says_that_our_message_came_and_was_read(channel, maria, care, to):
    cursor = (await channel.pull(None)).cursor
    sent = await channel.deliver(a_part(to=to), "once-receipt")
    delivered = await news(channel, cursor, Report)

    maria.plugin["xep_0333"].send_marker(JID(care), sent.key.partition("/")[2], "displayed")

    async def read():
        events = (await channel.pull(cursor)).events
        return [event for event in events if isinstance(event, Report) and event.delivery is Delivery.READ]

    [displayed] = await eventually(read)
    assert (delivered.of, delivered.delivery) == (sent.key, Delivery.DELIVERED)
    assert displayed.of == sent.key


async def test_the_person_is_told_that_their_message_came_once_it_is_recorded(channel, write, maria):
    name = await write("¿Me leen?", asks_receipt=True)
    page = await channel.pull(None)
    await anyio.sleep(0.3)
    before = list(maria.receipts)

    await channel.pull(page.cursor)

    async def told():
        return list(maria.receipts)

    assert before == []
    assert await eventually(told) == [name]


async def test_an_answer_arrives_in_the_thread_and_names_what_it_answers(channel, maria, care, to):
    message = maria.make_message(mto=JID(care), mbody="No llegó", mtype="chat")
    message["thread"] = "pedido-7712"
    message.send()

    async def came():
        return [event for event in (await channel.pull(None)).events if isinstance(event, Incoming)]

    [heard] = await eventually(came)
    await channel.deliver(a_part(to=heard.handle, text="Lo busco", in_reply_to=heard.key, thread=heard.thread), "once-thread")

    async def got():
        return [message for message in maria.got if message["body"] == "Lo busco"]

    [answer] = await eventually(got)
    assert answer["thread"] == "pedido-7712"
    assert answer["reply"]["id"] == message["id"]


async def test_a_message_of_ours_can_be_corrected_and_retracted(channel, maria, to, arrived):
    sent = await channel.deliver(a_part(to=to, text="Llega el lunes"), "once-said")
    await arrived("Llega el lunes")

    await channel.moderate(Op.EDIT, sent.key, "Llega el martes", "once-edit")
    await channel.moderate(Op.DELETE, sent.key, "", "once-delete")

    async def came():
        return [message for message in maria.got if message["retract"]["id"]]

    [retraction] = await eventually(came)
    [correction] = [message for message in maria.got if message["body"] == "Llega el martes"]
    assert f"to:{maria.boundjid.bare}/{retraction['retract']['id']}" == sent.key
    assert f"to:{maria.boundjid.bare}/{correction['replace']['id']}" == sent.key


async def test_what_we_write_with_another_program_is_no_message_of_a_person(channel, server, care, maria):
    async with person(care, server.password, server.host, server.port) as colleague:
        colleague.say(maria.boundjid.bare, "Soy Ana, de Acme, desde mi teléfono")
        await colleague.plugin["xep_0199"].send_ping(JID("acme.test"), timeout=60)

    heard, _ = await everything(channel, None)

    assert heard == []


async def test_signs_that_xml_cannot_carry_cut_no_line(channel, to, arrived):
    await channel.deliver(a_part(to=to, text="Lo\x0b miramos\x1b <ya> & «bien» 😀"), "once-signs")

    assert await arrived("Lo miramos <ya> & «bien» 😀") == 1


async def test_nobody_by_that_name_is_refused_in_the_networks_words(channel):
    with pytest.raises(Refused, match="service-unavailable"):
        await channel.deliver(a_part(to="xmpp:nadie@acme.test"), "once-nobody")


async def test_a_person_who_is_away_is_written_to_all_the_same(channel, server):
    away = server.register(f"pedro-{uuid.uuid4().hex[:8]}")

    await channel.deliver(a_part(to=f"xmpp:{away}", text="Ya quedó"), "once-away")

    async with person(away, server.password, server.host, server.port) as pedro:

        async def got():
            return pedro.texts()

        assert await eventually(got) == ["Ya quedó"]


async def test_hundreds_of_messages_between_two_readings_are_all_heard_in_order(channel, maria, care, write):
    _, cursor = await everything(channel, None)
    for number in range(199):
        maria.say(care, str(number))
    await write("199")

    heard, _ = await everything(channel, cursor)

    assert [message.text for message in heard] == [str(number) for number in range(200)]


async def test_a_wrong_password_is_refused_and_says_what_to_do(settings, server, means):
    account = Account("care", "xmpp", settings=settings | {"password": "wrong"})
    channel = open_xmpp(account, means)

    probe = await channel.probe()

    assert not probe.works
    assert "connect the account again" in probe.health.en


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_line_is_encrypted_for_whom_we_trust_and_for_nobody_else(settings, server, means, security):
    port = server.tls_port if security == "tls" else server.port
    account = Account("care", "xmpp", settings=settings | {"security": security, "port": str(port)})
    trusting = ssl.create_default_context(cafile=str(server.trust))

    trusted, stranger = open_xmpp(account, dataclasses.replace(means, tls=trusting)), open_xmpp(account, means)
    fine, refused = await trusted.probe(), await stranger.probe()
    encrypted = trusted.line._client.transport.get_extra_info("ssl_object")
    await trusted.aclose()

    assert fine.works, fine.health.en
    assert encrypted.version() == "TLSv1.3"
    assert not refused.works
    assert "certificate" in refused.health.en


async def test_a_server_that_is_not_there_may_be_later(settings, means):
    channel = open_xmpp(Account("care", "xmpp", settings=settings | {"port": "9"}), means)

    with pytest.raises(Unavailable):
        await channel.pull(None)
    with pytest.raises(Unavailable):
        await channel.deliver(a_part(to="xmpp:maria@acme.test"), "once")


async def test_a_server_that_falls_silent_is_noticed_and_nothing_is_missed_afterwards(channel, server, write):
    channel.line.timeout = 1.0
    _, cursor = await everything(channel, None)
    server.freeze()
    try:
        with pytest.raises(Unavailable):
            await channel.pull(cursor)
    finally:
        server.thaw()
    await write("¿Siguen ahí?")

    heard, _ = await everything(channel, cursor)

    assert [message.text for message in heard] == ["¿Siguen ahí?"]


async def test_a_message_given_to_a_silent_server_is_unknown_until_the_archive_says(channel, server, to, maria):
    await channel.pull(None)
    channel.line.timeout = 1.0
    part = a_part(to=to, text="¿Llegó esto?")
    server.freeze()
    try:
        with pytest.raises(OutcomeUnknown):
            await channel.deliver(part, "once-silent")
    finally:
        server.thaw()
        channel.line.timeout = 30.0

    found = await eventually(lambda: channel.locate(part, "once-silent", datetime.now(UTC) - timedelta(minutes=1)))
    assert found.startswith(f"to:{maria.boundjid.bare}/")


async def test_a_server_that_restarts_cuts_the_line_and_what_comes_then_is_heard(channel, server, care, her_address):
    _, cursor = await everything(channel, None)
    hints = channel.listen()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, restart_soon, server)
        with anyio.fail_after(60), pytest.raises(Unavailable, match="cut"):
            await anext(hints)
    async with person(her_address, server.password, server.host, server.port) as maria:
        maria.say(care, "¿Siguen ahí?")
        await maria.plugin["xep_0199"].send_ping(JID("acme.test"), timeout=60)

    heard, _ = await everything(channel, cursor)

    assert [message.text for message in heard] == ["¿Siguen ahí?"]
    await channel.aclose()


async def test_a_line_that_is_hung_up_or_never_came_leaves_nothing_running(settings, means):
    before = len(asyncio.all_tasks())
    for port in (settings["port"], "9"):
        channel = open_xmpp(Account("care", "xmpp", settings=settings | {"port": port}), means)
        await channel.probe()
        await channel.aclose()

    assert await eventually(lambda: only(before)) == before


def restart_soon(server):
    time.sleep(0.5)
    server.restart()


async def only(count):
    """How many tasks run, once there are no more than `count`."""
    running = len(asyncio.all_tasks())
    return running if running <= count else None
