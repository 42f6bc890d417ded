"""The XMPP channel over a line to an archive in memory; the real server is in tests/engines."""

import dataclasses
import sys
from datetime import timedelta
from xml.etree.ElementTree import SubElement, tostring

import httpx
import pytest
from msgspec.structs import replace

from channels.fake_xmpp import OWN, FakeLine, beside, message, result
from contracts.channel import NOW, ChannelContract, a_part, everything
from rapport.channels.channel import Means, Op
from rapport.channels.part import File
from rapport.channels.xmpp.channel import CAPABILITIES, LIMITS, XmppChannel, open_xmpp
from rapport.channels.xmpp.parse import said_in
from rapport.channels.xmpp.upload import Uploads
from rapport.clock import FakeClock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report

pytestmark = pytest.mark.anyio
MARIA = "maria@example.org"
ID = "0c5f1a52-7d0f-4f0e-9a53-1c2d3e4f5a6b"
NEXT_ID = "b1946ac9-2f0e-4c8b-8f0a-9d8c7b6a5f4e"


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def line(clock):
    return FakeLine(clock)


@pytest.fixture
def shelf():
    """What was put to the file service: requests, newest last."""
    return []


@pytest.fixture
def channel(line, clock, shelf):
    def put(request):
        shelf.append(request)
        return httpx.Response(201)

    uploads = Uploads(line, httpx.AsyncClient(transport=httpx.MockTransport(put)), "upload.acme.test:5281")
    able = replace(CAPABILITIES, media=LIMITS.media)
    return XmppChannel(line, OWN, clock, timedelta(days=7), able, uploads)


def said(*children, sender=MARIA, body="", name=ID, kind="chat"):
    """What a message with these children says."""
    return said_in(result(message(sender, OWN, name, body, *children, kind=kind)), OWN, NOW)


class TestXmppChannel(ChannelContract):
    @pytest.fixture
    def channel(self, channel):
        return channel

    @pytest.fixture
    def to(self):
        return f"xmpp:{MARIA}"

    @pytest.fixture
    def filed(self, shelf, line):
        async def filed():
            told = {body for _, _, body, _ in line.sent}
            return [request.content for request in shelf if str(request.url) in told]

        return filed

    @pytest.fixture
    def write(self, line):
        async def write(text):
            line.keep(MARIA, OWN, f"{ID}-{len(line.results)}", text)

        return write

    @pytest.fixture
    def arrived(self, line):
        async def arrived(text):
            return sum(body == text for _, _, body, _ in line.sent)

        return arrived


def test_a_message_says_who_wrote_what_when_and_in_which_thread():
    nick = beside("{http://jabber.org/protocol/nick}nick", "María")

    [heard] = said(nick, beside("{jabber:client}thread", "t1"), body="El wifi se cae", sender="Maria@Example.org")

    assert heard == Incoming(
        key=f"{MARIA}/{ID}",
        handle=f"xmpp:{MARIA}",
        text="El wifi se cae",
        reach=Reach.PRIVATE,
        at=NOW - timedelta(hours=1),
        name="María",
        thread=f"{MARIA}/t1",
    )


def test_an_id_that_may_come_twice_is_not_a_key():
    [heard] = said(body="hola", name="aab6a")

    assert heard.key == "mam:archived-1"


def test_an_answer_names_what_it_answers_without_the_quotation_that_programs_put_before_it():
    reply = beside("{urn:xmpp:reply:0}reply", to=OWN, id="rapport-1")
    fallback = beside("{urn:xmpp:fallback:0}fallback", **{"for": "urn:xmpp:reply:0"})
    SubElement(fallback, "{urn:xmpp:fallback:0}body", start="0", end="14")

    [heard] = said(reply, fallback, body="> ¿Sigue mal?\nSí, igual")

    assert (heard.text, heard.in_reply_to) == ("Sí, igual", f"to:{MARIA}/rapport-1")


@pytest.mark.parametrize(("author", "answered"), [(MARIA, f"{MARIA}/{ID}"), ("pedro@example.org", "")])
def test_an_answer_can_name_its_authors_own_message_and_nobody_elses(author, answered):
    [heard] = said(beside("{urn:xmpp:reply:0}reply", to=author, id=ID), body="Sigue igual", name=NEXT_ID)

    assert heard.in_reply_to == answered


