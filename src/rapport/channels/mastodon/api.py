"""Asking a Mastodon server, and what each kind of silence or refusal means."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from rapport.channels.multipart import multipart
from rapport.channels.part import File
from rapport.clock import Clock
from rapport.errors import OutcomeUnknown, Refused, Unavailable

TIMEOUT = 10.0
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)  # seconds between looks at a file that the server is at work on
FOR_REPLIES = 0.3  # the share of the server's budget that reading leaves to answers
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


class Missing(Refused):
    """It is not there, or the server knows no such request."""


class _Kept(msgspec.Struct, frozen=True):
    id: str | int


@dataclass(slots=True)
class Api:
    """One account on one server. `rested_until`: until then nothing is read."""

    http: httpx.AsyncClient
    server: str
    token: str
    clock: Clock
    timeout: float = TIMEOUT
    rested_until: datetime | None = None

    async def get(self, path: str, kind: type[Any], **query: str | int) -> Any:  # Any: a value of `kind`
        """What stands at `path`, read as `kind`.

        Raises:
            Unavailable: not now.
            Refused: not with this account, or there is no such thing.
        """
        answer = await self.ask(path, query)
        try:
            return msgspec.json.decode(answer, type=kind)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise Unavailable(f"the server answers {path} with something else: {error}") from error

    async def ask(self, path: str, query: Mapping[str, str | int]) -> bytes:
        """The bytes that stand at `path`. Raises as `get`."""
        try:
            response = await self.http.get(
                self.server + path, params=dict(query), headers=self._headers(), timeout=self.timeout
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"the server cannot be reached: {type(error).__name__}") from error
        if response.status_code == 200:
            self._watch_budget(response)
            return response.content
        if response.status_code in (408, 429) or response.status_code >= 500:
            raise Unavailable(f"the server answers {response.status_code}", self._wait(response))
        raise _refused(response)

    async def change(self, method: str, path: str, form: Mapping[str, str | list[str]] | None = None) -> None:
        """Ask for what may be asked twice. Raises Refused (`Missing` where it is not there), Unavailable."""
        try:
            response = await self.http.request(
                method, self.server + path, data=dict(form or {}), headers=self._headers(), timeout=self.timeout
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"the server did not answer: {type(error).__name__}") from error
        if response.status_code in (408, 409, 429) or response.status_code >= 500:
            raise Unavailable(f"the server answers {response.status_code}", self._wait(response))
        if not response.is_success:
            raise _refused(response)

    def spare(self) -> None:
        """Called before reading. Raises Unavailable while what is left of the server's budget is kept for answers."""
        if self.rested_until and self.clock.now() < self.rested_until:
            raise Unavailable("the server's budget is kept for answers", self.rested_until - self.clock.now())

    async def post(self, path: str, form: Mapping[str, str | list[str]], once: str) -> bytes:
        """What the server answers to a form sent under the key `once`. Raises Refused, Unavailable, OutcomeUnknown."""
        headers = self._headers() | {"Idempotency-Key": once}
        try:
            response = await self.http.post(self.server + path, data=dict(form), headers=headers, timeout=self.timeout)
        except _NOTHING_SENT as error:
            raise Unavailable(f"the server cannot be reached: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"the server did not answer: {type(error).__name__}") from error
        if response.status_code in (200, 202):
            return response.content
        if response.status_code in (429, 503):
            raise Unavailable(f"the server answers {response.status_code}", self._wait(response))
        if response.status_code in (408, 409) or response.status_code >= 500:
            raise OutcomeUnknown(f"the server answers {response.status_code}; it may have taken it")
        raise Refused(_why(response))

    async def upload(self, file: File) -> str:
        """What the server calls a file for a post to come; it may be done twice. Raises Refused, Unavailable."""
        try:
            body, kind = multipart({"description": file.alt}, [("file", file)])
            told = self._headers() | kind
            response = await self.http.post(f"{self.server}/api/v2/media", content=body, headers=told, timeout=self.timeout)
        except httpx.HTTPError as error:
            raise Unavailable(f"the server does not take the file: {type(error).__name__}") from error
        if response.status_code == 429 or response.status_code >= 500:
            raise Unavailable(f"the server answers {response.status_code} to the file", self._wait(response))
        if response.status_code not in (200, 202):
            raise Refused(_why(response))
        try:
            name = str(msgspec.json.decode(response.content, type=_Kept).id)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise Unavailable(f"the server took the file and answered something else: {error}") from error
        if response.status_code == 202:
            await self._drawn(name)
        return name

    async def _drawn(self, name: str) -> None:
        """Wait until the server has made its copies of a file. Raises Unavailable where that takes long."""
        for pause in PAUSES:
            await asyncio.sleep(pause)
            response = await self.http.get(f"{self.server}/api/v1/media/{name}", headers=self._headers(), timeout=self.timeout)
            if response.status_code == 200:
                return
            if response.status_code not in (206, 429):
                raise Refused(_why(response))
        raise Unavailable("the server is still at work on the file", timedelta(seconds=10))

    def _headers(self) -> dict[str, str]:
        # a fresh line each time: one kept open and closed by the server would make an answer's outcome unknown for nothing
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json", "Connection": "close"}

    def _wait(self, response: httpx.Response) -> timedelta | None:
        after = response.headers.get("retry-after", "")
        if after.isdigit():
            return timedelta(seconds=int(after[:6]))
        reset = _moment(response.headers.get("x-ratelimit-reset", ""))
        return max(reset - self.clock.now(), timedelta(seconds=1)) if reset else None

    def _watch_budget(self, response: httpx.Response) -> None:
        left, limit = (response.headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "limit"))
        reset = _moment(response.headers.get("x-ratelimit-reset", ""))
        if left.isdigit() and limit.isdigit() and reset and int(left) < FOR_REPLIES * int(limit):
            self.rested_until = reset


def _moment(text: str) -> datetime | None:
    """A time as servers write it in X-RateLimit-Reset: ISO 8601, or seconds of Unix time."""
    try:
        at = datetime.fromtimestamp(int(text), UTC) if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _refused(response: httpx.Response) -> Refused:
    return (Missing if response.status_code in (404, 405, 410) else Refused)(_why(response))


def _why(response: httpx.Response) -> str:
    if response.status_code in (401, 403):
        return f"the server does not let this account in ({response.status_code}); connect it again"
    try:
        said = msgspec.json.decode(response.content, type=dict[str, Any])  # Any: whatever the server explains
    except (msgspec.MsgspecError, RecursionError):
        said = {}
    return f"the server refuses it ({response.status_code}): {str(said.get('error', ''))[:300]}"
