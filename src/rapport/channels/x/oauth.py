"""OAuth 1.0a (RFC 5849) with HMAC-SHA1: how an account signs each request to X. Its tokens do not end."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Keys:
    """The application's key and secret, and the account's."""

    consumer_key: str
    consumer_secret: str
    token: str
    token_secret: str


def authorization(keys: Keys, method: str, url: str, query: Mapping[str, str], nonce: str, now: datetime) -> str:
    """The Authorization header of a request. `url` without its query; a body of JSON is not signed."""
    told = {
        "oauth_consumer_key": keys.consumer_key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(now.timestamp())),
        "oauth_token": keys.token,
        "oauth_version": "1.0",
    }
    told["oauth_signature"] = signature(keys, method, url, told | dict(query))
    return "OAuth " + ", ".join(f'{_encoded(name)}="{_encoded(value)}"' for name, value in sorted(told.items()))


def signature(keys: Keys, method: str, url: str, parameters: Mapping[str, str]) -> str:
    """The signature of a request with these parameters, of its query and of OAuth (RFC 5849, section 3.4)."""
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in parameters.items())
    base = "&".join((method.upper(), _encoded(url), _encoded("&".join(f"{name}={value}" for name, value in pairs))))
    key = f"{_encoded(keys.consumer_secret)}&{_encoded(keys.token_secret)}"
    return b64encode(hmac.new(key.encode(), base.encode(), sha1).digest()).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="")
