"""The Mastodon channel between two real servers: the brand's account is ours, Maria uses a foreign client on the other one."""

import time
from datetime import UTC, datetime, timedelta

import anyio
import httpx
import pytest
from mastodon import Mastodon

from contracts.channel import ChannelContract, a_part, eventually, everything
from rapport.channels.channel import Idempotency, Op
from rapport.channels.mastodon.channel import open_mastodon
from rapport.channels.plain import plain_from_html
from rapport.errors import Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Reach

pytestmark = pytest.mark.anyio


def client(server):
    return Mastodon(access_token=server.token, api_base_url=server.url, version_check_mode="none", ratelimit_method="throw")


def said(status):
    return plain_from_html(status["content"])


@pytest.fixture
def ours(fediverse):
    return fediverse[0]


@pytest.fixture
def maria(fediverse):
    return client(fediverse[1])


@pytest.fixture
def channel(ours, means):
    settings = {"server": ours.url, "token": ours.token}
    return open_mastodon(Account("acme", "mastodon", settings=settings), means)


@pytest.fixture
def to(fediverse):
    return f"mastodon:{fediverse[1].handle}"


@pytest.fixture
def write(ours, maria):
    """Maria mentions the brand; returns when the brand's server has been told."""
    brand = client(ours)

    async def write(text, **options):
        before = len(brand.notifications(limit=64))
        status = await anyio.to_thread.run_sync(lambda: maria.status_post(f"{ours.handle} {text}", **options))
        with anyio.fail_after(60):
            while len(brand.notifications(limit=64)) == before:  # noqa: ASYNC110  # another program: there is no event to wait for
                await anyio.sleep(0.1)
        return status

    return write


@pytest.fixture
def arrived(maria):
    async def arrived(text):
        async def count():
            return sum(
                said(n["status"]).split() == text.split() for n in maria.notifications(limit=64) if n["type"] == "mention"
            )

        return await eventually(count, 20)

    return arrived


class TestMastodonChannel(ChannelContract):
    @pytest.fixture
    def channel(self, ours, means):
        settings = {"server": ours.url, "token": ours.token}
        return open_mastodon(Account("acme", "mastodon", settings=settings), means)

    @pytest.fixture
    def to(self, fediverse):
        return f"mastodon:{fediverse[1].handle}"

    @pytest.fixture
    def write(self, write):
        return write

    @pytest.fixture
    def arrived(self, arrived):
        return arrived

    @pytest.fixture
    def filed(self, maria):
        async def filed():
            async def urls():
                notes = await anyio.to_thread.run_sync(lambda: maria.notifications(limit=64))
                said = [note["status"] for note in notes if note["status"]]
                return [file["url"] for status in said for file in status["media_attachments"]]

            async with httpx.AsyncClient() as http:
                return [(await http.get(url)).content for url in await eventually(urls, 20)]

        return filed


async def test_a_public_mention_is_answered_under_the_post_where_everybody_reads_it(channel, write, maria, to):
    start = (await channel.pull(None)).cursor
    post = await write("El wifi de mi cuarto se cae cada cinco minutos")
    [heard], _ = await everything(channel, start)

    [text] = channel.fit("Vamos para allá.", heard.reach, heard.handle).parts
    receipt = await channel.deliver(a_part(text=text, to=heard.handle, reach=heard.reach, in_reply_to=heard.key), "r-1")

    async def replies():
        return [s for s in maria.status_context(post["id"])["descendants"] if s["uri"] == receipt.key]

    [reply] = await eventually(replies, 20)
    assert heard.key == post["uri"]
    assert heard.reach is Reach.PUBLIC
    assert heard.thread == heard.key
    assert reply["in_reply_to_id"] == post["id"]
    assert "Vamos para allá." in said(reply)


async def test_a_direct_message_stays_between_the_two(channel, write, maria, to, ours):
    start = (await channel.pull(None)).cursor
    await write("mi número de reserva es 7712", visibility="direct")
    [heard], _ = await everything(channel, start)

    [text] = channel.fit("Gracias, la encontré.", heard.reach, heard.handle).parts
    receipt = await channel.deliver(a_part(text=text, to=heard.handle, reach=heard.reach, in_reply_to=heard.key), "r-2")

    async def got():
        return [n["status"] for n in maria.notifications(limit=64) if n["status"] and n["status"]["uri"] == receipt.key]

    [reply] = await eventually(got, 20)
    assert heard.reach is Reach.PRIVATE
    assert reply["visibility"] in ("direct", "private")


