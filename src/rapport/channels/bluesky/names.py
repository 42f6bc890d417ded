"""Names of records: addresses of the form `at://who/kind/key`, and the keys under which we write so that nothing is doubled."""

from hashlib import blake2b

from rapport.errors import Refused
from rapport.model.ids import read_id

POST, LIKE, GATE = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.threadgate"
_SORTED = "234567abcdefghijklmnopqrstuvwxyz"  # the alphabet of TIDs; its order is that of the numbers
_STEP = 26  # bits: 67 seconds of microseconds, which the digest fills together with the ten of the clock


def record_key(once: str) -> str:
    """The key of the record that `once` makes, always the same: a TID, whose time is about that of the part where it has one.

    Source: atproto.com/specs/tid: 53 bits of microseconds, ten that keep clocks apart, 13 letters.
    """
    digest = int.from_bytes(blake2b(once.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
    id = read_id(once[:32])
    if id is None:
        number = digest >> 1
    else:
        microseconds = int.from_bytes(id[:6], "big") * 1000
        number = (((microseconds >> _STEP) - 1) << _STEP + 10) | (digest & ((1 << _STEP + 10) - 1))
    number &= (1 << 63) - 1
    return "".join(_SORTED[number >> shift & 31] for shift in range(60, -1, -5))


def parts_of(name: str) -> tuple[str, str, str]:
    """(who, kind, key) of an address. Raises Refused where it is none."""
    pieces = name.removeprefix("at://").split("/")
    if not name.startswith("at://") or len(pieces) != 3 or not all(pieces):
        raise Refused(f"a message on Bluesky is named at://who/kind/key, got {name!r}")
    return pieces[0], pieces[1], pieces[2]
