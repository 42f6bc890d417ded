"""Who asks, and whether they may: every route declares what it needs; one gate asks for it before any handler runs.

A route says `opt=needs("desk.read")`, or `opt=EVERYONE`; a route that says nothing stops the start (`routes.py`).
What is written with a cookie must come from our own pages: Sec-Fetch-Site or Origin is checked, then the token of the session.
"""

import hmac
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, WebSocket
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from rapport.access import sessions, tokens
from rapport.web.languages import LANGUAGES, language_asked
from rapport.web.office import Office

COOKIE = "rapport"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
EVERYONE: dict[str, Any] = {"needs": ""}  # Any: as Litestar types `opt`
BY_NETWORKS: dict[str, Any] = {"needs": "", "by_network": True}  # what a network sends proves itself: see web.hooks
FROM_OUR_PAGES: dict[str, Any] = {
    "needs": "",
    "same_origin": True,
}  # nobody has signed in yet, but only our pages may post here


class Who(msgspec.Struct, frozen=True):
    """Somebody signed in, or a program with a token: `csrf` is then "", `agent` whom it acts for, or `token:` and its name."""

    tenant: int
    agent: str
    role: str
    name: str
    language: str
    permissions: frozenset[str]
    csrf: str = ""

    def may(self, permission: str) -> bool:
        """Whether the permission is theirs."""
        return permission in self.permissions


AnyRequest = Request[Any, Any, Any]  # Any: we keep who asks in the scope ourselves
AnyConnection = ASGIConnection[Any, Any, Any, Any]  # Any: as above


def needs(permission: str) -> dict[str, Any]:  # Any: as Litestar types `opt`
    """What a route declares: the permission without which it answers 401 or 403."""
    return {"needs": permission}


def office_of(connection: AnyConnection) -> Office:
    """The office that this application works for."""
    office = connection.app.state["office"]
    assert isinstance(office, Office)
    return office


def current(request: AnyConnection) -> Who:
    """Who asks. Only on routes that need a permission."""
    who = request.scope["user"]
    assert isinstance(who, Who)
    return who


def perhaps(request: AnyConnection) -> Who | None:
    """Who asks, or None: on routes that are open to everyone."""
    who = request.scope.get("user")
    return who if isinstance(who, Who) else None


