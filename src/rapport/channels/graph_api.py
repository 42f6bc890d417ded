"""Asking Meta's Graph API, which serves pages, professional accounts and WhatsApp numbers: errors, budget, proof."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from rapport.channels.budget import Budget, Lane
from rapport.channels.channel import Field, Means, Wording
from rapport.channels.json_api import Cost, JsonApi, Query, decoded, taken, wait_of
from rapport.channels.multipart import multipart
from rapport.channels.part import File
from rapport.channels.tokens import bearer
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, SendError, Unavailable

HOST = "https://graph.facebook.com"
CALLS = "calls"  # the bucket of requests, in percent, as the headers count
REST = timedelta(minutes=5)  # how long reading waits when the budget is low and nobody says for how long
USAGE = ("x-business-use-case-usage", "x-app-usage", "x-page-usage")
SHARES = ("call_count", "total_cputime", "total_time")
# What the codes of an error mean: "Graph API, Handle errors", "WhatsApp, Error codes", both read 2026-11-22.
TOO_OFTEN = frozenset({4, 17, 32, 613, 130429, 131056, *range(80000, 80015)})
PERHAPS_TAKEN = frozenset({1, 2, 131000, 131016})
NOT_LET_IN = frozenset({102, 190})
IS_GONE = (100, 33)

VERSION = Field("version", Wording("Versión de Graph", "Graph version"), "v25.0")
SECRETS = (
    Field("token", Wording("Clave de acceso", "Access token"), secret=True),
    Field("app_secret", Wording("Secreto de la aplicación", "App secret"), secret=True),
    Field("verify_token", Wording("Palabra de verificación", "Verify token"), secret=True),
)


class _Data(msgspec.Struct, frozen=True):
    details: str = ""


class GraphError(msgspec.Struct, frozen=True):
    """What Graph says of a request that it did not do."""

    message: str = ""
    code: int = 0
    error_subcode: int = 0
    error_user_msg: str | None = None
    error_data: _Data | str | None = None


class _Failed(msgspec.Struct, frozen=True):
    error: GraphError


class RefusedByGraph(Refused):
    """A refusal with its code and subcode, which say whether another way is open."""

    def __init__(self, reason: str, code: int, subcode: int) -> None:
        super().__init__(reason)
        self.code = code
        self.subcode = subcode


class _Token(msgspec.Struct, frozen=True):
    expires_at: float = 0.0  # seconds of Unix time; 0: it does not end


class _Debugged(msgspec.Struct, frozen=True):
    data: _Token = _Token()


class _Answered(msgspec.Struct, frozen=True):
    body: str = ""  # JSON


@dataclass(slots=True)
class GraphApi:
    """One account. `proof` shows that who holds the token also holds the app's secret."""

    api: JsonApi
    proof: str
    token: str = ""

    async def get(self, path: str, kind: type[Any], query: Query, lane: Lane = Lane.POLL) -> Any:  # Any: a `kind`
        """What stands at `path`. Raises Unavailable, Refused."""
        return decoded(await self._ask("GET", path, lane, query, None, safe=True), kind)

    async def ends(self) -> datetime | None:
        """When our token ends by itself; None: it does not, or Graph does not say. Asked in a batch: no token in an address."""
        asked = {"method": "GET", "relative_url": f"debug_token?input_token={quote(self.token, safe='')}"}
        try:
            [told] = decoded(await self._ask("POST", "/", Lane.POLL, {}, {"batch": [asked]}, safe=True), list[_Answered])
            until = msgspec.json.decode(told.body, type=_Debugged).data.expires_at
            return datetime.fromtimestamp(until, UTC) if until > 0 else None
        except (SendError, msgspec.MsgspecError, ValueError, OverflowError, OSError):
            return None

    async def send(self, path: str, body: Mapping[str, Any], kind: type[Any]) -> Any:  # Any: JSON, and a `kind`
        """Give something away, once. Raises Refused, Unavailable, OutcomeUnknown."""
        return taken(await self._ask("POST", path, Lane.REPLY, {}, body, safe=False), kind)

    async def upload(self, path: str, fields: Mapping[str, str], name: str, file: File, kind: type[Any]) -> Any:  # a `kind`
        """Give a file that a message will name, in the field `name`. May be done twice. Raises Refused, Unavailable."""
        body, told = multipart(fields, [(name, file)])
        query = {"appsecret_proof": self.proof}
        response = await self.api.ask(
            "POST", path, cost=Cost(CALLS, Lane.REPLY, 0.0), query=query, content=body, headers=told, safe=True
        )
        return decoded(response, kind)

    async def change(self, path: str, body: Mapping[str, Any]) -> None:  # Any: JSON
        """Set what may be set twice. Raises Refused, Unavailable."""
        await self._ask("POST", path, Lane.REPLY, {}, body, safe=True)

    async def delete(self, path: str) -> None:
        """Delete it; what is gone already is deleted. Raises Refused, Unavailable."""
        try:
            await self._ask("DELETE", path, Lane.REPLY, {}, None, safe=True)
        except RefusedByGraph as error:
            if (error.code, error.subcode) != IS_GONE:
                raise

    async def bytes_at(self, url: str, most: int) -> bytes:
        """The bytes at an address that Graph gave, with our token. Raises Unavailable, or Refused where they are too many."""
        told, data = await self.api.signs.headers(), bytearray()
        try:
            async with self.api.http.stream("GET", url, headers=told, timeout=self.api.timeout) as response:
                if response.status_code != 200:
                    raise Unavailable(f"the file cannot be had now ({response.status_code})")
                async for piece in response.aiter_raw():  # raw: nothing is unpacked, so nothing can swell
                    data += piece
                    if len(data) > most:
                        raise Refused(f"the file is larger than {most >> 20} MiB")
        except httpx.HTTPError as error:
            raise Unavailable(f"the file cannot be had now: {type(error).__name__}") from error
        return bytes(data)

    async def _ask(self, method: str, path: str, lane: Lane, query: Query, body: Any, *, safe: bool) -> httpx.Response:
        cost = Cost(CALLS, lane, 0.0)  # what a request takes, only the headers of its answer say
        asked = dict(query) | {"appsecret_proof": self.proof}
        response = await self.api.ask(method, path, cost=cost, query=asked, json=body, safe=safe)
        watch(response, self.api.budget, self.api.clock.now())
        return response


