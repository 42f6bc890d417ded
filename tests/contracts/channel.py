"""The specification of a channel, as tests. Each network subclasses it and gives its fixtures."""

import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import anyio
import msgspec
import pytest

from rapport.channels.channel import (
    Channel,
    Eligibility,
    Exchange,
    File,
    Fitted,
    Idempotency,
    Locates,
    Op,
    Part,
    Probe,
    Pulls,
    Verifies,
)
from rapport.channels.units import measure
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import News

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
Write = Callable[[str], Awaitable[None]]
Arrived = Callable[[str], Awaitable[int]]
Filed = Callable[[], Awaitable[list[bytes]]]
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==")

GARBAGE = {
    "nothing": b"",
    "a NUL": b"\0",
    "bytes of no alphabet": bytes(range(256)) * 8,
    "half of a JSON": b'{"id": "1", "text": "hol',
    "another JSON": b'{"what": [1, 2, {"is": null}]}',
    "a list": b'[1, "two", null, {}, []]',
    "a lone surrogate": rb'{"from": "\ud800", "text": "\udfff", "visitor": "\ud800", "key": "k", "id": "\ud83d"}',
    "NUL inside": json.dumps({"from": "a\0b", "text": "c\0d", "visitor": "a\0", "key": "\0"}).encode(),
    "1 MiB of letters": b"a" * (1 << 20),
    "1 MiB of text in JSON": json.dumps({"from": "ana", "text": "a" * (1 << 20)}).encode(),
    "deep JSON": b"[" * 100_000,
    "deep closed JSON": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "a number beyond numbers": b'{"from": "ana", "text": "x", "at": 1e400}',
    "angle brackets": b"<" * 100_000,
    "a mail of headers": b"A: b\r\n" * 2000 + b"\r\n",
    "a mail of parts": b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n' + b"--x\r\n\r\n.\r\n" * 1500,
}


def a_part(**changes: object) -> Part:
    """A valid part; name only what the test is about."""
    return msgspec.structs.replace(Part(text="Lo miramos ya.", to="ana", reach=Reach.PRIVATE, subject="Hola"), **changes)


