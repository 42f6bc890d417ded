"""A webhook as a channel sees it: what came, and whether it is the network's."""

import msgspec


class Request(msgspec.Struct, frozen=True):
    """A webhook as it came, before anything is believed of it. `headers`: names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    url: str = ""  # as the network was told to call it: some sign it
    peer: str = ""  # the address that called, as our own web server saw it; "": not known


class Verified(msgspec.Struct, frozen=True):
    """The request is the network's. `raw`: what `parse` is to read, a call of it for each; none: only a hint to `pull`."""

    raw: tuple[bytes, ...]
    answer: bytes = b""
    type: str = "application/json"


class Challenge(msgspec.Struct, frozen=True):
    """The network asks whether we are who it should call; this is the answer it wants."""

    answer: bytes
    type: str = "text/plain"


class Rejected(msgspec.Struct, frozen=True):
    """The request is not the network's, too old or cannot be checked; `reason` is for the log, never for the caller."""

    reason: str
