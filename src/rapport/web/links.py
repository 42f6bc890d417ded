"""Links in what people write: where they really go, and what is wrong with them. They are shown, never live."""

import ipaddress
import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import urlsplit

import msgspec

from rapport.model.centre import Centre
from rapport.people.groups.domains import public_suffixes

LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'`«»“”]+", re.IGNORECASE)
TRAILING = ".,;:!?)]}…’"
MOST = 50  # links of one message
# Letters of other alphabets that look like Latin ones (Unicode technical standard 39, the part that fits in a domain).
ALIKE = str.maketrans(
    "аеорсухіјѕԁһӏԛԝмтвнкαοеνρτικυωγ0135",  # noqa: RUF001
    "aeopcyxijsdhlqwmtbhkaoevptikuwyoles",
)


class Link(msgspec.Struct, frozen=True):
    """One link. `url` in full; `domain`: what somebody had to register; `warnings`: names of what is wrong, worst first.

    `start` and `end` are its place in the text; -1 where only the formatting has it.
    """

    url: str
    host: str
    domain: str
    warnings: tuple[str, ...] = ()
    start: int = -1
    end: int = -1


def domain_of(host: str) -> str:
    """The part of a host that somebody had to register; the host itself where there is none, as of a number."""
    return host if _is_number(host) else public_suffixes().privatesuffix(host) or host


def brand_domains(centre: Centre) -> tuple[str, ...]:
    """The domains that are truly ours, as the brands of a centre name them."""
    named = {link for brand in centre.brands.values() for link in brand.links}
    hosts = {link.removeprefix("https://").removeprefix("http://").split("/")[0].casefold() for link in named}
    return tuple(sorted(domain_of(host) for host in hosts if host))


def skeleton(host: str) -> str:
    """A host as the eye reads it: accents dropped, look-alike letters of other alphabets as the Latin ones."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", host.casefold()) if not unicodedata.combining(char))
    return plain.translate(ALIKE).replace("rn", "m").replace("vv", "w")


def look(url: str, brands: tuple[str, ...] = (), *, start: int = -1, end: int = -1) -> Link | None:
    """What a link is; None where it is none. `brands`: the domains that are truly ours."""
    whole = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(whole)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if not host:
        return None
    shown = _unpunished(host)
    domain = domain_of(shown)
    found = []
    if _resembles(shown, domain, brands):
        found.append("resembles")
    if _mixed(shown):
        found.append("mixed")
    if _is_number(host):
        found.append("number")
    if parts.username is not None:
        found.append("user")
    if port not in (None, 80, 443):
        found.append("port")
    if parts.scheme.lower() == "http":
        found.append("open")
    return Link(whole, shown, domain, tuple(found), start, end)


def links_in(text: str, html: str = "", brands: tuple[str, ...] = ()) -> list[Link]:
    """Every link of a message, in order: of its text, then those that only its formatting has. At most MOST."""
    found = []
    for match in LINK.finditer(text):
        url = match[0].rstrip(TRAILING)
        link = look(url, brands, start=match.start(), end=match.start() + len(url))
        if link is not None:
            found.append(link)
    seen = {link.url for link in found}
    for href in _hrefs(html) if html else ():
        link = look(href, brands) if href.lower().startswith(("http://", "https://")) else None
        if link is not None and link.url not in seen:
            seen.add(link.url)
            found.append(link)
    return found[:MOST]


def _unpunished(host: str) -> str:
    """A host with its letters as people would see them."""
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host.lower() else host.casefold()
    except (UnicodeError, ValueError):
        return host.casefold()


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host.replace(".", "").isdigit()
    return True


def _mixed(host: str) -> bool:
    """Whether one word of it has letters of more than one alphabet."""
    return any(len({_alphabet(char) for char in label if char.isalpha()}) > 1 for label in host.split("."))


def _alphabet(char: str) -> str:
    return unicodedata.name(char, "UNKNOWN").split(" ")[0]


def _resembles(host: str, domain: str, brands: tuple[str, ...]) -> bool:
    """Whether it looks like a domain of ours and is none: other letters, one letter off, or our name before another's."""
    for brand in brands:
        if domain == brand:
            return False
        name = brand.split(".")[0]
        near = skeleton(domain)
        if near == skeleton(brand) or f"{brand}." in f"{host}." or _one_off(near.split(".")[0], skeleton(name)):
            return True
        if len(name) > 4 and name in skeleton(host):
            return True
    return False


def _one_off(one: str, other: str) -> bool:
    """Whether two words of five letters or more differ by one letter that is changed, missing or added."""
    if min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1 or one == other:
        return one == other and len(one) >= 5
    head = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    tails = (one[head + (len(one) >= len(other)) :], other[head + (len(other) >= len(one)) :])
    return tails[0] == tails[1]


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text, or a link with its number among the message's links."""

    text: str
    link: Link | None = None
    number: int = -1


def pieces(text: str, links: list[Link]) -> list[list[Piece]]:
    """A text as paragraphs, each cut into what is said and the links in it. `links`: as `links_in` gave them."""
    placed = [(number, link) for number, link in enumerate(links) if link.start >= 0]
    found = []
    for paragraph in re.finditer(r"\S(?:.|\n(?!\n))*", text):
        cut: list[Piece] = []
        at = paragraph.start()
        for number, link in placed:
            if paragraph.start() <= link.start < paragraph.end():
                cut += [Piece(text[at : link.start]), Piece(text[link.start : link.end], link, number)]
                at = link.end
        found.append([piece for piece in (*cut, Piece(text[at : paragraph.end()].rstrip())) if piece.text])
    return found


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where an anchor points to."""
        self.found += [value.strip() for name, value in attrs if tag in ("a", "area") and name == "href" and value]


def _hrefs(html: str) -> list[str]:
    anchors = _Anchors()
    anchors.feed(html)
    return anchors.found
