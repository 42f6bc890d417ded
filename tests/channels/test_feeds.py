"""The channel of feeds against a site in memory, and against documents that were made to hurt; nginx is in tests/engines."""

import gzip
import zlib
from datetime import timedelta

import httpx
import pytest

from channels.fake_feed import ADDRESS, FakeSite, item, rss, served
from contracts.channel import NOW, ChannelContract, a_part, everything
from rapport.channels.channel import Exchange, Means, Op
from rapport.channels.feeds.channel import open_feed
from rapport.channels.feeds.parse import handle_of
from rapport.channels.sandbox import Sandbox
from rapport.clock import FakeClock
from rapport.errors import BadInput, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Edit

pytestmark = pytest.mark.anyio
ANA = "feeds:ana@blog.example"


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def site():
    return FakeSite()


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def channel(site, clock, sandbox):
    return opened(site, clock, sandbox)


def opened(site, clock, sandbox, **changes):
    account = Account("foro", "feeds", settings={"address": ADDRESS} | changes)
    return open_feed(account, Means(clock, str, site.http, sandbox))


class TestFeedChannel(ChannelContract):
    @pytest.fixture
    def channel(self, channel):
        return channel

    @pytest.fixture
    def to(self):
        return ANA

    @pytest.fixture
    def write(self, site):
        async def write(text):
            site.say(text)

        return write

    @pytest.fixture
    def arrived(self):
        """Nothing is ever sent."""


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>Blog</title>
<entry><id>urn:2</id><title type="html">Wifi &amp;amp; café</title><link href="/p/2"/>
<published>2026-11-16T09:00:00Z</published>
<author><name>Ana Ruiz</name></author><content type="html">&lt;p&gt;Se cae&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</content>
<thr:in-reply-to ref="urn:1"/><link rel="enclosure" type="image/png" href="/modem.png"/></entry></feed>"""


async def test_an_entry_says_who_wrote_what_where_and_in_answer_to_what(channel, site):
    site.document = ATOM.encode()

    [heard] = (await channel.pull(None)).events

    assert heard == Incoming(
        key="urn:2",
        handle="feeds:ana-ruiz@blog.example",
        text="Se cae\n\nhttps://blog.example/p/2",
        reach=Reach.PUBLIC,
        at=NOW - timedelta(hours=1),
        name="Ana Ruiz",
        subject="Wifi & café",
        thread="urn:1",
        in_reply_to="urn:1",
        media=(Media("modem.png", "image/png", url="https://blog.example/modem.png"),),
    )


async def test_text_that_is_not_markup_shows_its_brackets(channel, site):
    site.document = ATOM.replace('type="html">&lt;p', ">&lt;p").encode()

    [heard] = (await channel.pull(None)).events

    assert heard.text.startswith("<p>Se cae</p><script>")


async def test_a_feed_that_did_not_change_is_not_sent_again(channel, site):
    site.say("uno")
    page = await channel.pull(None)

    again = await channel.pull(page.cursor)

    assert site.asked[-1]["if-none-match"] == '"2"'
    assert (again.events, again.cursor) == ((), page.cursor)


async def test_a_name_of_a_state_that_cannot_be_sent_back_is_not_sent_back(channel, site):
    site.answers = [served(rss(item("uno", "p1")), etag='"ñ"'.encode(), **{"last-modified": "x" * 1000})]
    page = await channel.pull(None)

    await channel.pull(page.cursor)

    assert len(page.events) == 1
    assert not {"if-none-match", "if-modified-since"} & set(site.asked[-1])


async def test_a_site_that_knows_no_conditions_is_read_without_news(channel, site):
    site.say("uno")
    page = await channel.pull(None)
    site.version += 1  # the same document under another name

    again = await channel.pull(page.cursor)

    assert again.events == ()


async def test_an_entry_that_says_something_else_is_an_edit_each_time(channel, site):
    said, pages = ("Se cae a las 7", "Se cae a las 8", "Se cae a las 9"), [await channel.pull(None)]
    for text in said:
        site.items = [item(text, "post-1")]
        site.version += 1
        pages.append(await channel.pull(pages[-1].cursor))

    [heard], [first], [second] = (page.events for page in pages[1:])
    assert isinstance(heard, Incoming)
    assert [(type(e), e.of, e.handle, e.text) for e in (first, second)] == [
        (Edit, heard.key, heard.handle, text) for text in said[1:]
    ]
    assert first.key != second.key


async def test_the_first_reading_goes_back_some_days_and_what_is_older_stays_known(channel, site, clock):
    site.say("vieja", at=NOW - timedelta(days=30))
    site.say("de ayer", at=NOW - timedelta(days=1))

    first, cursor = await everything(channel, None)
    site.say("nueva")
    later, _ = await everything(channel, cursor)

    assert [m.text for m in first] == ["de ayer"]
    assert [m.text for m in later] == ["nueva"]


async def test_entries_without_a_name_or_with_one_name_for_all_are_each_heard_once(channel, site):
    site.items = [item("tres"), item("dos", "same"), item("uno", "same"), item("cero")]
    page = await channel.pull(None)
    site.items.insert(0, item("cuatro"))
    site.version += 1

    later = await channel.pull(page.cursor)

    assert [m.text for m in page.events] == ["cero", "uno", "dos", "tres"]
    assert len({m.key for m in page.events}) == 4
    assert [m.text for m in later.events] == ["cuatro"]


async def test_dates_that_lie_or_are_missing_change_nothing_but_the_date(channel, site):
    site.say("de mañana", at=NOW + timedelta(days=1))
    site.say("sin fecha", at=None)

    heard, _ = await everything(channel, None)

    assert [(m.text, m.at) for m in heard] == [("de mañana", NOW), ("sin fecha", NOW)]


async def test_an_entry_that_left_the_feed_and_comes_back_is_not_heard_again(channel, site):
    site.say("uno")
    _, cursor = await everything(channel, None)
    kept, site.items = site.items, []
    site.version += 1
    _, cursor = await everything(channel, cursor)
    site.items = kept
    site.version += 1

    heard, _ = await everything(channel, cursor)

    assert heard == []


async def test_the_memory_of_a_feed_stays_small(channel, site):
    cursor = (await channel.pull(None)).cursor
    for round_ in range(15):
        site.items = [item(f"{round_}-{n}", f"g{round_}-{n}") for n in range(100)]
        site.version += 1
        cursor = (await channel.pull(cursor)).cursor

    assert len(cursor) < 64 * 1024


@pytest.mark.parametrize(
    ("author", "address", "handle"),
    [
        ("Ana Ruiz", "https://www.blog.example/p/1", "feeds:ana-ruiz@blog.example"),
        ("", "https://blog.example/p/1", "feeds:blog.example"),
        ("ana@correo.example", "https://blog.example", "feeds:ana@correo.example@blog.example"),
        ("Ñandú 🦤", "https://blog.example", "feeds:ñandú@blog.example"),
        ("x", "http://[broken", "feeds:x@unknown"),
    ],
)
def test_whoever_wrote_is_a_name_on_a_site(author, address, handle):
    assert handle_of(author, address) == handle


async def test_nothing_can_be_said_on_a_feed_and_people_are_told_why(channel, site):
    answer = channel.eligible(Op.REPLY, Exchange(ANA, Reach.PUBLIC, NOW), NOW)

    assert not answer.allowed
    assert "only read" in answer.reason.en
    assert "solo se lee" in answer.reason.es
    assert channel.fit("hola", Reach.PUBLIC, ANA).parts == ()
    with pytest.raises(Refused):
        await channel.deliver(a_part(to=ANA, reach=Reach.PUBLIC), "once")
    assert site.asked == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(404), Refused, "no feed at this address"),
        (httpx.Response(410), Refused, "no feed at this address"),
        (httpx.Response(401), Refused, "`user` and `password`"),
        (httpx.Response(500), Unavailable, "500"),
        (httpx.ConnectError("refused"), Unavailable, "cannot be reached"),
        (httpx.Response(301, headers={"location": "http://169.254.169.254/latest"}), Refused, "moved to http://169"),
        (httpx.Response(301, headers={"location": "https://other.example/feed"}), Refused, "put it into `address`"),
        (httpx.Response(301, headers={"location": "http://blog.example/feed"}), Refused, "not encrypted"),
        (httpx.Response(301, headers={"location": "https://blog.example:8443/feed"}), Refused, "moved"),
        (served(b"x" * (6 << 20)), Refused, "5 MiB"),
        (served(gzip.compress(bytes(1 << 28)), **{"content-encoding": "gzip"}), Refused, "5 MiB"),
        (served(b"no gzip", **{"content-encoding": "gzip"}), Unavailable, "cannot be unpacked"),
        (served(b"\x0b", **{"content-encoding": "br"}), Refused, "packs the feed as 'br'"),
    ],
)
async def test_what_a_site_answers_instead_of_a_feed_is_told(channel, site, answer, error, words):
    site.answers = [answer]

    with pytest.raises(error, match=words):
        await channel.pull(None)


async def test_a_feed_that_moved_on_its_own_host_is_followed(channel, site):
    site.say("uno")
    site.answers = [httpx.Response(301, headers={"location": "/new/feed"})]

    [heard] = (await channel.pull(None)).events

    assert heard.text == "uno"
    assert site.asked[-1]["url"] == "https://blog.example/new/feed"


async def test_a_feed_that_passes_us_on_for_ever_is_left(channel, site):
    site.answers = [httpx.Response(302, headers={"location": f"/{n}"}) for n in range(10)]

    with pytest.raises(Refused, match="more than 3 times"):
        await channel.pull(None)


async def test_a_site_that_asks_us_to_wait_is_not_asked_before(channel, site, clock):
    site.answers = [httpx.Response(429, headers={"retry-after": "120"})]
    with pytest.raises(Unavailable) as told:
        await channel.pull(None)

    with pytest.raises(Unavailable, match="asked us to wait"):
        await channel.pull(None)
    clock.move(timedelta(seconds=121))
    await channel.pull(None)

    assert told.value.retry_after == timedelta(seconds=120)
    assert len(site.asked) == 2


async def test_what_is_no_feed_is_kept_once_with_its_bytes_and_the_next_feed_is_read(channel, site):
    site.document = b"<html><body>Volvemos pronto</body></html>"
    first = await channel.pull(None)
    site.version += 1
    again = await channel.pull(first.cursor)
    site.document = rss(item("ya volvimos", "p1"))
    site.version += 1
    later = await channel.pull(again.cursor)

    [kept] = first.events
    assert isinstance(kept, Unreadable)
    assert kept.raw == b"<html><body>Volvemos pronto</body></html>"
    assert "the address of the feed, not of the page" in kept.reason
    assert again.events == ()
    assert [m.text for m in later.events] == ["ya volvimos"]


async def test_a_feed_whose_xml_is_broken_is_read_as_far_as_it_goes_and_says_so(channel, site):
    site.document = rss(item("uno", "p1"), item("dos &eacute; <b>", "p2"))[:-40]

    probe = await channel.probe()
    heard, _ = await everything(channel, None)

    assert probe.works
    assert "Its XML has faults" in probe.health.en
    assert [m.key for m in heard] == ["p2", "p1"]


def entities(levels):
    declared = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(levels))
    return f'<!DOCTYPE rss [<!ENTITY e0 "ha">{declared}]><rss><channel><title>&e{levels};</title></channel></rss>'.encode()


BOMBS = {
    "a billion laughs": entities(9),
    "one long entity, many times": b'<!DOCTYPE rss [<!ENTITY a "' + b"a" * 100_000 + b'">]><rss version="2.0"><channel><title>'
    + b"&a;" * 100_000 + b"</title></channel></rss>",
    "an entity that is a file": b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<rss version="2.0"><channel><item><title>&x;</title></item></channel></rss>',
    "a document type somewhere else": b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd"><rss version="2.0"><channel>'
    b"<item><title>hola</title></item></channel></rss>",
    "ampersands": b'<rss version="2.0"><channel><title>' + b"&" * (5 << 20),
    "a comment without end": b'<rss version="2.0"><!--' + b"-" * (5 << 20),
    "packed": zlib.compress(bytes(1 << 20)),
}  # fmt: skip
SLOW_BOMBS = {
    "deep": b'<rss version="2.0"><channel><item>' + b"<a>" * 200_000,
    "deep and closed": b'<rss version="2.0"><channel><item>' + b"<a>" * 100_000 + b"</a>" * 100_000,
    "one tag of many attributes": b"<rss " + b" ".join(b'a%d="1"' % n for n in range(400_000)) + b"></rss>",
    "many entries": rss(*("<item><title>x</title></item>" for _ in range(100_000))),
    "brackets": b"<" * (5 << 20),
    "markup in markup": rss(f"<item><description>{'&lt;div' * 500_000}</description></item>"),
}


@pytest.mark.parametrize(
    "bomb",
    [
        *(pytest.param(bomb, id=name) for name, bomb in BOMBS.items()),
        *(pytest.param(bomb, id=name, marks=pytest.mark.slow) for name, bomb in SLOW_BOMBS.items()),
    ],
)
def test_a_document_that_was_made_to_hurt_is_a_feed_or_kept_and_opens_no_file(channel, bomb):
    said = channel.parse(bomb)

    assert said
    assert all(isinstance(one, Incoming) or (one.raw and one.reason) for one in said)
    assert not any("root:" in one.text for one in said if isinstance(one, Incoming))


async def test_a_feed_with_a_hurtful_document_is_read_again_when_it_is_well(channel, site):
    site.document = entities(9)
    page = await channel.pull(None)
    site.document = rss(item("ya quedó", "p1"))
    site.version += 1

    later = await channel.pull(page.cursor)

    assert [type(event) for event in page.events] == [Unreadable]
    assert [m.text for m in later.events] == ["ya quedó"]


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"address": "blog.example/feed"}, "must look like https://"),
        ({"address": "https://ana:x@blog.example/feed"}, "must look like https://"),
        ({"minutes": "0.1"}, "must be 1 to 1440"),
        ({"minutes": "often"}, "must be a number"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_cure(site, clock, sandbox, changes, cure):
    with pytest.raises(BadInput, match=cure):
        opened(site, clock, sandbox, **changes)
