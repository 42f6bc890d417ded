"""An HTTP transport that cannot be led into our own network: it resolves once, and connects to addresses that it checked."""

import ssl
from dataclasses import dataclass, field

import httpx

from rapport.channels.addresses import Resolve, resolve, safe_addresses
from rapport.errors import BadInput

PORTS = {"http": 80, "https": 443}


def plain_transport(proxy: str = "", tls: ssl.SSLContext | None = None) -> httpx.AsyncHTTPTransport:
    """Connections that are not kept, and the way of the house: its proxy ("": none) and whom it trusts."""
    few, trusted = httpx.Limits(max_keepalive_connections=0), tls or ssl.create_default_context()
    return httpx.AsyncHTTPTransport(trust_env=False, limits=few, proxy=proxy or None, verify=trusted)


@dataclass(slots=True)
class Guarded(httpx.AsyncBaseTransport):
    """Each request, and so each hop of a redirection, is checked anew. `allow_private`: for tests, with any port."""

    resolver: Resolve = resolve
    allow_private: bool = False
    inner: httpx.AsyncBaseTransport = field(default_factory=lambda: plain_transport())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the first checked address that takes the connection. Raises BadInput where one must not be asked."""
        url = request.url
        port = url.port or PORTS.get(url.scheme, 0)
        if url.scheme not in PORTS or (port not in PORTS.values() and not self.allow_private):
            raise BadInput(f"only http on port 80 and https on port 443 are asked, got {url.scheme} on port {port}")
        if url.userinfo:
            raise BadInput("an address with a user in it is not asked")
        found = await safe_addresses(url.host, port, resolver=self.resolver, allow_private=self.allow_private)
        for last, address in enumerate(found, 1):
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=address),
                headers=request.headers,  # Host stays that of the name
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": url.host},
            )
            try:
                return await self.inner.handle_async_request(pinned)
            except httpx.ConnectError:
                if last == len(found):
                    raise
        raise BadInput(f"the host {url.host!r} has no address")

    async def aclose(self) -> None:
        """Close what is open."""
        await self.inner.aclose()


def guarded_client(transport: Guarded) -> httpx.AsyncClient:
    """A client for addresses that strangers name. It follows no redirection by itself."""
    return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, headers={"user-agent": "Rapport"})
