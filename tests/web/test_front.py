"""The front takes plain messages by itself, as the application would, and hands on whatever is special."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from rapport.access.tokens import make_token
from rapport.errors import Overloaded
from rapport.model.ids import named_id, show_id
from rapport.web.front import Lane, front, read_head
from rapport.web.patience import Patience
from web.officework import NOW, FakeIntake, an_application, an_office

pytestmark = pytest.mark.anyio
HEAD = "POST /api/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{more}content-length: {length}\r\n\r\n"


@asynccontextmanager
async def serving(office, patience: Patience | None = None, application=None) -> AsyncIterator[int]:
    """The application (or another) behind the front; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    quiet = {"log_level": "error", "lifespan": "off", "server_header": False, "date_header": False}
    with an_application(office) as whole:
        server = uvicorn.Server(uvicorn.Config(application or whole, http=front(office, patience), **quiet))
        task = asyncio.create_task(server.serve([listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await task


def a_message(key: str, text: str = "No hay wifi") -> bytes:
    return b'{"channel":"mastodon","from":"@ana@example.social","text":"%s","key":"%s"}' % (text.encode(), key.encode())


def a_request(token: str, body: bytes, more: str = "") -> bytes:
    return HEAD.format(token=token, length=len(body), more=more).encode() + body


async def an_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    return int(head[0].split()[1]), headers, await asyncio.wait_for(reader.readexactly(int(headers["content-length"])), 30)


async def ask(port: int, *requests: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """The answers to requests on one connection, each asked after the one before was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for request in requests:
        writer.write(request)
        answers.append(await an_answer(reader))
    writer.close()
    return answers


async def a_known_token(office, tenant: int, port: int) -> str:
    """A token that the front knows, as a first message was sent with it."""
    token = await make_token(office.store, tenant, name="program", role="service", now=NOW)
    await ask(port, a_request(token, a_message("first")))
    return token


async def test_the_front_answers_as_the_application_does(store, tenant):
    office = an_office(store)

    async with serving(office) as port:
        token = await a_known_token(office, tenant, port)
        (by_front,) = await ask(port, a_request(token, a_message("k1")))
        (by_application,) = await ask(port, a_request(token, a_message("k2"), more="idempotency-key: k2\r\n"))

    assert by_front[0] == by_application[0] == 202
    assert by_front[1] == by_application[1]
    assert by_front[2].decode() == f'{{"id":"{show_id(named_id(NOW, tenant, "mastodon", "k1"))}","new":true}}'
    assert {"mastodon/k1", "mastodon/k2"} < office.intake.heard.keys()


async def test_messages_that_come_in_one_moment_are_written_together(store, tenant):
    class Counting(FakeIntake):
        sizes: list[int] = []

        async def hear(self, tenant, account, kind, messages, position=None):
            self.sizes.append(len(messages))
            return await super().hear(tenant, account, kind, messages, position)

    office = an_office(store, intake=Counting(store))
    answers: list[bytes | None] = []
    all_answered = asyncio.get_running_loop().create_future()

    def answer(said: bytes | None) -> None:
        answers.append(said)
        if len(answers) == 20:
            all_answered.set_result(None)

    async with serving(office) as port:
        token = await a_known_token(office, tenant, port)
        lane = Lane(office, office.memory["tokens"])
        for n in range(20):
            lane.take(lane.tenant(token), a_message(f"k{n}"), answer)
        await asyncio.wait_for(all_answered, 30)

    assert Counting.sizes == [1, 20]
    assert None not in answers


async def test_requests_that_come_before_their_answers_are_answered_in_order(store, tenant):
    office = an_office(store)

    async with serving(office) as port:
        token = await a_known_token(office, tenant, port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        special = a_request(token, a_message("k1"), more="idempotency-key: k1\r\n")
        asked = [a_request(token, a_message("k0")), special, a_request(token, a_message("k2")), a_request(token, b"{}")]
        writer.write(b"".join(asked))
        answers = [await an_answer(reader) for _ in asked]
        writer.close()

    ids = [show_id(named_id(NOW, tenant, "mastodon", f"k{n}")) for n in range(3)]
    assert [status for status, _, _ in answers] == [202, 202, 202, 400]
    assert [body.decode()[7:39] for _, _, body in answers[:3]] == ids


async def test_a_message_in_pieces_is_taken_when_it_is_whole(store, tenant):
    office = an_office(store)

    async with serving(office) as port:
        token = await a_known_token(office, tenant, port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = a_request(token, a_message("k1"))
        for piece in (request[:20], request[20:90], request[90:-30], request[-30:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        status, _, _ = await an_answer(reader)
        writer.close()

    assert status == 202
    assert "mastodon/k1" in office.intake.heard


async def test_what_is_wrong_is_said_by_the_application(store, tenant):
    office = an_office(store)

    async with serving(office) as port:
        token = await a_known_token(office, tenant, port)
        wrong = [
            a_request(token, a_message("first")),
            a_request(token, b'{"channel":"mastodon","from":"","text":"x"}'),
            a_request(token, b"not json"),
            a_request("rpt_1_unknown", a_message("k1")),
        ]
        answers = await ask(port, *wrong)
        office.intake.error = Overloaded("2001 entries wait to be written, the limit is 2000")
        answers += await ask(port, a_request(token, a_message("k2")))

    assert [status for status, _, _ in answers] == [202, 400, 400, 401, 503]
    assert b'"new":false' in answers[0][2]
    assert answers[4][1]["retry-after"]


async def test_a_server_that_stops_answers_first_what_it_has_taken(store, tenant):
    class Slow(FakeIntake):
        began = asyncio.Event()

        async def hear(self, tenant, account, kind, messages, position=None):
            self.began.set()
            await asyncio.sleep(0.05)
            return await super().hear(tenant, account, kind, messages, position)

    office = an_office(store, intake=Slow(store))

    async with serving(office) as port:
        token = await a_known_token(office, tenant, port)
        Slow.began.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(a_request(token, a_message("k1")))
        await Slow.began.wait()
    status, _, _ = await an_answer(reader)
    writer.close()

    assert status == 202


@pytest.mark.parametrize(
    "line",
    [
        "idempotency-key: k1",
        "transfer-encoding: chunked",
        "content-encoding: gzip",
        "expect: 100-continue",
        "connection: close",
        "connection: upgrade\r\nupgrade: websocket",
        "content-length: 3",
        "authorization: Bearer another",
        "not a header",
    ],
)
def test_a_head_with_anything_special_is_left_to_the_application(line):
    plain = HEAD.format(token="t", length=10, more="")
    special = HEAD.format(token="t", length=10, more=f"{line}\r\n")

    assert read_head(plain.encode()) is not None
    assert read_head(special.encode()) is None


@pytest.mark.parametrize(
    ("was", "instead"),
    [
        ("/api/messages", "/api/messages?x=1"),
        ("HTTP/1.1", "HTTP/1.0"),
        ("Bearer", "Basic"),
        ("length: 10", "length: 0"),
        ("length: 10", "length: 70000"),
        ("length: 10", "length: -1"),
        ("length: 10", "length: 1_0"),
    ],
)
def test_a_head_that_is_not_quite_a_plain_message_is_left_to_the_application(was, instead):
    plain = HEAD.format(token="t", length=10, more="")

    assert read_head(plain.replace(was, instead).encode()) is None
