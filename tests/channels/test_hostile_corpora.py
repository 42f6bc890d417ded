"""Every hostile mail, JSON and string that we have goes through the parsers: within two seconds, none dropped."""

import json
import time
from pathlib import Path

import pytest

from contracts.channel import NOW, storable
from rapport.channels.channel import Means
from rapport.channels.email.channel import open_email
from rapport.channels.feeds.channel import open_feed
from rapport.channels.file import FileChannel
from rapport.channels.mastodon.parse import messages_in
from rapport.channels.plain import plain_from_html, readable
from rapport.channels.sandbox import Sandbox
from rapport.channels.webchat import WebchatChannel
from rapport.clock import FakeClock
from rapport.model.centre import Account
from rapport.model.message import Incoming, Unreadable

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
MAILS = ("flanker-mail", "mikel-mail", "mimekit", "spamscope-mail", "stalwart-mail")


@pytest.fixture(scope="module")
def corpora():
    if not CORPORA.is_dir():
        pytest.skip("the corpora of hostile inputs are not beside this checkout (../shared/corpora)")
    return CORPORA


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def mailbox(sandbox):
    settings = {"address": "care@acme.test", "imap_host": "localhost", "smtp_host": "localhost", "password": "x"}
    return open_email(Account("care", "email", settings=settings), Means(FakeClock(NOW), str, None, sandbox))


def files(corpora, *folders):
    return [path for folder in folders for path in sorted((corpora / folder).rglob("*")) if path.is_file()]


@pytest.mark.slow
def test_every_mail_is_a_message_or_kept_with_its_bytes_in_two_seconds_and_256_mib(corpora, mailbox, sandbox, capsys):
    mailbox.parse(b"From: ana@example.org\r\n\r\nhola")
    readers = sandbox.children
    slow, lost, opened, slowest, mails = [], [], 0, 0.0, files(corpora, *MAILS)

    for path in mails:
        raw, began = path.read_bytes(), time.monotonic()
        said = mailbox.parse(raw)
        slowest = max(slowest, time.monotonic() - began)
        opened += sum(isinstance(event, Incoming) for event in said)
        kept = [event for event in said if isinstance(event, Incoming) or event.raw == raw]
        lost += [] if len(said) == len(kept) == 1 and storable(said[0]) else [path.name]
        slow += [path.name for event in kept if isinstance(event, Unreadable) and "seconds" in event.reason]

    most = max(peak_of(child) for child in sandbox.children)
    with capsys.disabled():
        counts = f"{opened} messages, {len(mails) - opened - len(lost)} kept as unreadable, {len(lost)} lost"
        print(f"\n{len(mails)} mails: {counts}; slowest {slowest:.2f} s, most memory {most >> 20} MiB")
    assert slow == []  # the sandbox stops what takes two seconds of processor time, and says so
    assert lost == []
    assert opened >= 290
    assert sandbox.children == readers  # nothing ended the reader
    assert most <= 256 << 20


@pytest.mark.long
def test_every_feed_is_read_or_kept_with_its_bytes_and_none_takes_two_seconds_or_256_mebibytes(corpora):
    sandbox, wrong, opened = Sandbox(), [], 0
    settings = {"address": "https://blog.example/feed"}
    feed = open_feed(Account("blog", "feeds", settings=settings), Means(FakeClock(NOW), str, None, sandbox))

    for path in files(corpora, "feedparser/tests"):
        raw = path.read_bytes()
        said = feed.parse(raw)
        kept = [event for event in said if isinstance(event, Incoming) or event.raw == raw]
        opened += sum(isinstance(event, Incoming) for event in said)
        well = len(kept) == len(said) and all(storable(event) for event in said)
        stopped = any("seconds" in event.reason or "stopped" in event.reason for event in kept if isinstance(event, Unreadable))
        wrong += [] if well and not stopped else [path.name]
    most = max(peak_of(child) for child in sandbox.children)
    sandbox.close()

    assert wrong == []
    assert opened >= 30
    assert most <= 256 << 20


def peak_of(process):
    """The most memory that a process ever held, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.parametrize("channel", ["file", "mastodon", "webchat"])
def test_every_json_text_is_a_message_or_kept_as_unreadable(corpora, channel, tmp_path):
    parse = {
        "file": FileChannel(tmp_path, FakeClock(NOW)).parse,
        "webchat": WebchatChannel(FakeClock(NOW)).parse,
        "mastodon": lambda raw: messages_in(raw, "acme.test", NOW),
    }[channel]

    for path in files(corpora, "JSONTestSuite"):
        for event in parse(path.read_bytes()):
            assert isinstance(event, Incoming | Unreadable)
            assert storable(event)


def test_every_naughty_string_arrives_as_it_was_written(corpora, tmp_path):
    strings = json.loads((corpora / "blns" / "blns.json").read_text())
    channel = FileChannel(tmp_path, FakeClock(NOW))

    heard = [channel.parse(json.dumps({"from": "ana", "text": text}).encode())[0] for text in strings]

    assert [message.text for message in heard] == [readable(text) for text in strings]
    assert all(storable(message) for message in heard)


def test_every_naughty_string_in_a_post_is_plain_text(corpora):
    strings = json.loads((corpora / "blns" / "blns.json").read_text())
    author = {"id": "1", "acct": "ana@example.social"}

    for text in strings:
        status = {"id": "1", "uri": "u", "account": author | {"display_name": text}, "content": text, "spoiler_text": text}
        [message] = messages_in(json.dumps({"id": "1", "type": "mention", "status": status}).encode(), "acme.test", NOW)
        assert isinstance(message, Incoming)
        assert storable(message)


def test_broken_html_becomes_text_at_once(corpora):
    for path in files(corpora, "feedparser", "mimekit/UnitTests/TestData/html"):
        source = path.read_bytes().decode("utf-8", "replace")
        started = time.process_time()

        plain_from_html(source)

        assert time.process_time() - started < 1, path.name