def language_of(request: AnyConnection) -> str:
    """The language to answer in: of the address, of who is signed in, of the browser, of the house."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return str(asked)
    who = perhaps(request)
    if who is not None and who.language in LANGUAGES:
        return who.language
    return language_asked(request.headers, office_of(request).language)


def gate(app: ASGIApp) -> ASGIApp:
    """The one gate, as a middleware: guards cost a copy of the handler each time."""

    async def through(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await let_in(Request(scope, receive), scope["route_handler"].opt)
        elif scope["type"] == ScopeType.WEBSOCKET:
            await let_in_socket(WebSocket(scope, receive, send), scope["route_handler"].opt)
        await app(scope, receive, send)

    return through


async def let_in(connection: AnyRequest, opt: dict[str, Any]) -> None:  # Any: as Litestar types `opt`
    """Find who asks and whether they may. Raises NotAuthorizedException or PermissionDeniedException."""
    if opt.get("by_network"):
        return
    need = opt.get("needs", "")  # only Litestar's own answers to OPTIONS say nothing: `routes` has looked
    given = connection.headers.get("authorization", "")
    if given[:7].lower() == "bearer ":
        who: Who | None = await _by_token(connection, given[7:])
    elif given[:6].lower() == "basic " and opt.get("basic"):
        who = await _by_basic(connection, given[6:])
    else:
        who = await _by_cookie(connection)
    connection.scope["user"] = who
    method = connection.method
    by_cookie = who is not None and bool(who.csrf)
    if method not in SAFE and (opt.get("same_origin") or (need and by_cookie)):
        _check_origin(connection)
    if not need:
        return
    if who is None:
        raise NotAuthorizedException("sign in first, or send an API token as `Authorization: Bearer rpt_…`")
    if need not in who.permissions:
        raise PermissionDeniedException(f"the role {who.role} has no permission `{need}`; ask an administrator for it")
    if by_cookie and method not in SAFE:
        await _check_csrf(connection, who)


async def let_in_socket(connection: AnyConnection, opt: dict[str, Any]) -> None:  # Any: as Litestar types `opt`
    """Find whose page opens a socket, and whether they may. Raises NotAuthorizedException or PermissionDeniedException."""
    who = await _by_cookie(connection)
    connection.scope["user"] = who
    if connection.headers.get("origin", "null") == "null":
        raise PermissionDeniedException("a socket is opened by our own page, which says its origin")
    _check_origin(connection)
    if who is None:
        raise NotAuthorizedException("sign in first")
    if opt["needs"] not in who.permissions:
        raise PermissionDeniedException(f"the role {who.role} has no permission `{opt['needs']}`; ask an administrator for it")


async def _by_cookie(connection: AnyConnection) -> Who | None:
    tenant, token = sessions.read_cookie(connection.cookies.get(COOKIE, ""))
    if tenant is None:
        return None
    office = office_of(connection)
    login = await sessions.signed_in(office.store, tenant, token, office.clock.now())
    if login is None:
        return None
    csrf = sessions.csrf_of(token)
    return Who(tenant, login.id, login.role, login.name, login.language, login.permissions, csrf)


async def _by_token(connection: AnyConnection, text: str) -> Who:
    office = office_of(connection)
    cache = office.memory.get("tokens")
    if cache is None:
        cache = office.memory["tokens"] = tokens.Known(office.store, office.clock)
    token = await cache.find(text)
    if token is None:
        raise NotAuthorizedException("this API token is unknown or was withdrawn; make a new one under Administration")
    return Who(token.tenant, token.agent or f"token:{token.name}", token.role, token.name, "", token.permissions)


async def is_known(connection: AnyConnection) -> bool:
    """Whether the API token that a connection came with is still one; False where it came with none."""
    given = connection.headers.get("authorization", "")
    try:
        return given[:7].lower() == "bearer " and bool(await _by_token(connection, given[7:]))
    except NotAuthorizedException:
        return False


async def _by_basic(connection: AnyConnection, given: str) -> Who:
    """Who a TaskRouter program is: an AccountSid, or a name that begins with SK, and a token. All zeros: any account."""
    try:
        account, _, text = b64decode(given, validate=True).decode().partition(":")
    except (ValueError, UnicodeDecodeError):
        account, text = "", ""
    who = await _by_token(connection, text)
    if account[:2] != "SK" and account not in (f"AC{who.tenant:032x}", f"AC{0:032x}"):
        raise NotAuthorizedException(f"the account {account[:40]!r} is not the one of this key; it is AC{who.tenant:032x}")
    return who


def _check_origin(connection: AnyConnection) -> None:
    """Refuse what another site's page makes a browser send. A program that sends neither header is not a browser."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise PermissionDeniedException(f"this came from another site ({site}); open our own page and try again")
    origin = connection.headers.get("origin")
    ours = {connection.headers.get("host"), urlsplit(office_of(connection).public_url).netloc}  # a proxy may rename the host
    if origin and origin != "null" and urlsplit(origin).netloc not in ours:
        raise PermissionDeniedException(f"this came from {origin}, not from our own page; open our page and try again")
    if origin == "null" and site != "same-origin":
        raise PermissionDeniedException("this came from a page without an origin; open our own page and try again")


async def _check_csrf(connection: AnyRequest, who: Who) -> None:
    given = connection.headers.get("x-csrf-token")
    if given is None:
        kind, _ = connection.content_type
        if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
            given = str((await connection.form()).get("csrf", ""))
    if not hmac.compare_digest((given or "").encode(), who.csrf.encode()):
        raise PermissionDeniedException(
            "the page was open for too long, or the form is not ours; reload the page and try again"
        )


HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
        b"font-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
FRAMED = (HEADERS[0][0], HEADERS[0][1].replace(b"frame-ancestors 'none'", b"frame-ancestors 'self'"))
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")


async def add_headers(message: Message, scope: Scope) -> None:
    """Give every answer the headers that keep a browser safe, whatever made the answer."""
    if message["type"] != "http.response.start":
        return
    headers = list(message.get("headers", []))
    have = {name.lower() for name, _ in headers}
    office = scope["litestar_app"].state["office"]
    if office.phones is not None and (b"sec-fetch-dest", b"iframe") in scope["headers"] and FRAMED[0] not in have:
        headers.append(FRAMED)  # the desk inside the phone's page
        have.add(FRAMED[0])
    headers.extend(pair for pair in HEADERS if pair[0] not in have)
    if office.secure:
        headers.append(STRICT_TRANSPORT)
    message["headers"] = headers


def address_of(connection: AnyConnection) -> str:
    """The network address that asks; "" where it is not known."""
    return connection.client.host if connection.client else ""