async def test_an_answer_to_our_answer_is_in_the_same_thread(channel, write, maria, to):
    start = (await channel.pull(None)).cursor
    await write("no puedo entrar a mi cuenta")
    [heard], after = await everything(channel, start)
    [text] = channel.fit("¿Qué le dice la pantalla?", heard.reach, heard.handle).parts
    receipt = await channel.deliver(a_part(text=text, to=heard.handle, reach=heard.reach, in_reply_to=heard.key), "r-3")

    async def reply():
        return [n["status"] for n in maria.notifications(limit=64) if n["status"] and n["status"]["uri"] == receipt.key]

    [ours] = await eventually(reply, 20)
    await write("que está bloqueada", in_reply_to_id=ours["id"])
    [second], _ = await everything(channel, after)

    assert second.in_reply_to == receipt.key
    assert second.thread == heard.key


async def test_an_answer_finds_its_post_after_a_restart(channel, write, ours, means, maria):
    start = (await channel.pull(None)).cursor
    post = await write("sigo esperando")
    [heard], _ = await everything(channel, start)

    restarted = open_mastodon(Account("acme", "mastodon", settings={"server": ours.url, "token": ours.token}), means)
    [text] = restarted.fit("Ya casi.", heard.reach, heard.handle).parts
    receipt = await restarted.deliver(a_part(text=text, to=heard.handle, reach=heard.reach, in_reply_to=heard.key), "r-4")

    async def replies():
        return [s for s in maria.status_context(post["id"])["descendants"] if s["uri"] == receipt.key]

    assert len(await eventually(replies, 20)) == 1


async def test_the_first_reading_brings_what_was_said_in_the_last_days(write, ours, means):
    await write("esto lo dije antes")
    fresh = open_mastodon(Account("acme", "mastodon", settings={"server": ours.url, "token": ours.token}), means)

    heard, _ = await everything(fresh, None)

    assert any("esto lo dije antes" in message.text for message in heard)
    assert [m.at for m in heard] == sorted(m.at for m in heard)


async def test_this_server_is_found_to_take_no_idempotency_key(channel, ours):
    probe = await channel.probe()

    assert probe.capabilities.idempotency is Idempotency.NONE
    assert probe.capabilities.text_limit == 100_000
    assert probe.name == ours.handle


async def test_a_post_of_hers_becomes_a_favourite_where_she_sees_it_and_what_this_server_cannot_is_refused(
    channel, write, maria
):
    post = await write("gracias, ya funciona")
    heard, _ = await everything(channel, None)
    [key] = [message.key for message in heard if message.text.endswith("ya funciona")]

    await channel.moderate(Op.REACT, key, "❤️", "k")

    async def liked():
        return (await anyio.to_thread.run_sync(maria.status, post["id"]))["favourites_count"]

    assert await eventually(liked, 30) == 1
    with pytest.raises(Refused, match="cannot delete"):
        await channel.moderate(Op.DELETE, key, "", "k")


async def test_a_wrong_token_is_said_in_the_probe_and_stops_reading(ours, means):
    wrong = open_mastodon(Account("acme", "mastodon", settings={"server": ours.url, "token": "nobody"}), means)

    probe = await wrong.probe()

    assert not probe.works
    assert "connect it again" in probe.health.en
    assert "conectarla de nuevo" in probe.health.es
    with pytest.raises(Refused):
        await wrong.pull(None)


async def test_a_server_that_is_not_there_is_unavailable(means):
    nowhere = open_mastodon(Account("acme", "mastodon", settings={"server": "http://127.0.0.1:9", "token": "x"}), means)

    with pytest.raises(Unavailable):
        await nowhere.pull(b"1")
    with pytest.raises(Unavailable):
        await nowhere.deliver(a_part(text="@ana@example.social hola", to="mastodon:@ana@example.social"), "r-5")


async def test_right_after_an_attempt_nobody_can_say_that_it_failed(channel, to):
    with pytest.raises(Unavailable, match="may still"):
        await channel.locate(a_part(text=f"nunca {time.time()}", to=to), "r-6", datetime.now(UTC))

    assert await channel.locate(a_part(text="nunca", to=to), "r-6", datetime.now(UTC) - timedelta(minutes=5)) is None
