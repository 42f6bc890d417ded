"""What a flood has waiting is read in a second process; whatever becomes of that, everything is read."""

import sys

import pytest

from ledger.ledgerwork import NOW
from rapport.app.second_reader import SecondReader
from rapport.ledger.entry import Entry
from rapport.model.fact import MessageReceived, Said
from rapport.model.message import ChannelKind, Reach
from rapport.understanding.reader import shipped

pytestmark = pytest.mark.anyio
TEXTS = ["Se cae el wifi de mi cuarto", "I was charged twice", ""]


def entries(texts):
    id = bytes(16)
    fact = MessageReceived(id, id, "main", "mastodon", ChannelKind.SOCIAL, Reach.PUBLIC, "k", NOW)
    return [Entry(1, n, id, NOW, id, fact, Said(text, "mastodon:@ana@example.social")) for n, text in enumerate(texts)]


def nothing_is_read_here(texts):
    raise AssertionError(f"read here: {texts}")


async def test_what_was_begun_is_known_when_it_is_asked_for():
    reader = SecondReader(nothing_is_read_here)
    try:
        await reader.begin(entries(TEXTS))
        await reader.ready()

        assert reader.read(TEXTS) == shipped().read(TEXTS)
    finally:
        await reader.end()


async def test_what_was_not_begun_is_read_here():
    here = shipped()
    reader = SecondReader(here.read)
    await reader.ready()

    assert reader.read(TEXTS) == here.read(TEXTS)


@pytest.mark.parametrize("argv", [("/nowhere/reader",), (sys.executable, "-c", "pass"), (sys.executable, "-c", "print('no')")])
async def test_a_reader_that_fails_is_let_go_and_everything_is_read_here(argv):
    here = shipped()
    reader = SecondReader(here.read, argv)
    await reader.begin(entries(TEXTS))
    await reader.ready()

    assert reader.read(TEXTS) == here.read(TEXTS)
    assert reader._process is None
