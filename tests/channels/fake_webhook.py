"""A system behind a webhook, written from the standard's text; a foreign library checks and makes every signature.

It drops copies by webhook-id, as the standard asks of receivers. The same logic serves over a real loopback socket.
"""

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

OLD = "whsec_" + "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"
NEW = "whsec_" + "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3"


class FakeSystem:
    """`took` is what came, once each; `fails` are answers to give first, (status, headers); `knows` is its secret."""

    def __init__(self, knows=NEW):
        self.webhook, self.took, self.heard, self.fails = Webhook(knows), {}, [], []
        self.names = True

    def answer(self, body, headers):
        """(status, headers, body) for one request."""
        headers = {name.lower(): value for name, value in headers.items()}
        self.heard.append((body, headers))
        if self.fails:
            failing = self.fails.pop(0)
            if isinstance(failing, Exception):
                raise failing
            return (*failing, b"{}")
        try:
            self.webhook.verify(body, headers)
        except WebhookVerificationError:
            return 401, {}, b'{"error": "bad signature"}'
        self.took.setdefault(headers["webhook-id"], json.loads(body))
        name = {"key": f"crm-{headers['webhook-id']}"} if self.names else {}
        return 200, {}, json.dumps(name).encode()

    @property
    def http(self):
        """A client that asks this system and nothing else."""

        def handle(request):
            status, headers, body = self.answer(request.content, request.headers)
            return httpx.Response(status, headers=headers, content=body)

        return httpx.AsyncClient(transport=httpx.MockTransport(handle))

    @contextmanager
    def served(self):
        """Its address on a real loopback port."""
        system = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers, said = system.answer(body, dict(self.headers))
                self.send_response(status)
                for name, value in ({"content-length": str(len(said))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *told):
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook"
        finally:
            server.shutdown()
            server.server_close()
            thread.join(5)


def post(body, secret=NEW, name="msg_1", at=None, **headers):
    """(headers, bytes) of a webhook that a foreign library signed. `headers` with `_` for `-`."""
    at = at or datetime.now(UTC)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = Webhook(secret).sign(name, at, raw.decode())
    told = {"content-type": "application/json", "webhook-id": name, "webhook-timestamp": str(int(at.timestamp()))}
    return told | {"webhook-signature": signed} | {k.replace("_", "-"): v for k, v in headers.items()}, raw
