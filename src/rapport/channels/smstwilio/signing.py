"""X-Twilio-Signature: HMAC-SHA1 over the address as Twilio calls it and the sorted parameters (Twilio, Webhooks Security)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

MOST_PARAMETERS = 1000


def signature(token: str, url: str, parameters: Sequence[tuple[str, str]]) -> bytes:
    """What stands in the header. Of a name that comes several times each different value counts once, sorted."""
    text = url + "".join(name + value for name, value in sorted(set(parameters)))
    return base64.b64encode(hmac.new(token.encode(), text.encode("utf-8", "replace"), hashlib.sha1).digest())


def is_signed(tokens: Sequence[str], url: str, parameters: Sequence[tuple[str, str]], told: str) -> bool:
    """Whether one of the tokens signed it; Twilio signs the address with or without its port."""
    given = told.encode("utf-8", "replace")
    wanted = [signature(token, place, parameters) for token in tokens for place in _places(url)]
    return any([hmac.compare_digest(one, given) for one in wanted])  # noqa: C419  # all of them, whatever comes first


def _places(url: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return (url,)
    host = parts.hostname or ""
    if port:
        return url, parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()
    usual = 443 if parts.scheme == "https" else 80
    return (url, parts._replace(netloc=f"{parts.netloc}:{usual}").geturl()) if host else (url,)
