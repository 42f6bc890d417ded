"""A connection to a server outside: by itself, or through the house's proxy, which is asked to CONNECT (RFC 9110, 9.3.6)."""

import asyncio
import base64
import socket
from urllib.parse import unquote, urlsplit

from rapport.errors import Unavailable

LONGEST = 16 * 1024  # bytes of what a proxy answers before the line is through
PROXY_PORT = 3128


async def tunnel(host: str, port: int, proxy: str) -> socket.socket | None:
    """A socket that is through to `host` by the proxy; None: there is no proxy, so connect by yourself.

    Raises:
        Unavailable: the proxy cannot be reached, or does not let us through; says what it answered.
        OSError: the line was cut.
    """
    if not proxy:
        return None
    at = urlsplit(proxy)
    if at.scheme != "http" or not at.hostname:
        raise Unavailable(f"outbound_proxy must be like http://proxy:3128 for connections that are not HTTP, got {at.scheme!r}")
    loop, through = asyncio.get_running_loop(), False
    found = await loop.getaddrinfo(at.hostname, at.port or PROXY_PORT, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    line = socket.socket(family, kind, protocol)
    try:
        line.setblocking(False)
        await loop.sock_connect(line, address)
        await loop.sock_sendall(line, _asked(host, port, at.username, at.password))
        answer = (await _answer(loop, line)).split(b"\r\n")[0].decode("latin-1")
        through = answer.split()[1:2] == ["200"]
    finally:
        if not through:
            line.close()
    if not through:
        raise Unavailable(f"the proxy {at.hostname} does not let us through to {host}:{port}: it answers {answer[:100]!r}")
    return line


def _asked(host: str, port: int, user: str | None, password: str | None) -> bytes:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if user:
        token = base64.b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {token}")
    return "\r\n".join([*lines, "", ""]).encode()


async def _answer(loop: asyncio.AbstractEventLoop, line: socket.socket) -> bytes:
    """The head of the proxy's answer, read byte by byte: what comes behind it is the server's already."""
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        piece = await loop.sock_recv(line, 1)
        if not piece or len(said) > LONGEST:
            raise Unavailable(f"the proxy hung up after {said[:100]!r}")
        said += piece
    return said
