"""Errors as answers: problem+json (RFC 9457) for programs, a page with the cure for people, or the way in."""

import re
from http import HTTPStatus
from traceback import extract_tb
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg
import msgspec
import structlog
from litestar import MediaType, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from rapport import errors as e
from rapport.model.bilingual import said_in
from rapport.store.connecting import LOST
from rapport.web.languages import retell, say
from rapport.web.page import render_plainly
from rapport.web.security import AnyRequest, language_of

log = structlog.get_logger()
RECOVERED = "2"  # seconds after which a database that was killed has mostly come back


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong, for a program: `value` is what we met, `cure` what to do."""

    type: str
    title: str
    status: int
    detail: str
    value: Any = None  # Any: what the sender wrote
    cure: str = ""


class ErrorPage(msgspec.Struct, frozen=True):
    """What went wrong, for a person."""

    status: int
    title: str
    detail: str
    cure: str


# status -> name, title, cure: sentences of the catalogue
_KINDS: dict[int, tuple[str, str, str]] = {
    400: ("bad-input", "This cannot be read", "Correct what is named and send it again."),
    401: ("not-signed-in", "Nobody is signed in", "Sign in, or send an API token."),
    403: ("not-allowed", "This is not allowed", "Ask an administrator for the permission."),
    404: ("not-found", "There is nothing here", "Check the address, or go back to the desk."),
    405: ("wrong-method", "This cannot be done here", "Look into /api/openapi.json for what can."),
    409: ("conflict", "Somebody else was first", "Look at what stands now, then decide again."),
    413: ("too-large", "This is too large", "Send less at once."),
    422: ("other-body", "The same key came with something else", "Use a new Idempotency-Key for a new request."),
    429: ("too-often", "Too often", "Wait a moment, then try again."),
    500: ("fault", "Something broke on our side", "Try again; when it stays, tell whoever runs Rapport the time."),
    503: ("overloaded", "Too much waits at this moment", "Nothing was lost and nothing was taken; try again in a moment."),
}
PHRASES = {status.phrase for status in HTTPStatus}  # what the framework says of itself, in English: the title says as much
_PLACE = re.compile(r" - at `(\$[^`]*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


class OtherBody(e.BadInput):
    """The Idempotency-Key was used for another request."""


def answer_error(request: AnyRequest, error: Exception) -> Response[Any]:
    """Any error as an answer. A fault of ours is logged; the asker learns nothing of the inside."""
    status, detail = _status_of(error)
    if status == 500:
        log.error("web.fault", path=request.scope["path"], error=type(error).__name__, at=_frames(error))
    elif isinstance(error, asyncpg.DataError):
        log.warning("web.value_not_taken", path=request.scope["path"], at=_frames(error))
    headers = dict(getattr(error, "headers", None) or {})
    if isinstance(error, e.Overloaded):
        headers["retry-after"] = str(max(1, round(error.retry_after.total_seconds())))
    elif isinstance(error, LOST):
        headers["retry-after"] = RECOVERED
        log.warning("web.database_away", path=request.scope["path"], error=type(error).__name__)
    if request.scope["path"].startswith("/chat/"):  # the widget stands on other origins and must read what went wrong
        headers |= {"access-control-allow-origin": "*", "access-control-expose-headers": "retry-after"}
    if _for_people(request):
        if status == 401:
            return Response(None, status_code=303, headers={"location": f"/sign-in?next={quote(_asked_for(request))}"})
        return _page(request, status, detail, headers)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
        if "hx-request" in request.headers:
            headers["hx-redirect"] = f"/sign-in?next={quote(_stood_on(request))}"
    body = msgspec.json.encode(_problem(request, error, status, said_in(detail, "en")))
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers)


def _stood_on(request: AnyRequest) -> str:
    """The page that a script asked from; "" where what it says is no address."""
    try:
        page = urlsplit(request.headers.get("hx-current-url", ""))
    except ValueError:
        return ""
    return f"{page.path}?{page.query}" if page.query else page.path


def _frames(error: Exception) -> list[str]:
    """Where it broke, innermost last: no values, as they may be people's."""
    inner = extract_tb(error.__traceback__)[-8:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in inner]


def _status_of(error: Exception) -> tuple[int, str]:
    if isinstance(error, HTTPException):
        if error.detail == "client disconnected prematurely":  # as Litestar says it, with 500; it is nobody's fault of ours
            return 400, error.detail
        known = error.status_code if error.status_code in _KINDS or error.status_code < 500 else 500
        return known, "" if known == 500 else error.detail
    if isinstance(error, LOST):  # it is away, or recovers
        return 503, "the database does not answer"
    if isinstance(error, asyncpg.DataError):  # such as U+0000 in a text, or a number out of range; its words may be people's
        return 400, "a value cannot be kept; take out characters that nobody sees and numbers that are too large"
    statuses: tuple[tuple[type[Exception], int], ...] = (
        (OtherBody, 422),
        (msgspec.ValidationError, 400),
        (msgspec.DecodeError, 400),
        (RecursionError, 400),  # JSON nested deeper than anybody means: msgspec raises it
        (e.BadInput, 400),
        (e.NotAllowed, 403),
        (e.NotFound, 404),
        (e.Conflict, 409),
        (e.Refused, 409),
        (e.Overloaded, 503),
        (e.Unavailable, 503),
    )
    found = next((status for kind, status in statuses if isinstance(error, kind)), 500)
    return found, "nested too deeply" if isinstance(error, RecursionError) else ("" if found == 500 else str(error))


def _for_people(request: AnyRequest) -> bool:
    path = request.scope["path"]
    if path.startswith(("/api", "/chat/", "/health", "/metrics", "/live")) or "hx-request" in request.headers:
        return False
    return "text/html" in request.headers.get("accept", "")


def _asked_for(request: AnyRequest) -> str:
    query = request.scope.get("query_string", b"").decode("ascii", "ignore")
    path = str(request.scope["path"]) + (f"?{query}" if query else "")
    return path if request.method == "GET" else "/desk"


def _problem(request: AnyRequest, error: Exception, status: int, detail: str) -> Problem:
    name, title, cure = _KINDS.get(status, (f"http-{status}", detail or "Not done", ""))
    told, _, told_cure = detail.partition("; ")
    place = _PLACE.search(detail) if isinstance(error, msgspec.ValidationError) else None
    value = _value_at(request, place.group(1)) if place else None
    return Problem(f"/api/problems#{name}", title, status, told or title, value, told_cure or cure)


def _value_at(request: AnyRequest, place: str) -> Any:  # Any: what the sender wrote
    """What stands at a place such as `$.items[0].at` of the body; None where nothing does."""
    try:
        body = request.scope.get("rapport.body", b"")
        found = msgspec.json.decode(body if isinstance(body, bytes) else b"")
        for name, index in _STEP.findall(place):
            found = found[name] if name else found[int(index)]
    except (msgspec.DecodeError, RecursionError, KeyError, IndexError, TypeError):
        return None
    return found if len(msgspec.json.encode(found)) <= 1_000 else None


def _page(request: AnyRequest, status: int, detail: str, headers: dict[str, str]) -> Response[str]:
    language = language_of(request)
    _, title, cure = _KINDS.get(status, ("", "This cannot be done here", "Check the address, or go back to the desk."))
    told, _, told_cure = retell(language, "" if detail in PHRASES else detail).partition("; ")
    page = ErrorPage(status, say(language, title), told, told_cure or say(language, cure))
    return Response(
        render_plainly(request, "error.html", page),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"cache-control": "no-store", **headers},
    )


HANDLERS: ExceptionHandlersMap = {HTTPException: answer_error, Exception: answer_error}
