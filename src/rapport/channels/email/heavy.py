"""Heavy bodies: what is large in a mail, taken out before the mail is parsed, and put back when its part is read.

The parser of the standard library needs some 20 bytes for each byte of a mail, and two seconds for 25 MiB. What makes a mail
large is a few bodies of which it needs to see nothing: each is a word in its place while the parser looks at the rest.
"""

import binascii
import hashlib
import re
from dataclasses import dataclass, field

from rapport.errors import BadInput

SMALL = 512 * 1024  # bytes of a mail that is parsed as it is
HEAVY = 128 * 1024  # bytes of a body that is taken out
MOST_LIGHT = 3 * 1024 * 1024  # bytes that may be left for the parser
MOST_LINES = 20_000  # places that look like a boundary; what comes behind them is left as it is
_BOUNDARY = re.compile(rb"\n--")
_GAPS = (b"\n\n", b"\n\r\n")  # a line that is empty


@dataclass(frozen=True, slots=True)
class Heavy:
    """A mail without its heavy bodies, `light`, and the bodies by the words that stand for them."""

    light: bytes
    bodies: dict[bytes, memoryview] = field(default_factory=dict)

    def whole(self, light: bytes) -> bytes:
        """What was written where `light` stands in the mail."""
        for word, body in self.bodies.items():
            if light.strip() == word:
                return bytes(body)
            if word in light:
                light = light.replace(word, bytes(body))
        return light

    def holds(self, light: str) -> bool:
        """Whether a word stands in it."""
        return bool(self.bodies) and any(word.decode() in light for word in self.bodies)


def lightened(raw: bytes) -> Heavy:
    """The mail with a word for each heavy body; the word follows from all bytes, so nobody can write it into a mail.

    Raises:
        BadInput: what is left is still too much: a mail of millions of parts, or of headers without end.
    """
    if len(raw) <= SMALL:
        return Heavy(raw)
    token, view = hashlib.sha256(raw).hexdigest().encode(), memoryview(raw)
    kept: list[bytes] = []
    bodies: dict[bytes, memoryview] = {}
    at = 0
    for end in _ends(raw):
        start = _body_in(raw, at, end)
        if end - start > HEAVY:
            word = b"rapport-%s-%d" % (token, len(bodies))
            bodies[word] = view[start:end]
            kept += [raw[at:start], word]
        else:
            kept.append(raw[at:end])
        at = end
    light = b"".join(kept)
    if len(light) > MOST_LIGHT:
        told = f"{len(light) >> 20} MiB of headers, boundaries and small parts"
        raise BadInput(f"a mail may have {MOST_LIGHT >> 20} MiB beside its texts and files, this one has {told}")
    return Heavy(light, bodies)


def _ends(raw: bytes) -> list[int]:
    """Where each stretch between two places that look like a boundary ends."""
    found: list[int] = []
    for place in _BOUNDARY.finditer(raw):
        found.append(place.start() - (raw[place.start() - 1 : place.start()] == b"\r"))
        if len(found) == MOST_LINES:
            break
    return [*found, len(raw)]


def _body_in(raw: bytes, at: int, end: int) -> int:
    """Where the body of a stretch begins: behind its headers; behind its first line where it has none."""
    gaps = [place + len(gap) for gap in _GAPS if (place := raw.find(gap, at + 1, end)) >= 0]
    if gaps:
        return min(gaps)
    line = raw.find(b"\n", at + 2, end)
    return line + 1 if line >= 0 else at


def transferred(body: bytes, encoding: str) -> bytes:
    """What a body says once its transfer encoding (RFC 2045) is undone; the body where it cannot be."""
    try:
        if encoding == "base64":
            return binascii.a2b_base64(body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(body)
    except binascii.Error:
        return body
    return body
