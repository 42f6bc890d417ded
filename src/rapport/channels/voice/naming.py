"""What we call our own lines and recordings at Asterisk, so that whoever finds one knows whose it is."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

AGENT, GUEST, BACK, RECORDING = "ag", "gu", "cb", "rec"
OURS = re.compile(r"(ag|gu|cb)-([0-9a-f]{32})-[0-9a-f]+")
RECORDED = re.compile(r"rec-([0-9a-f]{32})-[0-9]+-([A-Za-z0-9_=-]+)")
NAME = "voice"


def handle_of(number: str, line: str) -> str:
    """The handle of a caller; who withholds their number is somebody new with each call."""
    digits = re.sub(r"[^0-9+*#A-Za-z_.@-]", "", number)
    return f"{NAME}:{digits}" if digits and digits.lower() not in ("anonymous", "restricted", "unknown") else f"{NAME}:?{line}"


def bridge_of(call: str) -> str:
    """Where the lines of a call meet."""
    return f"br-{call}"


def recording_name(app: str, call: str, number: int, handle: str, key: str) -> str:
    """A recording's name says whose it is: nobody else keeps that until it is fetched."""
    whose = urlsafe_b64encode(f"{app}\n{handle}\n{key}".encode()).decode()
    return f"{RECORDING}-{call}-{number}-{whose}"


def recorded(name: str, app: str) -> tuple[str, str] | None:
    """(handle, key of the caller's line) that a recording's name says; None: it is not of our application."""
    found = RECORDED.fullmatch(name)
    if found is None:
        return None
    try:
        of, handle, key = urlsafe_b64decode(found[2]).decode().split("\n")
    except ValueError:
        return None
    return (handle, key) if of == app else None
