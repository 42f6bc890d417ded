"""How a request says who asks: a header that stays, an OAuth 2.0 token that is renewed, a token that we sign ourselves."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import httpx
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rapport.channels.kept import Kept
from rapport.channels.wire import line
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, Unavailable

TIMEOUT = 10.0  # seconds
REFRESH = "refresh_token"
EARLY = timedelta(minutes=1)  # a token is renewed so long before it ends
LASTS = 3600.0  # seconds, where the network does not say


class Signs(Protocol):
    """What puts our name on requests."""

    async def headers(self) -> dict[str, str]:
        """The headers that say who asks. Raises Unavailable, or Refused where the account must be connected again."""
        ...

    def renewed(self) -> bool:
        """Called after a 401: whether asking once more, with what `headers` gives then, may help."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Headers that stay as they are."""

    told: Mapping[str, str] = field(default_factory=dict)

    async def headers(self) -> dict[str, str]:
        """The headers."""
        return dict(self.told)

    def renewed(self) -> bool:
        """There is nothing to renew."""
        return False


def bearer(token: str) -> Fixed:
    """The header of a token that does not end."""
    return Fixed({"Authorization": f"Bearer {token}"})


def basic(user: str, password: str) -> Fixed:
    """The header of a name and a password (RFC 7617)."""
    return Fixed({"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()})


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: float = LASTS
    refresh_token: str = ""
    refresh_token_expires_in: float = 0.0  # as Google says of a consent that ends


@dataclass(slots=True)
class Granted:
    """An OAuth 2.0 access token (RFC 6749), asked for at `url` with `form()` and kept until shortly before it ends.

    A refresh token that comes with it replaces the one in the form. It is kept before anything is asked with the new access
    token, as some networks let each be used only once; another process of ours may be the one who used it. `headers_too` go
    with the request for the token. `ends`: when the refresh token ends by itself, as far as the network says.
    """

    http: httpx.AsyncClient
    url: str
    form: Callable[[], Mapping[str, str]]
    clock: Clock
    headers_too: Mapping[str, str] = field(default_factory=dict)
    kept: Kept = Kept()
    ends: datetime | None = None
    _token: str = ""
    _until: datetime | None = None
    _refresh: str = ""
    _unkept: bool = False
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def headers(self) -> dict[str, str]:
        """The header with a token that still holds."""
        async with self._asking:  # a refresh token that may be used once must not be used by two at the same time
            now = self.clock.now()
            if self._until is None or now >= self._until:
                granted = await self._granted()
                self._unkept |= granted.refresh_token not in ("", self._refresh, self._first())
                self._token, self._refresh = granted.access_token, granted.refresh_token or self._refresh
                self._until = now + max(timedelta(seconds=min(granted.expires_in, 1e8)) - EARLY, timedelta())
                left = granted.refresh_token_expires_in
                self.ends = now + timedelta(seconds=min(left, 1e8)) if left > 0 else None
            if self._unkept:
                await self.kept.write(REFRESH, self._first(), self._refresh)
                self._unkept = False
        return {"Authorization": f"Bearer {self._token}"}

    def renewed(self) -> bool:
        """Forget the token; the next one is asked for."""
        self._until = None
        return True

    def _first(self) -> str:
        return self.form().get("refresh_token", "")

    async def _granted(self) -> _Granted:
        """A token, by the last refresh token that we know of; where it is refused, by the one that is kept, or the first."""
        first = self._first()
        if not first:
            return await self._ask("")
        refused: Refused | None = None
        for refresh in (self._refresh, None, first):
            token = refresh if refresh is not None else await self.kept.read(REFRESH, first)
            if not token or (refused is not None and token == self._refresh):
                continue
            self._refresh = token
            try:
                return await self._ask(token)
            except Refused as error:
                refused = error
        self._refresh = ""
        raise refused or Refused("there is no refresh token; connect the account again")

    async def _ask(self, refresh: str) -> _Granted:
        form = dict(self.form()) | ({"refresh_token": refresh} if refresh else {})
        told = {"Accept": "application/json"} | dict(self.headers_too)
        try:
            response = await self.http.post(self.url, data=form, headers=told, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise Unavailable(f"no access token could be asked for: {type(error).__name__}") from error
        if response.status_code == 429 or response.status_code >= 500:
            raise Unavailable(f"no access token could be had: the network answers {response.status_code}")
        try:
            if response.is_success:
                return msgspec.json.decode(response.content, type=_Granted)
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise Unavailable(f"the network answers something else than an access token: {error}") from error
        words = line(response.text, 200)
        raise Refused(f"the network gives no access token ({response.status_code}: {words}); connect the account again")


@dataclass(slots=True)
class Signed:
    """A JSON Web Token that we sign ourselves, new every few minutes. `token(now)` makes one; it must hold for `lasts`."""

    token: Callable[[datetime], str]
    clock: Clock
    lasts: timedelta = timedelta(minutes=10)
    _now: str = ""
    _until: datetime | None = None

    async def headers(self) -> dict[str, str]:
        """The header with a token that still holds."""
        now = self.clock.now()
        if self._until is None or now >= self._until:
            self._now, self._until = self.token(now), now + self.lasts - EARLY
        return {"Authorization": f"Bearer {self._now}"}

    def renewed(self) -> bool:
        """A token of the same key would be refused just so."""
        return False


def ends_of(signs: Signs) -> datetime | None:
    """When the credentials end by themselves; None: they do not, or nobody says."""
    return signs.ends if isinstance(signs, Granted) else None


def web_token(key: str, claims: Mapping[str, str | int], names: Mapping[str, str] | None = None) -> str:
    """A JSON Web Token (RFC 7519) with ES256 or RS256, as the key is. `key`: PEM, PKCS #8; `names`: further header fields.

    Raises:
        BadInput: the key cannot be read, or is of another kind.
    """
    try:
        private = load_pem_private_key(key.replace("\\n", "\n").encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadInput(
            f"the private key cannot be read ({type(error).__name__}); give the whole file, with its first line"
        ) from None
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        said = _said("ES256", names, claims)
        r, s = decode_dss_signature(private.sign(said, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    elif isinstance(private, rsa.RSAPrivateKey):
        said = _said("RS256", names, claims)
        signature = private.sign(said, padding.PKCS1v15(), hashes.SHA256())
    else:
        raise BadInput("the private key must be of the curve P-256 or RSA")
    return (said + b"." + _url64(signature)).decode()


def _said(kind: str, names: Mapping[str, str] | None, claims: Mapping[str, str | int]) -> bytes:
    head = {"alg": kind, "typ": "JWT"} | dict(names or {})
    return _url64(msgspec.json.encode(head)) + b"." + _url64(msgspec.json.encode(dict(claims)))


def _url64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
