"""Calendars as RFC 5545 writes them: what a phone or a mail programme reads as a feed of events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_OCTETS = 75  # of a line, the break left out: RFC 5545, section 3.1
_ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""}


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: `uid` is the same whenever the same thing is written, so that a reader changes it and does not add it."""

    uid: str
    begins: datetime
    ends: datetime
    summary: str
    description: str = ""


def calendar(name: str, events: Iterable[Event], made_at: datetime) -> bytes:
    """The file: UTF-8, lines of at most 75 octets, ended as the standard says. Times are written in UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rapport//Shifts//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{escaped(event.uid)}",
            f"DTSTAMP:{_time(made_at)}",
            f"DTSTART:{_time(event.begins)}",
            f"DTEND:{_time(event.ends)}",
            f"SUMMARY:{escaped(event.summary)}",
            *([f"DESCRIPTION:{escaped(event.description)}"] if event.description else []),
            "TRANSP:OPAQUE",
            "END:VEVENT",
        ]
    return b"".join(folded(line) for line in [*lines, "END:VCALENDAR"])


def escaped(text: str) -> str:
    """A text as a value: what has a meaning is escaped, signs that no value may hold are left out."""
    return "".join(_ESCAPED.get(sign, sign if sign >= " " and sign != "\x7f" else "") for sign in text)


def folded(line: str) -> bytes:
    """A line in pieces of at most 75 octets, each after the first begun by a space; no letter is broken."""
    pieces, piece = [], b""
    for sign in line:
        octets = sign.encode("utf-8", "replace")
        if len(piece) + len(octets) > MOST_OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
