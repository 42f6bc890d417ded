"""A session with a server: opened with an app password, renewed before it ends, opened anew where that is refused."""

import asyncio
import base64
import binascii
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from rapport.channels.budget import Lane
from rapport.channels.json_api import JsonApi, decoded
from rapport.channels.kept import Kept
from rapport.channels.tokens import bearer
from rapport.errors import Refused

EARLY = timedelta(minutes=2)  # a session is renewed so long before it ends
KEPT = "session"
LASTS = timedelta(hours=1)  # where the token does not say
OPEN = "/xrpc/com.atproto.server.createSession"
RENEW = "/xrpc/com.atproto.server.refreshSession"


class Opened(msgspec.Struct, frozen=True, rename="camel"):
    """A session: who we are, and the two tokens."""

    did: str
    handle: str
    access_jwt: str
    refresh_jwt: str


class _Claims(msgspec.Struct, frozen=True):
    exp: float = 0.0


@dataclass(slots=True)
class Session:
    """Signs requests. `name`: the handle or address that logs in; `api` asks without a signature.

    What renews the session is kept over restarts, as a server opens few new ones.
    """

    api: JsonApi
    name: str
    password: str
    kept: Kept = Kept()
    opened: Opened | None = None
    _until: datetime | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def did(self) -> str:
        """Who we are; "" before the first session."""
        return self.opened.did if self.opened else ""

    async def me(self) -> Opened:
        """The session, opened or renewed where it must be. Raises Unavailable, or Refused where the password is wrong."""
        async with self._asking:  # a token that renews works once
            now = self.api.clock.now()
            if self.opened is None or self._until is None or now >= self._until:
                self.opened = await self._renewed() or await self._anew()
                self._until = max(ends(self.opened.access_jwt, now) - EARLY, now)
                await self.kept.write(KEPT, self.password, self.opened.refresh_jwt)
        return self.opened

    async def headers(self) -> dict[str, str]:
        """The header that says who asks."""
        return await bearer((await self.me()).access_jwt).headers()

    def renewed(self) -> bool:
        """Forget when it ends; the next request renews it."""
        self._until = None
        return True

    async def _renewed(self) -> Opened | None:
        """The session renewed; None: it cannot be. Another process of ours may have renewed it last."""
        held = self.opened.refresh_jwt if self.opened else ""
        for token in dict.fromkeys((held, await self.kept.read(KEPT, self.password))):
            if token:
                with contextlib.suppress(Refused):
                    told = {"Authorization": f"Bearer {token}"}
                    return _read(await self.api.ask("POST", RENEW, headers=told, safe=True))
        return None

    async def _anew(self) -> Opened:
        self.api.budget.spend("sessions", Lane.REPLY, self.api.clock.now())
        asked = {"identifier": self.name, "password": self.password}
        return _read(await self.api.ask("POST", OPEN, json=asked, safe=True))


def _read(response: httpx.Response) -> Opened:
    opened: Opened = decoded(response, Opened)
    return opened


def ends(token: str, now: datetime) -> datetime:
    """When a JSON Web Token ends, as it says itself; in an hour where it does not."""
    claims = token.split(".")[1:2]
    try:
        said = base64.urlsafe_b64decode(claims[0] + "==")
        exp = msgspec.json.decode(said, type=_Claims).exp
        return datetime.fromtimestamp(exp, UTC) if exp else now + LASTS
    except (IndexError, binascii.Error, msgspec.MsgspecError, ValueError, OverflowError, OSError):
        return now + LASTS
