"""The channel of feeds with a real nginx that serves a folder; the customers' side is a file that is changed."""

from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest

from contracts.channel import ChannelContract, everything
from engines.servers_pages import nginx
from rapport.channels.feeds.channel import open_feed
from rapport.errors import Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Unreadable
from rapport.model.news import Edit

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def site(folder):
    with nginx(folder / "nginx") as site:
        yield site


class Blog:
    """An Atom feed in a file of the site, newest entry first."""

    def __init__(self, site, name):
        self.site, self.name, self.entries = site, name, {}
        self.write()

    def say(self, text, key=""):
        """A new entry, or with the key of one that is there, what it says from now on; its key."""
        key = key or f"tag:127.0.0.1,2026:{self.name}/{len(self.entries)}"
        self.entries[key] = text
        self.write()
        return key

    def write(self):
        now, said = datetime.now(UTC), []
        for number, (key, text) in enumerate(self.entries.items()):
            at = (now - timedelta(hours=1) + timedelta(seconds=number)).isoformat()
            said.append(
                f"<entry><id>{key}</id><title>Foro</title><published>{at}</published><updated>{now.isoformat()}</updated>"
                f'<author><name>Maria</name></author><content type="html">{escape(text)}</content></entry>'
            )
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Foro</title>{"".join(reversed(said))}</feed>'
        self.site.put(self.name, feed.encode())


@pytest.fixture
def blog(site, request):
    """A feed of this test's own."""
    return Blog(site, f"{abs(hash(request.node.name))}.atom")


def opened(means, address):
    return open_feed(Account("foro", "feeds", settings={"address": address}), means)


@pytest.fixture
def channel(means, site, blog):
    return opened(means, f"{site.url}/{blog.name}")


class TestFeedChannel(ChannelContract):
    @pytest.fixture
    def channel(self, channel):
        return channel

    @pytest.fixture
    def to(self):
        return "feeds:maria@127.0.0.1"

    @pytest.fixture
    def write(self, blog):
        async def write(text):
            blog.say(text)

        return write

    @pytest.fixture
    def arrived(self):
        """Nothing is ever sent."""


async def test_what_did_not_change_is_not_sent_again_and_what_did_is(channel, site, blog):
    blog.say("uno")
    page = await channel.pull(None)

    same = await channel.pull(page.cursor)
    blog.say("dos")
    new = await channel.pull(same.cursor)

    assert [status for status, path in site.log() if path == f"/{blog.name}"] == [200, 304, 200]
    assert [message.text for message in new.events] == ["dos"]


async def test_a_feed_that_is_sent_packed_is_read(channel, site, blog):
    blog.say("<p>" + "El wifi se cae. " * 200 + "</p>")

    [heard] = (await channel.pull(None)).events

    assert heard.text.endswith("El wifi se cae.")
    assert heard.text.count("wifi") == 200


async def test_an_entry_whose_author_changed_it_is_an_edit(channel, blog):
    key = blog.say("Se cae a las 7")
    [heard], cursor = await everything(channel, None)
    blog.say("Se cae a las 8", key)

    [edit] = (await channel.pull(cursor)).events

    assert isinstance(edit, Edit)
    assert (edit.of, edit.handle, edit.text) == (heard.key, heard.handle, "Se cae a las 8")


async def test_a_script_in_an_entry_is_no_part_of_its_text(channel, blog):
    blog.say('<p>Hola</p><script>steal()</script><img src="https://tracker.example/x.gif">')

    [heard] = (await channel.pull(None)).events

    assert (heard.text, heard.html, heard.media) == ("Hola", "", ())


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("gone.atom", Refused, "no feed at this address"),
        ("nowhere.atom", Refused, "404"),
        ("elsewhere.atom", Refused, "moved to http://localhost"),
        ("busy.atom", Unavailable, "503"),
    ],
)
async def test_a_feed_that_is_not_there_says_why(means, site, path, error, words):
    channel = opened(means, f"{site.url}/{path}")

    probe = await channel.probe()
    with pytest.raises(error):
        await opened(means, f"{site.url}/{path}").pull(None)

    assert not probe.works
    assert words in probe.health.en


async def test_a_feed_that_moved_on_its_own_host_is_followed(means, site):
    Blog(site, "blog.atom").say("uno")

    [heard] = (await opened(means, f"{site.url}/moved.atom").pull(None)).events

    assert heard.text == "uno"


async def test_a_page_in_place_of_a_feed_is_kept_with_the_cure(means, site):
    site.put("home.html", b"<html><head><title>Foro</title></head><body>Bienvenidos</body></html>")
    channel = opened(means, f"{site.url}/home.html")

    probe = await channel.probe()
    [kept] = (await channel.pull(None)).events

    assert not probe.works
    assert isinstance(kept, Unreadable)
    assert "the address of the feed, not of the page" in kept.reason


async def test_a_site_that_is_not_there_may_be_later(means):
    with pytest.raises(Unavailable):
        await opened(means, "http://127.0.0.1:9/feed").pull(None)
