"""How long a connection may take: deadlines that no dripped byte puts off; how many there may be, and how long a head is.

uvicorn alone waits for ever for a head or a body, and keeps what a slow reader does not fetch. Here whatever we wait for has an
absolute deadline, one number a connection, and all of them are looked at once a second: no timer is made for a request.
"""

import asyncio
import resource
from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOK = 1.0  # seconds between two looks at the deadlines
FOR_HEAD = 5.0  # seconds from the first byte of a request, or from the connection, to the end of its head
FOR_BODY = 10.0  # seconds for a body, and one more for each SLOWEST that came of it
FOR_IDLE = 15.0  # seconds between two requests
FOR_READING = 20.0  # seconds in which a reader must fetch SLOWEST of what waits for it
SLOWEST = 50_000  # bytes
LONGEST_HEAD = 16_384  # bytes
MOST_HEADERS = 100
MOST_OF_ONE = 100  # connections from one address that is not this machine's
SHARE_OF_FILES = 0.8  # of the files that this process may open


def _refusal(status: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status


TOO_MANY_OF_ONE = _refusal(b"429 Too Many Requests")
TOO_MANY = _refusal(b"503 Service Unavailable")
TOO_LONG = _refusal(b"431 Request Header Fields Too Large")
TOO_LATE = _refusal(b"408 Request Timeout")


def most_connections() -> int:
    """How many connections the files that this process may open allow."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return int(limit * SHARE_OF_FILES) if limit > 0 else 100_000


@dataclass(slots=True)
class Patience:
    """What the connections of a server share. `most`: in all; `most_of_one`: of one address, 0 for no limit."""

    most: int = field(default_factory=most_connections)
    most_of_one: int = MOST_OF_ONE
    connections: "set[Patient]" = field(default_factory=set)
    of_one: Counter[str] = field(default_factory=Counter)
    _next: asyncio.TimerHandle | None = None

    def enter(self, connection: "Patient") -> bytes:
        """Count a connection; what to answer where it is one too many, else nothing."""
        self.connections.add(connection)
        self.of_one[connection.address] += 1
        if self._next is None:
            self._next = connection.loop.call_later(LOOK, self._look, connection.loop)
        if len(self.connections) > self.most:
            return TOO_MANY
        if 0 < self.most_of_one < self.of_one[connection.address] and not _is_here(connection.address):
            return TOO_MANY_OF_ONE
        return b""

    def leave(self, connection: "Patient") -> None:
        """Count it no more."""
        if connection in self.connections:
            self.connections.remove(connection)
            self.of_one -= Counter((connection.address,))

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self.connections):
            connection.look(now)
        self._next = loop.call_later(LOOK, self._look, loop) if self.connections else None


class Patient(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 with our patience.

    `until`: the loop's time by which what we wait for must have come; 0 while it is we who work. `between`: no part of a
    request has come since the end of the last.
    """

    def __init__(self, *args: Any, patience: Patience, **more: Any) -> None:  # Any: as uvicorn calls it
        super().__init__(*args, **more)
        self.patience = patience
        self.address = ""
        self.until = 0.0
        self.between = True
        self._in_head = True
        self._head = 0  # bytes of a head that is not whole yet
        self._unread = (0.0, 0)  # when a slow reader must have fetched more, and how much waited then

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take the connection, or refuse it where there are too many."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.until = self.loop.time() + FOR_HEAD
        refusal = self.patience.enter(self)
        if refusal:
            self.refuse(refusal)

    def handle_websocket_upgrade(self) -> None:
        """It is a socket from now on, with limits of its own."""
        self.patience.leave(self)
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.patience.leave(self)
        super().connection_lost(exc)

    def refuse(self, answer: bytes) -> None:
        """Answer, and hear no more."""
        self.transport.write(answer)
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.refuse(TOO_LONG)

    def on_message_begin(self) -> None:
        """The first byte of a request has come."""
        super().on_message_begin()
        self.between = False
        self.until = self.loop.time() + FOR_HEAD

    def on_headers_complete(self) -> None:
        """The head is whole. Raises ValueError where it is too long, which the parser hands to `send_400_response`."""
        if self._head > LONGEST_HEAD and sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD:
            raise ValueError("the head is too long")
        if len(self.headers) > MOST_HEADERS:
            raise ValueError("the head has too many lines")
        self._head, self._in_head = 0, False
        self.until = self.loop.time() + FOR_BODY
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """More of the body."""
        self.until += len(body) / SLOWEST
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole: now it is we who work."""
        self.between = self._in_head = True
        self.until = 0.0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, or a head that is too long."""
        too_long = self._in_head and (self._head > LONGEST_HEAD or len(self.headers or ()) > MOST_HEADERS)
        if too_long:
            self.refuse(TOO_LONG)
        else:
            super().send_400_response(msg)

    def on_response_complete(self) -> None:
        """The answer is written: the next request may take its time."""
        super().on_response_complete()
        if self.cycle is None or self.cycle.response_complete:
            self.until = self.loop.time() + FOR_IDLE

    def resume_writing(self) -> None:
        """The reader has fetched most of what waited."""
        self._unread = (0.0, 0)
        super().resume_writing()

    def look(self, now: float) -> None:
        """End the connection where what we wait for is late."""
        waiting = self.transport.get_write_buffer_size()
        by, before = self._unread
        if waiting:
            if not by or waiting <= before - SLOWEST:
                self._unread = (now + FOR_READING, waiting)
            elif now > by:
                self.transport.abort()
            return
        self._unread = (0.0, 0)
        if not self.until or self.transport.is_closing():
            return
        if self.flow.read_paused:
            self.until = now + FOR_BODY  # the application is slower than the sender
        elif now > self.until:
            answered = not self._in_head and self.cycle.response_complete
            self.refuse(b"" if self.between or answered else TOO_LATE)


def _is_here(address: str) -> bool:
    """Whether it is this machine, or its proxy, which keeps limits of its own."""
    try:
        return not address or ip_address(address).is_loopback
    except ValueError:
        return False
