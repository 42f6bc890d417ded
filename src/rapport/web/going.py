"""Where a form goes on to: addresses of our own, and what stands in them."""

from urllib.parse import urlsplit

from litestar.response import Redirect

from rapport.errors import NotFound
from rapport.model.ids import read_id


def inside(text: str, otherwise: str) -> str:
    """An address of our own to go on to; never one of another site."""
    parts = urlsplit(text)
    return text if text.startswith("/") and not text.startswith("//") and not parts.netloc and "\\" not in text else otherwise


def go(url: str) -> Redirect:
    """On to a page of ours, to be fetched anew."""
    return Redirect(url, status_code=303)


def asked_id(text: str, what: str) -> bytes:
    """The id that an address names. Raises NotFound."""
    found = read_id(text)
    if found is None:
        raise NotFound(f"{text[:40]!r} names no {what}")
    return found
