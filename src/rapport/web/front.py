"""The front of the web: what must be fast is done before the application, and only where nothing about it is special.

A message with an API token that was looked up less than half a minute ago is taken in here, together with all that came in the
same moment. A head that was read once is known again by its bytes. Whatever is special in any way (a batch, an Idempotency-Key,
a mistake, too much that waits) goes on to the application as it came, so there is one place that says what is wrong.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httptools
import msgspec
import structlog

from rapport.access.tokens import Known
from rapport.store.connecting import LOST
from rapport.web import health
from rapport.web.api.messages import MESSAGES, TAKEN_BYTES, take_many
from rapport.web.office import Office
from rapport.web.patience import FOR_BODY, FOR_IDLE, MOST_HEADERS, Patience, Patient
from rapport.web.security import HEADERS, STRICT_TRANSPORT

log = structlog.get_logger()
PERMISSION = "messages.write"
MOST_BYTES = 65_536
MOST_HEADS = 4_096
LONGEST = 4_096  # bytes of a head that is remembered
START = b"POST %s HTTP/1.1\r\n" % MESSAGES.encode()
END = b"\r\n\r\n"
Answer = Callable[[bytes | None], None]


class Head(msgspec.Struct, frozen=True):
    """What a plain head says: whose it is, and how many bytes follow."""

    token: str
    length: int


@dataclass(slots=True)
class Lane:
    """Takes in what came in one turn of the loop as one."""

    office: Office
    tokens: Known
    heads: dict[bytes, Head] = field(default_factory=dict)
    ok: bytes = b""
    _arrived: dict[int, list[tuple[bytes, Answer]]] = field(default_factory=dict)
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    def __post_init__(self) -> None:
        """The head of every answer is the same."""
        said = [*HEADERS, *([STRICT_TRANSPORT] if self.office.secure else ()), (b"content-type", b"application/json")]
        lines = b"".join(b"%s: %s\r\n" % pair for pair in said)
        self.ok = b"HTTP/1.1 202 Accepted\r\n" + lines + b"content-length: %d\r\n\r\n" % TAKEN_BYTES

    def head(self, raw: bytes) -> Head | None:
        """What a plain head says; None where it is not plain."""
        found = self.heads.get(raw)
        if found is None and len(raw) <= LONGEST and (found := read_head(raw)) is not None:
            if len(self.heads) >= MOST_HEADS:
                self.heads.clear()
            self.heads[raw] = found
        return found

    def tenant(self, token: str) -> int | None:
        """Whose token it is, where that is at hand and it may hand messages in."""
        known = self.tokens.at_hand(token)
        return known.tenant if known is not None and PERMISSION in known.permissions else None

    def take(self, tenant: int, body: bytes, answer: Answer) -> None:
        """Take a message in. `answer` is called with what to say, or with None where the application must."""
        if not self._arrived:
            asyncio.get_running_loop().call_soon(self._go)
        self._arrived.setdefault(tenant, []).append((body, answer))

    def _go(self) -> None:
        arrived, self._arrived = self._arrived, {}
        for tenant, messages in arrived.items():
            task = asyncio.get_running_loop().create_task(self._take(tenant, messages))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _take(self, tenant: int, messages: list[tuple[bytes, Answer]]) -> None:
        said: list[bytes | None] = [None] * len(messages)
        try:
            said = await take_many(self.office, tenant, [body for body, _ in messages])
        except LOST as error:
            log.warning("messages.not_taken", error=repr(error)[:200])  # the application says so to each
        finally:
            health.ANSWERS.labels("2xx").inc(len(said) - said.count(None))
            for (_, answer), one in zip(messages, said, strict=True):
                answer(one)


class Front(Patient):
    """A connection whose plain messages take the lane; everything else is uvicorn's."""

    def __init__(self, *args: Any, lane: Lane, **more: Any) -> None:  # Any: as uvicorn calls it
        super().__init__(*args, **more)
        self.lane = lane
        self._message = b""  # a plain request, whole or not yet
        self._taking = False  # it is whole and was handed on
        self._held = b""  # what came behind it
        self._last = False

    def data_received(self, data: bytes) -> None:
        """A plain message to the lane, anything else to the application."""
        if self.transport.is_closing():
            return
        if self._taking:
            self._held += data
            if len(self._held) > MOST_BYTES:
                self.flow.pause_reading()
            return
        begun = bool(self._message)
        if begun:
            data = self._message + data
        elif not (data.startswith(START) and self.between and self._at_rest()):
            super().data_received(data)
            return
        self._message = b""
        end = data.find(END) + len(END)
        head = self.lane.head(data[:end]) if end >= len(END) else None
        tenant = self.lane.tenant(head.token) if head is not None else None
        if head is None or tenant is None:
            super().data_received(data)
            return
        self._unset_keepalive_if_required()
        self.between, whole = False, end + head.length
        if len(data) < whole:
            self._message = data
            if not begun:
                self.until = self.loop.time() + FOR_BODY
            return
        self.until, self._taking = 0.0, True
        self._message, self._held = data[:whole], data[whole:]
        self.lane.take(tenant, data[end:whole], self.answered)

    def answered(self, said: bytes | None) -> None:
        """Write the answer; None: the application has to give it."""
        message, held = self._message, self._held
        self._message, self._held, self._taking, self.between = b"", b"", False, True
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if said is None:
            super().data_received(message + held)
            return
        self.transport.write(self.lane.ok + said)
        self.server_state.total_requests += 1
        if self._last:
            self.transport.close()
        elif held:
            self.data_received(held)
        else:
            self.until = self.loop.time() + FOR_IDLE

    def shutdown(self) -> None:
        """End the connection, after the answer that somebody waits for."""
        if self._taking:
            self._last = True
        else:
            super().shutdown()

    def _at_rest(self) -> bool:
        return (self.cycle is None or self.cycle.response_complete) and not self.pipeline and not self.flow.write_paused


def front(office: Office, patience: Patience | None = None) -> Callable[..., Front]:
    """What uvicorn makes a connection of: `uvicorn.Config(create(office), http=front(office))`."""
    shared = patience or Patience()
    lane = Lane(office, office.memory.setdefault("tokens", Known(office.store, office.clock)))

    def connect(*args: Any, **more: Any) -> Front:  # Any: as uvicorn calls it
        return Front(*args, lane=lane, patience=shared, **more)

    return connect


class _Reading:
    """Collects a head from the parser."""

    def __init__(self) -> None:
        self.url = b""
        self.lines: list[tuple[bytes, bytes]] = []
        self.whole = False

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line."""
        self.lines.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The end."""
        self.whole = True


SPECIAL = frozenset({b"idempotency-key", b"transfer-encoding", b"content-encoding", b"expect", b"upgrade"})


def read_head(raw: bytes) -> Head | None:
    """What a head says that begins with START and ends with END; None where anything about it is special."""
    reading = _Reading()
    parser = httptools.HttpRequestParser(reading)
    try:
        parser.feed_data(raw)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    lines = dict(reading.lines)
    token, length = lines.get(b"authorization", b""), lines.get(b"content-length", b"")
    plain = reading.whole and reading.url == MESSAGES.encode() and len(lines) == len(reading.lines) <= MOST_HEADERS
    if not plain or not parser.should_keep_alive() or not SPECIAL.isdisjoint(lines):
        return None
    if token[:7].lower() != b"bearer " or not length.isdigit() or not 0 < int(length) <= MOST_BYTES:
        return None
    return Head(token[7:].decode("latin-1"), int(length))
