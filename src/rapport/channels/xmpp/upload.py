"""Files on XMPP (XEP-0363): the server gives a place to put one, and the address by which it is fetched goes to the person."""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

import httpx

from rapport.channels.part import File
from rapport.errors import Refused, Unavailable

UPLOAD = "{urn:xmpp:http:upload:0}"
OOB = "{jabber:x:oob}"
HEADERS = frozenset({"authorization", "cookie", "expires"})  # XEP-0363, 5: all others are ignored
SECONDS = 15.0
PORTS = {"https": 443, "http": 80}


class Asks(Protocol):
    """As much of a line as is needed."""

    async def ask(self, to: str, question: Element) -> Element:
        """What somebody answers. Raises Unavailable, Refused, BadInput."""
        ...


@dataclass(frozen=True, slots=True)
class Uploads:
    """The service `place` (host, or host:port) of a server. Nothing is put anywhere else. `plain`: by http too, for tests."""

    line: Asks
    http: httpx.AsyncClient
    place: str
    plain: bool = False

    async def put(self, file: File) -> str:
        """The address of a file that was put there; it may be done twice. Raises Unavailable, Refused, BadInput."""
        size, kind = str(len(file.data)), file.type or "application/octet-stream"
        question = Element(f"{UPLOAD}request", {"filename": file.name[:200], "size": size, "content-type": kind})
        slot = await self.line.ask(self.place.casefold().partition(":")[0], question)
        put, get = slot.find(f".//{UPLOAD}put"), slot.find(f".//{UPLOAD}get")
        if put is None or get is None:
            raise Refused("the server gives no place for a file")
        given = {h.get("name", "").lower(): h.text or "" for h in put.findall(f"{UPLOAD}header")}
        told = {name: value.replace("\r", "").replace("\n", "") for name, value in given.items() if name in HEADERS}
        await self._put(self._checked(put.get("url", "")), file.data, told | {"content-type": kind})
        return self._checked(get.get("url", ""))

    def _checked(self, url: str) -> str:
        """The address, where it is the service's own: else its host is in no list of ways out."""
        host, _, port = self.place.casefold().partition(":")
        known = (host, int(port) if port.isdecimal() else 443)
        try:
            parts = urlsplit(url)
            secure = parts.scheme == "https" or (self.plain and parts.scheme == "http")
            fits = secure and (parts.hostname, parts.port or PORTS[parts.scheme]) == known and not parts.username
        except ValueError:  # a port that is none, or half an address in brackets
            raise Refused(f"the server names a place for files that is no address: {url[:80]!r}") from None
        if not fits:
            raise Refused(
                f"the server names a place for files at {parts.netloc[:80]!r}; set `upload` of the account to that host, "
                "which must be the service's own name too"
            )
        return url

    async def _put(self, url: str, data: bytes, headers: dict[str, str]) -> None:
        try:
            answer = await self.http.put(url, content=data, headers=headers, timeout=SECONDS, follow_redirects=False)
        except httpx.HTTPError as error:
            raise Unavailable(f"the server does not take the file: {type(error).__name__}") from error
        if answer.status_code == 413 or answer.status_code in (400, 403, 415):
            raise Refused(f"the server answers {answer.status_code} to the file; make it smaller, or send it as a link")
        if not answer.is_success:
            raise Unavailable(f"the server answers {answer.status_code} to the file")


def out_of_band(url: str) -> Element:
    """What tells a program that a message's text is the address of a file (XEP-0066)."""
    found = Element(f"{OOB}x")
    SubElement(found, f"{OOB}url").text = url
    return found
