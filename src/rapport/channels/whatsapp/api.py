"""What is asked of the Cloud API: who the number is, sending, and the bytes of a file."""

import hashlib
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

import msgspec

from rapport.channels.graph_api import GraphApi
from rapport.channels.part import File
from rapport.errors import Refused
from rapport.model.message import Media

LARGEST = 10 * 1024 * 1024  # bytes, as of every file that we keep
KEEPERS = (".facebook.com", ".fbsbx.com", ".fbcdn.net", ".whatsapp.net")  # hosts that may see our token


class Number(msgspec.Struct, frozen=True):
    """Who we are."""

    id: str
    display_phone_number: str = ""
    verified_name: str = ""
    quality_rating: str = ""


class _Named(msgspec.Struct, frozen=True):
    id: str


class Sent(msgspec.Struct, frozen=True):
    """The answer to a message: the network took it, which says nothing of its delivery."""

    messages: list[_Named]


class _Address(msgspec.Struct, frozen=True):
    url: str
    sha256: str = ""
    file_size: int | str = 0


async def look(api: GraphApi, number: str) -> Number:
    """Who we are. Raises Unavailable, Refused."""
    fields = "id,display_phone_number,verified_name,quality_rating"
    found: Number = await api.get(f"/{number}", Number, {"fields": fields})
    return found


async def send(api: GraphApi, number: str, body: dict[str, Any]) -> str:  # Any: JSON
    """Give a message to the network; its key. Raises Refused, Unavailable, OutcomeUnknown."""
    sent: Sent = await api.send(f"/{number}/messages", {"messaging_product": "whatsapp"} | body, Sent)
    return sent.messages[0].id if sent.messages else ""


async def file_message(api: GraphApi, number: str, file: File, text: str) -> dict[str, Any]:  # Any: JSON
    """What a message says of a file, after Meta has it. Raises Refused, Unavailable."""
    fields = {"messaging_product": "whatsapp", "type": file.type}
    kept: _Named = await api.upload(f"/{number}/media", fields, "file", file, _Named)
    kind = file.type.partition("/")[0]
    kind = kind if kind in ("image", "video") else "document"
    said = {"id": kept.id} | ({"caption": text} if text else {}) | ({"filename": file.name} if kind == "document" else {})
    return {"type": kind, kind: said}


async def fetch(api: GraphApi, media: Media) -> bytes:
    """The bytes of a file, asked for with our token from Meta's hosts alone; they are there for a few minutes.

    Raises:
        Unavailable: not now.
        Refused: it is gone, too large, altered, or kept where our token must not go.
    """
    if not media.url.startswith(f"{api.api.root}/"):
        raise Refused("the file is not the network's")
    told: _Address = await api.get(media.url.removeprefix(api.api.root), _Address, {})
    place = urlsplit(told.url)
    if place.scheme != "https" or not (place.hostname or "").endswith(KEEPERS):
        raise Refused("the file is kept at a host that is not the network's")
    if str(told.file_size).isdecimal() and int(told.file_size) > LARGEST:
        raise Refused(f"the file is larger than {LARGEST >> 20} MiB")
    data = await api.bytes_at(told.url, LARGEST)
    digest = hashlib.sha256(data)
    if told.sha256 and told.sha256 not in (digest.hexdigest(), b64encode(digest.digest()).decode()):
        raise Refused("the file is not the one that the network announced")
    return data