@pytest.mark.anyio
class ChannelContract:
    """Subclass as `TestEmailChannel(ChannelContract)` and give the fixtures that raise here."""

    @pytest.fixture
    def channel(self) -> Channel:
        raise NotImplementedError(f"{type(self).__name__} must give a `channel` fixture")

    @pytest.fixture
    def to(self) -> str:
        """The handle of a person who can be written to."""
        raise NotImplementedError(f"{type(self).__name__} must give a `to` fixture")

    @pytest.fixture
    def write(self) -> Write:
        """`await write(text)`: the person says something, and the network has it when this returns."""
        raise NotImplementedError(f"{type(self).__name__} must give a `write` fixture")

    @pytest.fixture
    def arrived(self) -> Arrived:
        """`await arrived(text)`: how many messages that say `text` the person has."""
        raise NotImplementedError(f"{type(self).__name__} must give an `arrived` fixture")

    @pytest.fixture
    def filed(self, channel) -> Filed:
        """`await filed()`: the bytes of every file that the person has."""
        if channel.capabilities.media.types:
            raise NotImplementedError(f"{type(self).__name__} takes files and must give a `filed` fixture")
        return None

    @pytest.fixture
    def answering(self) -> str:
        """The key of a message that is answered, where the network has no other way to say something."""
        return ""

    async def test_every_message_is_heard_with_its_author_and_its_text(self, channel, write, to):
        pulls = needs(channel, Pulls)
        start = (await pulls.pull(None)).cursor
        for text in ("uno", "dos", "tres"):
            await write(text)

        heard, _ = await everything(pulls, start)

        assert [(m.handle, last_word(m.text)) for m in heard] == [(to, "uno"), (to, "dos"), (to, "tres")]

    async def test_of_webhooks_that_are_dropped_the_sweep_finds_every_message_within_five_minutes(self, channel, write):
        if not isinstance(channel, Verifies) or not isinstance(channel, Pulls):
            pytest.skip("nothing is both told by a webhook and read")
        if not channel.capabilities.reads_back:
            pytest.skip("this network cannot be read back, and its page says so")
        place, missed = (await channel.pull(None)).cursor, []
        for text in ("uno", "dos", "tres", "cuatro"):
            await write(text)  # and nobody is told

        heard, place = await everything(channel, place)
        missed += [last_word(message.text) for message in heard]
        await write("cinco")
        heard, _ = await everything(channel, place)
        missed += [last_word(message.text) for message in heard]

        assert missed == ["uno", "dos", "tres", "cuatro", "cinco"]
        assert channel.capabilities.poll <= 270  # and half a minute to read it; the sweep of who pushes is no slower

    async def test_reading_again_from_a_cursor_skips_nothing_after_it(self, channel, write):
        pulls = needs(channel, Pulls)
        start = (await pulls.pull(None)).cursor
        await write("uno")
        first, after_first = await everything(pulls, start)
        await write("dos")
        await write("tres")

        later, _ = await everything(pulls, after_first)
        again, _ = await everything(pulls, after_first)

        assert [last_word(m.text) for m in first] == ["uno"]
        assert {"dos", "tres"} <= {last_word(m.text) for m in later}
        assert {m.key for m in again} == {m.key for m in later}

    async def test_a_reading_that_brings_nothing_keeps_the_place(self, channel, write):
        pulls = needs(channel, Pulls)
        start = (await pulls.pull(None)).cursor
        await write("uno")
        _, place = await everything(pulls, start)

        nothing, same_place = await everything(pulls, place)
        await write("dos")
        later, _ = await everything(pulls, same_place)

        assert nothing == []
        assert [last_word(m.text) for m in later] == ["dos"]

    async def test_the_same_once_sends_once_where_the_network_promises_it(self, channel, to, arrived, answering):
        if channel.capabilities.idempotency is Idempotency.NONE:
            pytest.skip("this network promises nothing: after an unknown outcome it is asked first")
        reach = usual_reach(channel)
        [text] = channel.fit("Una sola vez", reach, to).parts
        part = a_part(to=to, text=text, reach=reach, in_reply_to=answering)

        first = await channel.deliver(part, "once-1")
        again = await channel.deliver(part, "once-1")

        assert first.key == again.key
        assert await arrived(text) == 1

    async def test_what_was_sent_can_be_found_and_what_was_not_sent_cannot(self, channel, to, answering):
        locates = needs(channel, Locates)
        long_ago = NOW - timedelta(days=1)
        reach = usual_reach(channel)
        [text] = channel.fit("Se puede encontrar", reach, to).parts
        part = a_part(to=to, text=text, reach=reach, in_reply_to=answering)
        sent = await channel.deliver(part, "once-2")

        found = await eventually(lambda: locates.locate(part, "once-2", long_ago))

        assert found == sent.key
        never = msgspec.structs.replace(part, text=f"{text} y esto nunca")
        assert await locates.locate(never, "once-3", long_ago) is None

    @pytest.mark.parametrize("reach", Reach)
    async def test_what_is_declared_can_be_done(self, channel, to, reach, arrived, answering):
        speaks(channel)
        if reach not in channel.capabilities.reaches:
            pytest.skip(f"this network has nothing {reach}")
        [text] = channel.fit(f"Con alcance {reach}", reach, to).parts

        part = a_part(to=to, text=text, reach=reach, in_reply_to=answering)
        receipt = await channel.deliver(part, f"once-{reach}")

        assert receipt.key
        assert await arrived(text) == 1

    async def test_a_file_that_the_network_takes_arrives_as_it_was_and_is_sent_once(self, channel, to, filed, answering):
        await channel.probe()
        rules = channel.capabilities.media
        if not rules.types:
            pytest.skip("this network takes no files: they go as links")
        reach = Reach(rules.reach) if rules.reach else usual_reach(channel)
        [text] = channel.fit("Aquí está la llave", reach, to).parts
        file = File("llave.png", "image/png", PNG, "Una llave")
        part = a_part(to=to, text=text if rules.with_text else "", reach=reach, in_reply_to=answering, files=(file,))

        first = await channel.deliver(part, "once-file")
        if channel.capabilities.idempotency is not Idempotency.NONE:
            again = await channel.deliver(part, "once-file")
            assert again.key == first.key

        assert first.key
        assert [data for data in await filed() if data == PNG] == [PNG]

    async def test_the_probe_finds_what_the_channel_is(self, channel):
        probe = await channel.probe()

        assert isinstance(probe, Probe)
        assert probe.works, probe.health.en
        assert probe.health.es
        assert probe.health.en
        assert probe.capabilities == channel.capabilities
        assert probe.capabilities.reaches
        assert probe.capabilities.can_locate == isinstance(channel, Locates)
        assert (probe.capabilities.poll > 0) == isinstance(channel, Pulls)

    @pytest.mark.parametrize("reach", Reach)
    def test_a_long_text_is_split_and_each_part_is_within_the_limit(self, channel, to, reach):
        speaks(channel)
        words = [f"palabra{n}" for n in range(3 * channel.capabilities.text_limit // 8)]

        fitted = channel.fit(" ".join(words), reach, to)

        assert isinstance(fitted, Fitted)
        assert fitted.limit == channel.capabilities.text_limit
        assert len(fitted.parts) > 1
        assert max(measure(part, fitted.unit) for part in fitted.parts) <= fitted.limit
        assert [word for part in fitted.parts for word in part.split() if word.startswith("palabra")] == words

    def test_a_text_that_fits_is_one_part_and_fitting_it_again_changes_nothing(self, channel, to):
        speaks(channel)
        [part] = channel.fit("Buenos días, lo miramos.", Reach.PRIVATE, to).parts

        assert channel.fit(part, Reach.PRIVATE, to).parts == (part,)
        assert "Buenos días, lo miramos." in part

    def test_one_word_longer_than_the_limit_is_cut_and_nothing_of_it_is_lost(self, channel, to):
        speaks(channel)
        limit = channel.capabilities.text_limit

        fitted = channel.fit("x" * (2 * limit), Reach.PRIVATE, to)

        assert max(measure(part, fitted.unit) for part in fitted.parts) <= limit
        assert sum(part.split()[-1].count("x") for part in fitted.parts) == 2 * limit

    def test_an_empty_text_has_no_parts_or_only_what_the_network_needs(self, channel, to):
        assert len(channel.fit("", Reach.PRIVATE, to).parts) <= 1

    @pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE.keys())
    def test_whatever_a_network_says_is_a_message_or_kept_as_unreadable(self, channel, raw):
        for said in channel.parse(raw):
            assert isinstance(said, Incoming | Unreadable | News)
            assert said.key
            assert storable(said)

    def test_the_same_bytes_have_the_same_keys(self, channel):
        for raw in GARBAGE.values():
            assert [said.key for said in channel.parse(raw)] == [said.key for said in channel.parse(raw)]

    def test_an_answer_to_somebody_who_just_wrote_is_allowed(self, channel, to):
        exchange = Exchange(handle=to, reach=Reach.PRIVATE, heard_at=NOW - timedelta(minutes=1))

        answer = channel.eligible(Op.REPLY, exchange, NOW)

        assert isinstance(answer, Eligibility)
        assert answer.allowed == (Op.REPLY in channel.capabilities.ops)
        assert answer.allowed or (answer.reason and answer.reason.es and answer.reason.en)


def usual_reach(channel) -> Reach:
    """Private where the network can be, else public."""
    return Reach.PRIVATE if Reach.PRIVATE in channel.capabilities.reaches else Reach.PUBLIC


def needs(channel, ability):
    """The channel with an ability that the test is about; skips where it has none."""
    if not isinstance(channel, ability):
        pytest.skip(f"this channel has no {ability.__name__}")
    return channel


def speaks(channel):
    """Skips where a channel can only be read."""
    if Op.REPLY not in channel.capabilities.ops:
        pytest.skip("this channel is only read")


async def everything(channel: Pulls, cursor: bytes | None) -> tuple[list[Incoming], bytes | None]:
    """What can be read from a cursor on, and the cursor behind it; nothing in it may be unreadable."""
    heard = []
    while True:
        page = await channel.pull(cursor)
        assert [e.reason for e in page.events if isinstance(e, Unreadable)] == []
        heard += page.events
        cursor = page.cursor
        if not page.more:
            return heard, cursor


async def eventually(ask, seconds: float = 30.0):
    """What `ask` gives as soon as it gives anything; networks need a moment."""
    found = await ask()
    with anyio.move_on_after(seconds):
        while not found:
            await anyio.sleep(0.1)
            found = await ask()
    return found


def last_word(text: str) -> str:
    return text.split()[-1]


def storable(said: Incoming | Unreadable | News) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no half of a surrogate pair."""
    if isinstance(said, Incoming):
        texts = text_of(said)
    else:
        texts = [value for value in msgspec.structs.astuple(said) if isinstance(value, str)]
    return all("\0" not in text and text.encode() is not None for text in texts)


def text_of(message: Incoming) -> list[str]:
    names = [name for media in message.media for name in (media.name, media.type, media.url)]
    fields = (message.text, message.name, message.subject, message.html, message.thread, message.in_reply_to)
    return [message.key, message.handle, *fields, *names]