def graph_api(given: Mapping[str, str], means: Means) -> GraphApi:
    """What asks for an account of these settings. Raises BadInput where the version is none."""
    version = given["version"]
    number = version.removeprefix("v").partition(".")
    if not version.startswith("v") or not number[0].isdecimal() or not number[2].isdecimal():
        raise BadInput(f"`version` must look like v25.0, got {version!r}")

    def judge(response: httpx.Response, words: str) -> SendError | None:
        return judged(response, means.budget, means.clock)

    root = f"{HOST}/{version}"
    api = JsonApi(means.http, root, means.clock, bearer(given["token"]), means.budget, judge=judge)
    proof = hmac.new(given["app_secret"].encode(), given["token"].encode(), hashlib.sha256).hexdigest()
    return GraphApi(api, proof, given["token"])


def judged(response: httpx.Response, budget: Budget, clock: Clock) -> SendError | None:
    """What an error of Graph means; None: it is none of Graph's."""
    try:
        error = msgspec.json.decode(response.content, type=_Failed).error
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    said, safe, now = _said(error), response.request.method != "POST", clock.now()
    wait = wait_of(response, now) or used(response)[1]
    if error.code in TOO_OFTEN:
        if error.code not in (130429, 131056):  # those are of sending alone
            budget.told(CALLS, 0.0, now, now + (wait or REST), 100.0)
        return Unavailable(f"the network is asked too often ({said})", wait)
    if response.status_code in (429, 503) or (safe and (error.code in PERHAPS_TAKEN or response.status_code >= 500)):
        return Unavailable(f"the network cannot do it now ({said})", wait)
    if error.code in PERHAPS_TAKEN or response.status_code >= 500:
        return OutcomeUnknown(f"the network had a fault and may have taken it ({said})")
    if error.code in NOT_LET_IN:
        return Refused(f"the network does not let this account in ({said}); connect it again")
    return RefusedByGraph(f"the network refuses it ({said})", error.code, error.error_subcode)


def watch(response: httpx.Response, budget: Budget, now: datetime) -> None:
    """Tell the budget how much of it is used, where the answer says so."""
    share, wait = used(response)
    if share is not None:
        budget.told(CALLS, 100.0 - share, now, now + (wait or REST), 100.0)


def used(response: httpx.Response) -> tuple[float | None, timedelta | None]:
    """(the percentage that is used, how long until there is more), as the headers say; None: they do not."""
    shares: list[float] = []
    minutes: list[float] = []
    for name in USAGE:
        for told in _told(response.headers.get(name, "")):
            shares += [min(float(told[key]), 100.0) for key in SHARES if isinstance(told.get(key), int | float)]
            regained = told.get("estimated_time_to_regain_access")
            minutes += [min(float(regained), 1e5)] if isinstance(regained, int | float) and regained > 0 else []
    return (max(shares) if shares else None), (timedelta(minutes=max(minutes)) if minutes else None)


def _told(header: str) -> list[dict[str, Any]]:  # Any: whatever the header's JSON holds
    """The counts in a header: one for the whole app, or some for each business."""
    try:
        said = msgspec.json.decode(header.encode(), type=dict[str, Any]) if header else {}
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return []
    nested = [one for value in said.values() if isinstance(value, list) for one in value if isinstance(one, dict)]
    return nested or [said]


def _said(error: GraphError) -> str:
    details = error.error_data.details if isinstance(error.error_data, _Data) else ""
    words = details or error.error_user_msg or error.message
    code = f"{error.code}/{error.error_subcode}" if error.error_subcode else str(error.code)
    return f"{code}: {words[:300]}"
