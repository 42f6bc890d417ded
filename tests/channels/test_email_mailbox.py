"""Reading a mailbox: the numbers change, mails cannot be given, lines break; nothing is lost and nothing stops."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from channels.fake_imap import FakeImap
from contracts.channel import NOW
from rapport.channels.email.imap import Imap
from rapport.channels.email.mailbox import MOST_TRIES, Mailbox, Place
from rapport.errors import Unavailable

pytestmark = pytest.mark.anyio


def a_mail(n):
    return f"From: ana@example.org\r\nMessage-ID: <m{n}@example.org>\r\n\r\nhola {n}".encode()


@pytest.fixture
async def server():
    async with FakeImap({n: a_mail(n) for n in (1, 2, 3)}).running() as server:
        yield server


@pytest.fixture
async def mailbox(server):
    async with a_mailbox(server) as mailbox:
        yield mailbox


@asynccontextmanager
async def a_mailbox(server, patience=30.0):
    async def dial():
        return await Imap.open("127.0.0.1", server.port, security="none", timeout=patience)

    mailbox = Mailbox(dial, "INBOX", timedelta(days=7))
    yield mailbox
    await mailbox.close()


async def everything(mailbox, place):
    """What is read from a place on, through broken lines, and the place behind it."""
    found, more = [], True
    while more:
        try:
            posts, place, more = await mailbox.after(place, NOW)
        except Unavailable:
            continue
        found += posts
    return found, place


def texts(posts):
    return [post.raw.rpartition(b"\r\n")[2].decode() for post in posts]


async def test_what_came_after_a_place_is_read_once(server, mailbox):
    first, place = await everything(mailbox, Place())
    server.mails[9] = a_mail(9)

    later, place = await everything(mailbox, place)
    nothing, _ = await everything(mailbox, place)

    assert (texts(first), texts(later), nothing) == (["hola 1", "hola 2", "hola 3"], ["hola 9"], [])


async def test_a_mailbox_that_says_it_was_renumbered_is_read_again(server, mailbox):
    _, place = await everything(mailbox, Place())
    server.validity, server.mails = 8, {1: a_mail(3), 2: a_mail(4)}

    found, place = await everything(mailbox, place)

    assert texts(found) == ["hola 3", "hola 4"]
    assert (place.validity, place.uid) == (8, 2)


async def test_a_mailbox_that_was_made_anew_without_saying_so_is_read_again(server, mailbox):
    """Its next number is not beyond the last one that we read: that cannot be the same mailbox."""
    _, place = await everything(mailbox, Place())
    server.mails = {1: a_mail(4)}

    found, place = await everything(mailbox, place)

    assert texts(found) == ["hola 4"]
    assert place.uid == 1


async def test_a_mail_that_the_server_denies_is_said_and_those_behind_it_are_read(server, mailbox):
    server.refuses = {2}

    found, _ = await everything(mailbox, Place())

    assert [post.reason for post in found] == ["", "the mailbox does not give it: the mailbox server says: NO denied", ""]
    assert found[1].key == "uid:INBOX/7/2"


async def test_a_mail_without_bytes_is_said_and_not_left_out(server, mailbox):
    server.empties = {1, 2}

    found, _ = await everything(mailbox, Place())

    assert [bool(post.reason) for post in found] == [True, True, False]
    assert len({post.key for post in found}) == 3


async def test_a_mail_at_which_the_line_breaks_each_time_does_not_stop_those_behind_it(server, mailbox):
    server.drops = {2}

    found, _ = await everything(mailbox, Place())

    assert [post.raw != b"" for post in found] == [True, False, True]
    assert f"broke {MOST_TRIES} times" in found[1].reason


@pytest.mark.slow
async def test_a_mail_that_comes_slowly_is_read_as_long_as_it_keeps_coming(server):
    server.mails = {1: a_mail(1) + b"x" * 1_200_000}
    server.piece, server.pause = 100_000, 0.1  # longer than the second that it may say nothing

    async with a_mailbox(server, 1.0) as mailbox:
        [post], _ = await everything(mailbox, Place())

    assert post.raw == server.mails[1]


async def test_a_server_that_says_nothing_is_unavailable_within_its_time(server):
    server.pause = 60.0

    async with a_mailbox(server, 0.2) as mailbox:
        with pytest.raises(Unavailable, match="says nothing"):
            await mailbox.after(Place(), NOW)
