"""X's webhooks: the question whether we are who it should call, and whose a body is."""

import hmac
from base64 import b64encode
from hashlib import sha256

import msgspec

from rapport.channels.webhook import Challenge, Rejected, Request, Verified

MOST_TOKEN = 200  # characters
HEADER = "x-twitter-webhooks-signature"


def verify(request: Request, consumer_secret: str) -> Verified | Challenge | Rejected:
    """Whether it is X's; a crc_token is answered with its HMAC. Never raises."""
    if request.method.upper() == "GET":
        token = dict(request.query).get("crc_token", "")
        if not token or len(token) > MOST_TOKEN:
            return Rejected("the question has no crc_token, or a very long one")
        answer = {"response_token": proof(token.encode("utf-8", "replace"), consumer_secret)}
        return Challenge(msgspec.json.encode(answer), "application/json")
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), proof(request.body, consumer_secret).encode()):
        return Rejected(f"its {HEADER} is not that of its body")
    return Verified((request.body,))


def proof(body: bytes, consumer_secret: str) -> str:
    """`sha256=` and the HMAC-SHA256 of the bytes in base64."""
    return "sha256=" + b64encode(hmac.new(consumer_secret.encode(), body, sha256).digest()).decode()