def test_a_correction_is_an_edit_of_the_authors_own_message():
    [edit] = said(beside("{urn:xmpp:message-correct:0}replace", id=ID), body="Se cae a las 8", name=NEXT_ID)

    assert edit == Edit(f"{MARIA}/{NEXT_ID}", f"{MARIA}/{ID}", f"xmpp:{MARIA}", "Se cae a las 8", NOW - timedelta(hours=1))


def test_a_correction_of_a_message_that_cannot_be_told_is_heard_as_a_message():
    [heard] = said(beside("{urn:xmpp:message-correct:0}replace", id="a1"), body="Se cae a las 8")

    assert isinstance(heard, Incoming)


@pytest.mark.parametrize("version", ["1", "0"])
def test_a_retraction_is_a_deletion_in_both_versions_of_the_rule(version):
    retract = beside("{urn:xmpp:message-retract:1}retract", id=ID)
    if version == "0":
        retract = beside("{urn:xmpp:fasten:0}apply-to", id=ID)
        SubElement(retract, "{urn:xmpp:message-retract:0}retract")

    [deletion] = said(retract, body="This person retracted a message", name=NEXT_ID)

    assert (type(deletion), deletion.of, deletion.handle) == (Deletion, f"{MARIA}/{ID}", f"xmpp:{MARIA}")


@pytest.mark.parametrize(
    ("tag", "delivery"),
    [
        ("{urn:xmpp:receipts}received", Delivery.DELIVERED),
        ("{urn:xmpp:chat-markers:0}received", Delivery.DELIVERED),
        ("{urn:xmpp:chat-markers:0}displayed", Delivery.READ),
        ("{urn:xmpp:chat-markers:0}acknowledged", Delivery.READ),
    ],
)
async def test_a_receipt_names_the_message_as_sending_named_it(channel, tag, delivery):
    sent = await channel.deliver(a_part(to=f"xmpp:{MARIA}"), "once")

    [report] = said(beside(tag, id=sent.key.partition("/")[2]))

    assert (type(report), report.of, report.delivery) == (Report, sent.key, delivery)


def test_reactions_are_one_piece_of_news_each():
    reactions = beside("{urn:xmpp:reactions:0}reactions", id="rapport-1")
    for sign in ("👍", "🎉"):
        SubElement(reactions, "{urn:xmpp:reactions:0}reaction").text = sign

    found = said(reactions)

    assert [(type(r), r.of, r.sign) for r in found] == [(Reaction, f"to:{MARIA}/rapport-1", sign) for sign in ("👍", "🎉")]
    assert len({r.key for r in found}) == 2


def test_what_comes_back_undelivered_is_a_report_with_the_networks_words():
    error = beside("{jabber:client}error", type="cancel")
    SubElement(error, "{urn:ietf:params:xml:ns:xmpp-stanzas}service-unavailable")
    raw = tostring(message(MARIA, OWN, "rapport-1", "hola", error, kind="error"))

    [report] = said_in(raw, OWN, NOW)

    assert (report.of, report.delivery, report.reason) == (f"to:{MARIA}/rapport-1", Delivery.FAILED, "service-unavailable")


@pytest.mark.parametrize("tag", ["{eu.siacs.conversations.axolotl}encrypted", "{urn:xmpp:omemo:2}encrypted"])
def test_a_message_that_we_have_no_key_for_is_kept_and_shown_with_the_cure(tag):
    [kept] = said(beside(tag), body="I sent you an OMEMO encrypted message")

    assert isinstance(kept, Unreadable)
    assert kept.handle == f"xmpp:{MARIA}"
    assert "switch that off" in kept.reason


def test_a_file_comes_by_its_address():
    oob = beside("{jabber:x:oob}x")
    SubElement(oob, "{jabber:x:oob}url").text = "https://files.example/a/foto.jpg"

    [heard] = said(oob, body="https://files.example/a/foto.jpg")

    assert heard.media == (Media("foto.jpg", "", url="https://files.example/a/foto.jpg"),)


