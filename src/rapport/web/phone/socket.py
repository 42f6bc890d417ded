"""The softphone's line: SIP between an agent's browser and the telephone server, over our own address.

The browser can register, answer and end calls; it cannot place one: calls are placed by Rapport, which knows the rules. So an
INVITE that begins a call, and every other request that a softphone does not need, ends the line.
"""

import asyncio
import hmac
import re
from contextlib import suppress
from hashlib import sha256
from typing import Any

import structlog
from litestar import WebSocket, websocket
from litestar.exceptions import PermissionDeniedException, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
from websockets.typing import Subprotocol

from rapport.access import sessions
from rapport.errors import RapportError
from rapport.web.office import Office
from rapport.web.security import COOKIE, Who, current, needs, office_of

log = structlog.get_logger()
AnySocket = WebSocket[Any, Any, Any]  # Any: we keep who asks in the scope ourselves
LARGEST = 65_536  # bytes of one SIP message
EACH_SECOND, AT_ONCE = 20.0, 60.0  # messages of a browser
MOST_OF_ONE = 4  # lines of one agent: a page that is loaded anew, and one that is about to go
LOOK = 15.0  # seconds between two looks at the login
OPEN = 5.0  # seconds for the telephone server to answer
METHODS = frozenset({"REGISTER", "ACK", "BYE", "CANCEL", "INFO", "OPTIONS", "UPDATE", "PRACK", "INVITE"})
KEEP_ALIVE = re.compile(r"[\r\n]*")
TO = re.compile(r"^(?:To|t)[ \t]*:(.*)", re.IGNORECASE)
LENGTH = re.compile(r"^(?:Content-Length|l)[ \t]*:(.*)", re.IGNORECASE)
ADDRESS = re.compile(r'(?:"(?:[^"\\]|\\.)*"[ \t]*|[^"<>;,]*)<[^<>"]*>[ \t]*((?:;[^;<>",]*)+)')
TAG = re.compile(r";[ \t]*tag=[^;]", re.IGNORECASE)
SIGNED_OUT, NOT_SIP, TOO_MUCH, AWAY = 4401, 4400, 4429, 4503  # closing codes, after HTTP's


def session_name(token: str) -> str:
    """The name of a login session for the telephone server: made from its token, which it does not tell."""
    return hmac.new(token.encode(), b"rapport phone", sha256).hexdigest()[:32]


def may_pass(message: str) -> bool:
    """Whether a softphone may say this: one message, an answer or a request that begins no call.

    The server reads a stream: what stands behind the length that a message says would be the next one, and unseen by us.
    """
    if KEEP_ALIVE.fullmatch(message):
        return True
    head, _, body = message.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    lengths = [found[1].strip(" \t") for line in lines if (found := LENGTH.match(line))]
    if {"\r", "\n"} & set("".join([first, *lines])) or lengths != [str(len(body.encode()))]:
        return False
    method, _, rest = first.partition(" ")
    if method == "SIP/2.0":
        return True
    if method not in METHODS or not rest.endswith("SIP/2.0"):
        return False
    return method != "INVITE" or _is_in_a_call(lines)


def _is_in_a_call(lines: list[str]) -> bool:
    """Whether the headers say a call that is there: the one address that it goes to has a tag, which is no part of a name."""
    to = [found[1].strip() for line in lines if (found := TO.match(line))]
    address = ADDRESS.fullmatch(to[0]) if len(to) == 1 else None
    return address is not None and TAG.search(address[1]) is not None


class Bucket:
    """How many messages may come: AT_ONCE, and EACH_SECOND more."""

    def __init__(self, now: float) -> None:
        self.left, self.at = AT_ONCE, now

    def takes(self, now: float) -> bool:
        """Take one, if there is one."""
        self.left, self.at = min(AT_ONCE, self.left + (now - self.at) * EACH_SECOND), now
        self.left -= 1
        return self.left >= 0


async def _from_browser(browser: AnySocket, server: ClientConnection) -> int:
    loop = asyncio.get_running_loop()
    bucket = Bucket(loop.time())
    async for text in browser.iter_data("text"):
        if len(text) > LARGEST or not bucket.takes(loop.time()):
            return TOO_MUCH
        if not may_pass(text):
            return NOT_SIP
        await server.send(text)
    return 1000


async def _from_server(browser: AnySocket, server: ClientConnection) -> int:
    async for message in server:
        await browser.send_text(message if isinstance(message, str) else message.decode(errors="replace"))
    return AWAY


async def _until_signed_out(office: Office, who: Who, token: str) -> int:
    open_still = True
    while open_still:
        await asyncio.sleep(LOOK)
        open_still = await sessions.is_open(office.store, who.tenant, token, office.clock.now())
    return SIGNED_OUT


async def _forget(office: Office, who: Who, token: str) -> None:
    """Withdraw the credentials where the login has ended: a page that is signed out goes before we have looked."""
    if office.phones is not None and not await sessions.is_open(office.store, who.tenant, token, office.clock.now()):
        await office.phones.logout(who.tenant, who.agent, session_name(token))


async def relay(browser: AnySocket, server: ClientConnection, office: Office, who: Who, token: str) -> int:
    """Carry messages both ways until one side goes, says too much, or the login ends; the code to close with."""
    tasks = [
        asyncio.create_task(_from_browser(browser, server)),
        asyncio.create_task(_from_server(browser, server)),
        asyncio.create_task(_until_signed_out(office, who, token)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    first = done.pop()
    error = first.exception()
    if error is None:
        return first.result()
    if isinstance(error, WebSocketDisconnect | ConnectionClosed | RapportError):
        return AWAY
    raise error


@websocket("/voice/socket", opt=needs("desk.write"))
async def line(socket: AnySocket) -> None:
    """The line of one browser."""
    office, who = office_of(socket), current(socket)
    _, token = sessions.read_cookie(socket.cookies.get(COOKIE, ""))
    if office.phones is None or not token:
        raise PermissionDeniedException("a phone belongs to who signed in with a browser, in a centre that has a telephone")
    lines: dict[tuple[int, str], int] = office.memory.setdefault("phone lines", {})
    me = (who.tenant, who.agent)
    if lines.get(me, 0) >= MOST_OF_ONE:
        raise PermissionDeniedException(f"{MOST_OF_ONE} phones of {who.agent} are on the line; close the other windows")
    lines[me] = lines.get(me, 0) + 1
    code = AWAY
    try:
        await socket.accept(subprotocols="sip")
        url = await office.phones.url(who.tenant)
        speaks = [Subprotocol("sip")]
        async with connect(
            url, subprotocols=speaks, max_size=LARGEST, open_timeout=OPEN, close_timeout=1, proxy=None
        ) as server:
            code = await relay(socket, server, office, who, token)
    except (OSError, TimeoutError, InvalidHandshake, WebSocketException, RapportError) as error:
        log.warning("phone.server_away", error=repr(error)[:200])
    finally:
        lines[me] -= 1
        if not lines[me]:
            del lines[me]
        with suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(code)
        with suppress(RapportError):  # it is away, and forgets by itself
            await _forget(office, who, token)


HANDLERS = [line]
