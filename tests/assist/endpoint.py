"""A real HTTP server on loopback that speaks the chat completions of OpenAI, and answers what a test says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], tuple[int, bytes]]  # Any: plain JSON; what was asked → status and body


def completion(text: Any, **message: Any) -> bytes:
    """A chat completion with this text."""
    told = {"role": "assistant", "content": text, **message}
    return json.dumps({"choices": [{"index": 0, "message": told}], "usage": {"total_tokens": 300}}).encode()


class Model:
    """The server's address, what it answers next and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.answer: Answer = lambda asked: (200, completion("Hola"))
        self.hold = threading.Event()  # an answer waits for it where `slow`
        self.slow = False


@contextmanager
def a_model() -> Iterator[Model]:
    """A model until the block ends."""
    model = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            model.asked.append({"path": self.path, **asked})
            model.keys.append(self.headers.get("authorization", ""))
            if model.slow:
                model.hold.wait(30)
            status, body = model.answer(asked)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield model
    finally:
        model.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
