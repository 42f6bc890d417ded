"""Our side of a webhook, without the rest of the house: it asks the channel whether to believe a call, and keeps what came."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from rapport.channels.channel import Event, Verifies
from rapport.channels.webhook import Request, Verified


class Door:
    """`channel` answers for each call; `events`: what was heard; `closed`: how many calls are turned away first, with 500."""

    def __init__(self) -> None:
        self.channel: Verifies | None = None
        self.events: list[Event] = []
        self.rejected: list[str] = []
        self.closed = 0
        self.url = ""
        self._turn = threading.Lock()

    def called(self, request: Request) -> tuple[int, bytes, str]:
        """Status, body and type that a call is answered with."""
        with self._turn:
            if self.channel is None or self.closed > 0:
                self.closed -= 1
                return 500, b"", "text/plain"
            answer = self.channel.verify(request, datetime.now(UTC))
            if not isinstance(answer, Verified):
                self.rejected.append(str(answer))
                return 403, b"", "text/plain"
            for raw in answer.raw:
                self.events += self.channel.parse(raw)
            return 200, answer.answer, answer.type


def wait_for(ready, seconds: float = 60.0):
    """What `ready()` gives as soon as it gives anything; what it gave last when the time is over."""
    end = time.monotonic() + seconds
    while not (found := ready()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


@contextmanager
def open_door() -> Iterator[Door]:
    """A door on a free port of this machine, as long as the block runs."""
    door = Door()

    class Caller(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802  # the name that the standard library looks for
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            query = tuple(parse_qsl(parts.query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, parts.path, query, headers, body, door.url, self.client_address[0])
            status, said, kind = door.called(request)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing is written down."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Caller)
    door.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
