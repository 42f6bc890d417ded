"""Whoever is slow on purpose is cut off; whoever waits for us is not."""

import asyncio
from dataclasses import dataclass, field

import pytest

from rapport.web import patience
from rapport.web.patience import Patience
from web.officework import an_office
from web.test_front import a_known_token, a_message, a_request, an_answer, serving

pytestmark = pytest.mark.anyio
GET = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n"


async def later(shared: Patience, seconds: float) -> None:
    """Let the connections look at their deadlines as if so many seconds had passed."""
    for connection in list(shared.connections):
        connection.look(asyncio.get_running_loop().time() + seconds)


async def until(true) -> None:
    for _ in range(6000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came true")


async def drip(port: int, *pieces: bytes):
    """A connection that has sent these pieces, each by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.02)
    return reader, writer


@pytest.mark.parametrize(
    ("pieces", "patient_for"),
    [
        ((b"GET /health HT", b"TP/1.1\r\nx", b": y\r\n"), patience.FOR_HEAD),
        ((b"POST /api/messages HTTP/1.1\r\ncontent-length: 1000\r\n\r\n", b"{", b'"'), patience.FOR_BODY),
    ],
)
async def test_a_request_that_drips_is_ended_however_it_drips(store, tenant, pieces, patient_for):
    async def reading(scope, receive, send):
        while (await receive()).get("more_body"):
            pass

    shared = Patience()
    async with serving(an_office(store), shared, reading) as port:
        reader, writer = await drip(port, *pieces)
        await later(shared, patient_for - 1)
        still_there = bool(shared.connections)
        await later(shared, patient_for + 0.5)
        said = await asyncio.wait_for(reader.read(), 30)
        writer.close()

    assert still_there
    assert said.startswith(b"HTTP/1.1 408 ")


async def test_a_plain_message_that_drips_is_ended_as_well(store, tenant):
    shared, office = Patience(), an_office(store)

    async with serving(office, shared) as port:
        token = await a_known_token(office, tenant, port)
        request = a_request(token, a_message("k1"))
        reader, writer = await drip(port, request[:-20])
        connection = max(shared.connections, key=lambda one: one.until)
        first = connection.until
        for piece in (request[-20:-10], request[-10:-5]):
            writer.write(piece)
            await asyncio.sleep(0.02)
        last = connection.until
        await later(shared, patience.FOR_BODY + 0.5)
        said = await asyncio.wait_for(reader.read(), 30)
        writer.close()

    assert first == last
    assert said.startswith(b"HTTP/1.1 408 ")
    assert "mastodon/k1" not in office.intake.heard


async def test_a_connection_that_asks_nothing_is_closed_without_a_word(store, tenant):
    shared = Patience()

    async with serving(an_office(store), shared) as port:
        fresh, one = await drip(port)
        asked, two = await drip(port, GET)
        await an_answer(asked)
        await later(shared, patience.FOR_HEAD + 0.5)
        first = await asyncio.wait_for(fresh.read(), 30)
        await until(lambda: len(shared.connections) == 1)
        await later(shared, patience.FOR_IDLE + 0.5)
        second = await asyncio.wait_for(asked.read(), 30)
        for writer in (one, two):
            writer.close()

    assert (first, second) == (b"", b"")


async def test_whoever_waits_for_us_may_wait_long(store, tenant):
    going = asyncio.Event()

    async def slow(scope, receive, send):
        await going.wait()
        await send({"type": "http.response.start", "status": 204, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    shared = Patience()
    async with serving(an_office(store), shared, slow) as port:
        reader, writer = await drip(port, GET)
        await later(shared, 3600)
        going.set()
        status, _, _ = await an_answer(reader)
        writer.close()

    assert status == 204


async def test_a_reader_that_fetches_nothing_is_cut_off_and_a_slow_one_is_not(store, tenant):
    large = bytes(8_000_000)

    async def much(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(large))]})
        await send({"type": "http.response.body", "body": large})

    shared = Patience()
    async with serving(an_office(store), shared, much) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(GET)
        await until(lambda: any(c.transport.get_write_buffer_size() for c in shared.connections))
        await later(shared, 0)
        while any(c.transport.get_write_buffer_size() > 3_000_000 for c in shared.connections):
            await reader.read(100_000)
        await later(shared, patience.FOR_READING + 1)
        after_some_was_read = len(shared.connections)
        await later(shared, 2 * patience.FOR_READING + 3)
        await until(lambda: not shared.connections)
        writer.close()

    assert after_some_was_read == 1


@pytest.mark.parametrize("lines", ["x: " + "y" * 17_000, "x: y\r\n" * 101, "x" * 17_000])
async def test_a_head_that_is_too_long_is_refused(store, tenant, lines):
    async with serving(an_office(store)) as port:
        reader, writer = await drip(port, b"GET /health HTTP/1.1\r\n" + lines.encode() + b"\r\n\r\n")
        said = await asyncio.wait_for(reader.read(), 30)
        writer.close()

    assert said.startswith(b"HTTP/1.1 431 ") or said.startswith(b"HTTP/1.1 400 ") and ":" not in lines


async def test_a_long_head_without_an_end_is_refused_before_it_ends(store, tenant):
    async with serving(an_office(store)) as port:
        reader, writer = await drip(port, b"GET /health HTTP/1.1\r\n", b"x: " + b"y" * 9_000, b"y" * 9_000)
        said = await asyncio.wait_for(reader.read(), 30)
        writer.close()

    assert said.startswith(b"HTTP/1.1 431 ")


async def test_one_connection_too_many_is_refused_and_one_that_ends_makes_room(store, tenant):
    shared = Patience(most=2)

    async with serving(an_office(store), shared) as port:
        _, first = await drip(port)
        _, second = await drip(port)
        third, refused = await drip(port)
        said = await asyncio.wait_for(third.read(), 30)
        first.close()
        await until(lambda: len(shared.connections) == 1)
        reader, fourth = await drip(port, GET)
        status, _, _ = await an_answer(reader)
        for writer in (second, refused, fourth):
            writer.close()

    assert said.startswith(b"HTTP/1.1 503 ")
    assert status == 200


@dataclass(eq=False)
class Caller:
    """A connection as far as it is counted."""

    address: str
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def look(self, now: float) -> None:
        """Nothing is late."""


async def test_one_address_may_have_so_many_connections_and_this_machine_any_number():
    shared = Patience(most=1_000, most_of_one=3)

    theirs = [Caller("203.0.113.9") for _ in range(5)]
    refused = [bool(shared.enter(one)) for one in theirs]
    ours = [bool(shared.enter(Caller("127.0.0.1"))) for _ in range(5)]
    others = shared.enter(Caller("203.0.113.10"))
    for one in theirs[1:]:
        shared.leave(one)
    again = shared.enter(Caller("203.0.113.9"))

    assert refused == [False, False, False, True, True]
    assert (any(ours), others, again) == (False, b"", b"")
