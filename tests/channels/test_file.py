"""The folder as a channel: the contract, and what only a folder does."""

import json
from datetime import timedelta

import pytest

from contracts.channel import NOW, ChannelContract, a_part, everything
from rapport.channels.file import FileChannel
from rapport.clock import FakeClock
from rapport.model.message import Reach, Unreadable

pytestmark = pytest.mark.anyio


@pytest.fixture
def channel(tmp_path):
    return FileChannel(tmp_path, FakeClock(NOW), limit=300)


def put(folder, *lines, name="a.jsonl", end="\n"):
    (folder / "in").mkdir(exist_ok=True)
    with (folder / "in" / name).open("a") as stream:
        stream.write("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + end)


def a_line(**changes):
    return {"from": "ana", "text": "hola"} | changes


class TestFileChannel(ChannelContract):
    @pytest.fixture
    def channel(self, tmp_path):
        return FileChannel(tmp_path, FakeClock(NOW), limit=300)

    @pytest.fixture
    def to(self):
        return "file:ana"

    @pytest.fixture
    def write(self, tmp_path):
        async def write(text):
            put(tmp_path, a_line(text=text))

        return write

    @pytest.fixture
    def arrived(self, tmp_path):
        async def arrived(text):
            lines = (tmp_path / "out" / "sent.jsonl").read_text().splitlines()
            return sum(json.loads(line)["text"] == text for line in lines)

        return arrived


async def test_a_line_says_everything_that_a_message_has(channel, tmp_path):
    line = a_line(key="k", name="Ana", at="2026-11-16T09:00:00-06:00", public=True, thread="t", in_reply_to="r", subject="s")
    put(tmp_path, line)

    [heard] = (await channel.pull(None)).events

    assert (heard.key, heard.handle, heard.name, heard.reach) == ("k", "file:ana", "Ana", Reach.PUBLIC)
    assert (heard.at.isoformat(), heard.thread, heard.in_reply_to, heard.subject) == (
        "2026-11-16T09:00:00-06:00", "t", "r", "s",
    )  # fmt: skip


async def test_a_line_may_name_a_handle_of_another_network(channel, tmp_path):
    put(tmp_path, a_line(**{"from": "mastodon:@ana@example.social"}))

    [heard] = (await channel.pull(None)).events

    assert heard.handle == "mastodon:@ana@example.social"


async def test_a_line_that_is_still_being_written_is_read_when_it_is_whole(channel, tmp_path):
    put(tmp_path, '{"from": "ana", "te', end="")
    page = await channel.pull(None)

    put(tmp_path, 'xt": "hola"}')
    later = await channel.pull(page.cursor)

    assert page.events == ()
    assert [m.text for m in later.events] == ["hola"]


async def test_a_bad_line_is_kept_and_stops_nothing(channel, tmp_path):
    put(tmp_path, "{what?", a_line(text="dos"))

    bad, good = (await channel.pull(None)).events

    assert isinstance(bad, Unreadable)
    assert bad.raw == b"{what?"
    assert good.text == "dos"


async def test_every_file_is_read_and_each_from_its_own_place(channel, tmp_path):
    put(tmp_path, a_line(text="a1"), name="a.jsonl")
    put(tmp_path, a_line(text="b1"), name="b.jsonl")
    _, cursor = await everything(channel, None)
    put(tmp_path, a_line(text="a2"), name="a.jsonl")
    put(tmp_path, a_line(text="c1"), name="c.jsonl")

    later, _ = await everything(channel, cursor)

    assert [m.text for m in later] == ["a2", "c1"]


async def test_a_file_that_was_made_anew_is_read_from_its_start(channel, tmp_path):
    put(tmp_path, a_line(text="uno"), a_line(text="dos"))
    _, cursor = await everything(channel, None)
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps(a_line(text="tres")) + "\n")

    later, _ = await everything(channel, cursor)

    assert [m.text for m in later] == ["tres"]


async def test_twenty_thousand_lines_come_in_pages_and_none_is_missing(channel, tmp_path):
    put(tmp_path, *(a_line(key=str(n)) for n in range(20_000)))

    heard, _ = await everything(channel, None)

    assert [m.key for m in heard] == [str(n) for n in range(20_000)]


async def test_what_another_process_sent_is_not_sent_again(tmp_path):
    clock = FakeClock(NOW)
    before = FileChannel(tmp_path, clock)
    first = await before.deliver(a_part(to="file:ana"), "once-1")
    clock.move(timedelta(hours=1))

    again = await FileChannel(tmp_path, clock).deliver(a_part(to="file:ana"), "once-1")

    assert again == first
    assert len((tmp_path / "out" / "sent.jsonl").read_text().splitlines()) == 1


async def test_a_line_that_was_cut_off_while_writing_counts_as_not_sent(channel, tmp_path):
    await channel.deliver(a_part(), "once-1")
    with (tmp_path / "out" / "sent.jsonl").open("a") as stream:
        stream.write('{"once": "once-2", "at": "2026')

    assert await channel.locate(a_part(), "once-1", NOW) == "once-1"
    assert await channel.locate(a_part(), "once-2", NOW) is None


async def test_a_folder_that_cannot_be_made_is_said_in_the_probe(tmp_path):
    (tmp_path / "file").write_text("")

    probe = await FileChannel(tmp_path / "file", FakeClock(NOW)).probe()

    assert not probe.works
    assert "cannot be used" in probe.health.en
