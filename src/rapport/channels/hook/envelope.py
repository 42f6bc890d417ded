"""One shape for every way in which an event may come: CloudEvents structured, in a batch or binary, or a plain webhook."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote

import msgspec

from rapport.channels.webhook import Request

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
_ATTRIBUTES = ("id", "source", "type", "subject", "time", "specversion", "datacontenttype")


class Event(msgspec.Struct, frozen=True):
    """An event with the attributes of CloudEvents 1.0. A plain webhook has no source: its id is the webhook's."""

    id: str
    type: str
    source: str = ""
    specversion: str = ""
    subject: str = ""
    time: datetime | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")
    data_base64: str = ""


class _Plain(msgspec.Struct, frozen=True):
    type: str
    timestamp: msgspec.Raw = msgspec.Raw(b"null")
    data: msgspec.Raw = msgspec.Raw(b"null")


def events_in(request: Request, most: int) -> tuple[bytes, ...] | str:
    """Each event of a request whose signature is good, as a structured CloudEvent; or why it cannot be taken.

    Bytes that are no event are given as they are: the parser keeps them. `most`: events in one batch.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == STRUCTURED:
        return (request.body,)
    if kind == BATCH:
        events = _batch(request.body)
        return events if len(events) <= most else f"a batch may have {most} events, this one has {len(events)}"
    if "ce-specversion" in request.headers:
        return _binary(request)
    return (_plain(request),)


def _batch(body: bytes) -> tuple[bytes, ...]:
    try:
        return tuple(bytes(event) for event in msgspec.json.decode(body, type=list[msgspec.Raw]))
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return (body,)


def _binary(request: Request) -> tuple[bytes, ...] | str:
    """The attributes are headers, and the signature does not cover those: only an id that it does cover is taken."""
    told = {name: unquote(request.headers[f"ce-{name}"]) for name in _ATTRIBUTES if f"ce-{name}" in request.headers}
    if told.get("id") != request.headers.get("webhook-id"):
        return "ce-id must be the same as webhook-id: the signature covers only that one"
    told.pop("source", None)  # it would be part of the key, and anybody between could change it
    return (_encoded(told, request.body),)


def _plain(request: Request) -> bytes:
    try:
        said = msgspec.json.decode(request.body, type=_Plain)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return request.body
    told: dict[str, str | msgspec.Raw] = {"id": request.headers["webhook-id"], "type": said.type, "time": said.timestamp}
    return _encoded(told, bytes(said.data))


def _encoded(attributes: Mapping[str, str | msgspec.Raw], data: bytes) -> bytes:
    try:
        whole = msgspec.json.decode(data or b"null", type=msgspec.Raw)
        return msgspec.json.encode({**attributes, "data": whole})
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return data


def structured(kind: str, name: str, source: str, now: datetime, told: dict[str, str]) -> bytes:
    """What we send, as one CloudEvent in JSON."""
    return msgspec.json.encode({**attributes(kind, name, source, now), "data": told})


def attributes(kind: str, name: str, source: str, now: datetime) -> dict[str, str]:
    """The attributes of what we send."""
    return {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": kind,
        "time": now.isoformat(),
        "datacontenttype": "application/json",
    }