@pytest.mark.parametrize(
    "given",
    [
        result(message(OWN, MARIA, ID, "Lo miramos")),
        result(message(MARIA, OWN, ID, "", beside("{http://jabber.org/protocol/chatstates}composing"))),
        result(message(MARIA, OWN, ID, "hola a todos", kind="groupchat")),
        tostring(message(OWN, OWN, ID, "", beside("{urn:xmpp:carbons:2}sent"))),
        tostring(message(MARIA, OWN, ID, "", beside("{urn:xmpp:carbons:2}received"))),
    ],
    ids=["our own", "typing", "a room", "our own on another program", "a copy for another program"],
)
def test_an_echo_a_copy_and_what_nobody_wrote_are_dropped(given):
    assert said_in(given, OWN, NOW) == []


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE b [<!ENTITY a "' + b"a" * 10000 + b'">]><message xmlns="jabber:client" from="a@b"><body>'
        + b"&a;" * 10000 + b"</body></message>",
        b'<!DOCTYPE b SYSTEM "file:///etc/passwd"><message xmlns="jabber:client"/>',
        b"<a>" * 50_000,
        b"<a>" * 20_000 + b"</a>" * 20_000,
    ],
    ids=["entities", "a file", "open and deep", "closed and deep"],
)  # fmt: skip
def test_hostile_xml_is_kept_unread(bomb):
    [kept] = said_in(bomb, OWN, NOW)

    assert isinstance(kept, Unreadable)
    assert kept.raw == bomb


async def test_the_archive_is_read_in_pages_and_an_archive_that_was_cut_is_read_from_the_time(channel, line, clock):
    for number in range(120):
        line.keep(MARIA, OWN, f"{ID}-{number}", str(number))
        clock.move(timedelta(seconds=1))
    heard, cursor = await everything(channel, None)
    del line.results[:]
    line.keep(MARIA, OWN, f"{ID}-later", "después", archived="other-1")

    later, _ = await everything(channel, cursor)

    assert [m.text for m in heard] == [str(n) for n in range(120)]
    assert [m.text for m in later] == ["después"]


async def test_who_asks_for_a_receipt_gets_one_after_their_message_is_recorded(channel, line):
    line.keep(MARIA, OWN, ID, "hola", beside("{urn:xmpp:receipts}request"))
    page = await channel.pull(None)
    assert (line.sent, line.woken) == ([], 1)

    await channel.pull(page.cursor)

    [(to, _, body, names)] = line.sent
    assert (to, body, names) == (f"{MARIA}/phone", "", ["received"])


async def test_nobody_gets_a_receipt_for_what_was_read_again_from_before(channel, line):
    start = (await channel.pull(None)).cursor
    line.keep(MARIA, OWN, ID, "hola", beside("{urn:xmpp:receipts}request"))
    await channel.pull(start)

    await channel.pull(start)  # the reading before was never recorded

    assert line.sent == []


async def test_an_answer_stands_in_the_thread_and_names_what_it_answers(channel, line):
    await channel.deliver(a_part(to=f"xmpp:{MARIA}", in_reply_to=f"{MARIA}/{ID}", thread=f"{MARIA}/t1"), "once")

    [(to, _, _, names)] = line.sent
    assert to == MARIA
    assert names == ["request", "markable", "reply", "thread"]


async def test_what_xml_cannot_carry_is_left_out_before_approval(channel, line):
    [text] = channel.fit("Lo\x00 mira\x0bmos\x1b\ud800", Reach.PRIVATE, f"xmpp:{MARIA}").parts

    await channel.deliver(a_part(to=f"xmpp:{MARIA}", text=text), "once")

    assert text == line.sent[0][2] == "Lo miramos\ufffd"


@pytest.mark.parametrize("error", [Refused("no"), Unavailable("later"), OutcomeUnknown("perhaps")])
async def test_what_the_line_says_of_sending_is_passed_on(channel, line, error):
    line.fails = error

    with pytest.raises(type(error)):
        await channel.deliver(a_part(to=f"xmpp:{MARIA}"), "once")


async def test_what_was_just_tried_is_not_said_to_be_missing(channel):
    with pytest.raises(Unavailable, match="writing it down"):
        await channel.locate(a_part(to=f"xmpp:{MARIA}"), "once", NOW)


