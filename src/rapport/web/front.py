"""The front of the web: what must be fast is done before the application, and only where nothing about it is special.

One message with an API token that was looked up less than half a minute ago is taken in here, for half of what the whole
application costs. Whatever is special in any way (a batch, an Idempotency-Key, a cookie, a mistake, too much that waits)
goes to the application with its body, so there is one place that says what is wrong.
"""

from typing import cast

import msgspec
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from rapport.access.tokens import Known
from rapport.errors import RapportError
from rapport.web import health
from rapport.web.api_messages import MESSAGES, read_one, take_one
from rapport.web.office import Office
from rapport.web.security import HEADERS

PERMISSION = "messages.write"
MOST_BYTES = 65_536
_SAID = [(b"content-type", b"application/json"), *HEADERS]


def front(app: ASGIApp, office: Office) -> ASGIApp:
    """The application with its front."""
    tokens = office.memory.setdefault("tokens", Known(office.store, office.clock))
    answered = health.ANSWERS.labels("2xx")

    async def through(scope: Scope, receive: Receive, send: Send) -> None:
        tenant = _plain(scope, tokens)
        if tenant is None:
            await app(scope, receive, send)
            return
        first = cast("HTTPReceiveMessage", await receive())  # a request by HTTP receives nothing else
        said = None
        if first["type"] == "http.request" and not first["more_body"]:
            try:
                said = await take_one(office, tenant, read_one(first["body"]))
            except (RapportError, msgspec.DecodeError):
                said = None  # the application says what is wrong, and how
        if said is None:
            await app(scope, _again(first, receive), send)
            return
        answered.inc()
        headers = [*_SAID, (b"content-length", b"%d" % len(said))]
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": said, "more_body": False})

    return through


def _plain(scope: Scope, tokens: Known) -> int | None:
    """The tenant of a plain hand-in of one message; None where it is anything else."""
    if scope["path"] != MESSAGES or scope.get("method") != "POST":  # only HTTP has a method
        return None
    token = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            token = tokens.at_hand(value[7:].decode("latin-1")) if value[:7].lower() == b"bearer " else None
        elif name == b"idempotency-key" or (name == b"content-length" and int(value) > MOST_BYTES):
            return None
    return token.tenant if token is not None and PERMISSION in token.permissions else None


def _again(first: HTTPReceiveMessage, receive: Receive) -> Receive:
    """The request from its beginning once more."""
    waiting = [first]

    async def replay() -> HTTPReceiveMessage:
        return waiting.pop() if waiting else cast("HTTPReceiveMessage", await receive())

    return replay
