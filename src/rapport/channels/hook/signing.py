"""Signatures of Standard Webhooks, version v1: HMAC-SHA256 over `id.timestamp.body`; several secrets may be valid at once."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from rapport.errors import BadInput

PREFIX = "whsec_"
SHORTEST, LONGEST = 16, 256  # bytes of a secret; the standard says 24 to 64
MOST_SIGNATURES = 20


def secrets_in(text: str) -> tuple[bytes, ...]:
    """The secrets in a setting, the newest first, with blanks between them.

    Raises:
        BadInput: one is not base64, too short or too long; it is not shown.
    """
    found = []
    for place, secret in enumerate(text.split(), 1):
        try:
            plain = secret.removeprefix(PREFIX)
            raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if not SHORTEST <= len(raw) <= LONGEST:
            raise BadInput(
                f"secret {place} must be `{PREFIX}` and {SHORTEST} to {LONGEST} bytes in base64; make 32 random ones"
            )
        found.append(raw)
    return tuple(found)


def signature(secret: bytes, name: str, seconds: int | str, body: bytes) -> str:
    """The signature of one secret, as it stands in the header."""
    signed = hmac.new(secret, f"{name}.{seconds}.".encode("utf-8", "replace") + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def signed(secrets: tuple[bytes, ...], name: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers of what we send; one signature for each secret, so that the receiver may change to the newest."""
    seconds = int(now.timestamp())
    told = " ".join(signature(secret, name, seconds, body) for secret in secrets)
    return {"webhook-id": name, "webhook-timestamp": str(seconds), "webhook-signature": told}


def doubt(secrets: tuple[bytes, ...], headers: dict[str, str], body: bytes, now: datetime, tolerance: timedelta) -> str:
    """Why a request is not believed; "": one of the secrets signed it, and lately. `headers`: names in lower case."""
    name, seconds, told = (headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (name and seconds and told):
        return "webhook-id, webhook-timestamp or webhook-signature is missing"
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 11):
        return "webhook-timestamp must be whole seconds"
    if abs(now - datetime.fromtimestamp(int(seconds), UTC)) > tolerance:
        return f"webhook-timestamp is more than {tolerance.total_seconds():g} seconds away from our clock"
    given = [one.encode("utf-8", "replace") for one in told.split()[:MOST_SIGNATURES]]
    wanted = [signature(secret, name, seconds, body).encode() for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in given for other in wanted):
        return "no signature is one of our secrets'"
    return ""