@pytest.mark.parametrize(
    ("op", "key", "argument", "names"),
    [
        (Op.EDIT, f"to:{MARIA}/rapport-1", "Ya quedó", ["replace", "store"]),
        (Op.DELETE, f"to:{MARIA}/rapport-1", "", ["retract", "store"]),
        (Op.REACT, f"{MARIA}/{ID}", "👍", ["reactions", "store"]),
        (Op.UNREACT, f"{MARIA}/{ID}", "👍", ["reactions", "store"]),
        (Op.MARK_READ, f"{MARIA}/{ID}", "", ["displayed", "store"]),
    ],
)
async def test_what_is_done_to_a_message_goes_to_whom_it_was_said(channel, line, op, key, argument, names):
    await channel.moderate(op, key, argument, "once")

    [(to, _, body, found)] = line.sent
    assert (to, found) == (MARIA, names)
    assert body == (argument if op is Op.EDIT else "")


@pytest.mark.parametrize(
    ("op", "key"),
    [(Op.EDIT, f"{MARIA}/{ID}"), (Op.DELETE, f"{MARIA}/{ID}"), (Op.MARK_READ, "mam:archived-1"), (Op.HIDE, f"{MARIA}/{ID}")],
)
async def test_what_cannot_be_done_to_a_message_is_refused(channel, line, op, key):
    with pytest.raises(Refused):
        await channel.moderate(op, key, "texto", "once")
    assert line.sent == []


async def test_a_server_without_an_archive_is_no_server_for_us(channel, line):
    line.abilities = {"urn:xmpp:ping"}

    probe = await channel.probe()

    assert not probe.works
    assert "XEP-0313" in probe.health.en


def opened(**changes):
    account = Account("acme", "xmpp", settings={"address": OWN, "password": "x"} | changes)
    return open_xmpp(account, Means(FakeClock(NOW), str, None, None))


def test_without_its_package_an_account_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "slixmpp", None)

    with pytest.raises(BadInput, match=r"pip install 'rapport\[xmpp\]'"):
        opened()


def test_an_address_that_is_none_is_refused_with_its_cure():
    with pytest.raises(BadInput, match=r"must look like care@example\.org"):
        opened(address="care")
    with pytest.raises(BadInput, match="must be one of starttls, tls, none"):
        opened(security="ssl")


# ---- files


PHOTO = File("foto.png", "image/png", b"\x89PNG")


async def test_a_file_is_put_where_the_server_says_and_its_address_goes_to_the_person(channel, line, shelf):
    await channel.deliver(a_part(to=f"xmpp:{MARIA}", text="", files=(PHOTO,)), "once")

    [(to, asked)], [request] = line.asked, shelf
    assert (to, asked) == ("upload.acme.test", {"filename": "foto.png", "size": "4", "content-type": "image/png"})
    assert (request.method, request.content, request.headers["authorization"]) == ("PUT", b"\x89PNG", "Bearer t")
    assert request.headers["host"] == "upload.acme.test:5281"
    assert [(body, "x" in beside) for _, _, body, beside in line.sent] == [("https://upload.acme.test:5281/1/a", True)]


@pytest.mark.parametrize(
    "place",
    ["https://elsewhere.test:5281", "http://upload.acme.test:5281", "https://upload.acme.test", "https://10.0.0.1:5281", "x"],
)
async def test_nothing_is_put_where_the_account_does_not_say(channel, line, shelf, place):
    line.place = place

    with pytest.raises(Refused, match="set `upload`"):
        await channel.deliver(a_part(to=f"xmpp:{MARIA}", text="", files=(PHOTO,)), "once")
    assert (shelf, line.sent) == ([], [])


@pytest.mark.parametrize("place", ["https://upload.acme.test:x", "https://upload.acme.test:99999", "https://[upload"])
async def test_a_place_for_files_that_is_no_address_is_refused_for_good(channel, line, shelf, place):
    line.place = place

    with pytest.raises(Refused, match="that is no address"):
        await channel.deliver(a_part(to=f"xmpp:{MARIA}", text="", files=(PHOTO,)), "once")


async def test_how_the_file_service_is_written_large_or_small_does_not_matter(line, shelf, clock, channel):
    loud = dataclasses.replace(channel.uploads, place="Upload.ACME.test:5281")

    assert await loud.put(PHOTO) == "https://upload.acme.test:5281/1/a"


async def test_without_a_file_service_a_file_is_refused_with_the_cure_and_the_account_says_that_it_takes_none(line, clock):
    bare = XmppChannel(line, OWN, clock, timedelta(days=7))

    assert bare.capabilities.media.types == ()
    with pytest.raises(Refused, match="set `upload`"):
        await bare.deliver(a_part(to=f"xmpp:{MARIA}", text="", files=(PHOTO,)), "once")
