"""A publication as a journey event: which device, of whom it may speak, and why what it says cannot be used.

A device is named by its topic, for which the broker's own rules let it write. It speaks of whoever owns its handle
`device:NAME`; only a place (a door, a till) speaks of others.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from rapport.channels.channel import Event
from rapport.errors import BadInput
from rapport.model.journey import check_told
from rapport.model.message import Unreadable
from rapport.model.news import Happening

NAME = "mqtt"
LONGEST = 200


class CloudEvent(msgspec.Struct, frozen=True):
    """A CloudEvent 1.0 in structured JSON, as a device publishes it."""

    id: str
    type: str
    source: str = ""
    subject: str = ""
    time: datetime | None = None
    data: dict[str, Any] = {}  # Any: a device's own plain JSON
    specversion: str = "1.0"


_decode = msgspec.json.Decoder(CloudEvent)


class Publication(msgspec.Struct, frozen=True):
    """What came on a topic, and when."""

    topic: str
    payload: bytes
    at: datetime


def read_places(text: str) -> dict[str, str]:
    """The places among the devices, as `door-7 = Reforma; till-2 = Polanco` says them. Raises BadInput."""
    found = {}
    for part in filter(None, (part.strip() for part in text.replace("\n", ";").split(";"))):
        device, mark, place = part.partition("=")
        if not mark or not device.strip() or not place.strip():
            raise BadInput(f"`places` must read as in door-7 = Reforma; till-2 = Polanco, got {part[:60]!r}")
        found[device.strip()] = place.strip()
    return found


def check_filter(topic: str) -> str:
    """The topic filter as it is used. Raises BadInput where it does not say with `+` which level is the device."""
    levels = topic.split("/")
    if (
        levels.count("+") < 1
        or "#" in levels[:-1]
        or any(len(level) > 1 and ("+" in level or "#" in level) for level in levels)
    ):
        raise BadInput(f"`topic` must have + where the device stands, as in devices/+/events, got {topic[:80]!r}")
    return topic


def device_of(topic: str, filter: str) -> str:
    """The device that published on a topic: the level where the filter has its first `+`; "" where it is not of the filter."""
    levels, place = topic.split("/"), filter.split("/").index("+")
    return levels[place] if len(levels) > place else ""


def happening_in(told: Publication, filter: str, places: Mapping[str, str], account: str) -> Event:
    """The journey event that a publication is; what cannot be used is Unreadable, with the reason and the cure."""
    device = device_of(told.topic, filter)
    handle = f"device:{device[:LONGEST]}" if device else f"{NAME}:unreadable"
    try:
        said = _decode.decode(told.payload)
        subject, data = _subject(said, device, places)
        at = _zoned(said.time or told.at, told.at)
        check_told(at, data, told.at)
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
        return Unreadable(f"{told.topic}/{hash_of(told.payload)}", told.payload, str(error)[:300], told.at, handle)
    source, key = f"{account}/{device}"[:LONGEST], f"{said.source}/{said.id}"[:LONGEST]
    return Happening(key, subject, said.type, source, at, data)


def _subject(said: CloudEvent, device: str, places: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Of whom an event is, and its data. Raises ValueError."""
    if said.specversion != "1.0":
        raise ValueError("specversion must be 1.0")
    if not said.id or not said.type or len(said.type) > LONGEST:
        raise ValueError("id and type must be given; without an id a second delivery would be a second event")
    own = f"device:{device}"
    if device in places:
        if ":" not in said.subject or len(said.subject) > LONGEST:
            raise ValueError("subject must be a handle such as email:ana@example.org, as this device is a place")
        return said.subject, {**said.data, "place": places[device], "device": device}
    if said.subject not in ("", own):
        raise ValueError("subject is somebody else; only a device that the account's `places` name speaks of others")
    return own, {**said.data, "device": device}


def _zoned(at: datetime, like: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=like.tzinfo)


def hash_of(payload: bytes) -> str:
    """A short name of a payload: the same for the same bytes."""
    return blake2b(payload, digest_size=8).hexdigest()
