"""Which addresses we may ask on a stranger's word: only such as lie in the open (against server-side request forgery)."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from rapport.errors import BadInput

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")
_ODD_V4 = frozenset(IPv4Address(f"192.0.0.{last}") for last in (8, 9, 10, 170, 171))  # of protocols, not of hosts
_DOCUMENTATION = IPv6Network("3fff::/20")


class NotOpen(BadInput):
    """A host that is not asked: it has no address, or one of our own network, which is named for whoever runs the house."""


def is_open(address: Address) -> bool:
    """Whether an address is one host in the open internet; what is wrapped in it counts too.

    `ipaddress.is_global` alone is not enough: up to Python 3.13 it lets multicast, NAT64 and some 6to4 addresses through.
    """
    if isinstance(address, IPv6Address):
        wrapped = wrapped_in(address)
        if wrapped:
            return all(is_open(inner) for inner in wrapped)
        if address.is_site_local or address in _DOCUMENTATION:
            return False
    elif address in _ODD_V4:
        return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not (special or address.is_loopback or address.is_private)


def wrapped_in(address: IPv6Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address leads to: mapped, compatible, NAT64, 6to4, Teredo."""
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if any(address in network for network in _NAT64) or (address in _COMPATIBLE and int(address) > 1):
        return [last]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return list(address.teredo)
    return []


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, by the machine's own resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[4][0]) for where in found))


async def safe_addresses(host: str, port: int, *, resolver: Resolve = resolve, allow_private: bool = False) -> list[str]:
    """The addresses of a host, resolved once. Raises BadInput unless all of them lie in the open."""
    try:
        found = [ip_address(text.partition("%")[0]) for text in await resolver(host.strip("[]"), port)]
    except (OSError, ValueError, UnicodeError) as error:
        raise NotOpen(f"the host {host[:100]!r} has no address") from error
    if not found:
        raise NotOpen(f"the host {host[:100]!r} has no address")
    hidden = [address for address in found if not is_open(address)]
    if hidden and not allow_private:
        raise NotOpen(f"the host {host[:100]!r} leads to {hidden[0]}, which is not in the open internet")
    return [str(address) for address in found]
