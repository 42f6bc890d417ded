"""Asking a server in its own protocol (XRPC: JSON over HTTP, one path for each thing to ask), within what it allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec

from rapport.channels.bluesky.session import Session
from rapport.channels.budget import Lane
from rapport.channels.channel import Means
from rapport.channels.json_api import JsonApi, Ration, decoded, moment, taken
from rapport.errors import Refused, SendError, Unavailable

CREATES, CHANGES, DELETES = 3, 2, 1  # points
BUCKETS = {300: "requests", 3600: "points_hour", 86400: "points_day"}  # by the seconds that a server's header names
RATION = Ration("ratelimit-remaining", "ratelimit-reset", "ratelimit-limit")
_ENDED = frozenset({"ExpiredToken", "InvalidToken"})
_MISSING = frozenset({"RecordNotFound", "NotFound"})
Asked = Mapping[str, str | int | Sequence[str]]


class Missing(Refused):
    """It is not there, or not any more."""


class Swapped(Unavailable):
    """Somebody else changed the record meanwhile; nothing was done."""


class _Error(msgspec.Struct, frozen=True):
    error: str = ""
    message: str = ""


@dataclass(slots=True)
class Xrpc:
    """One account. `chat`: the service that has the direct messages, to which the server passes what is asked of it."""

    api: JsonApi
    session: Session

    async def query(self, what: str, kind: type[Any], asked: Asked, lane: Lane = Lane.POLL, of: str = "") -> Any:  # a `kind`
        """What the server says, read as `kind`. `of`: the service that is asked through it. Raises Unavailable, Refused."""
        self._spend(lane, 0)
        response = await self.api.ask("GET", f"/xrpc/{what}", query=asked, headers=_passed(of), safe=True)
        told(self.api, response)
        return decoded(response, kind)

    async def call(self, what: str, body: Mapping[str, object], kind: type[Any], points: int = 0, of: str = "") -> Any:
        """What the server answers to something that it is to do. Raises Refused, Unavailable, OutcomeUnknown."""
        self._spend(Lane.REPLY, points)
        response = await self.api.ask("POST", f"/xrpc/{what}", json=dict(body), headers=_passed(of))
        told(self.api, response)
        return taken(response, kind)

    async def upload(self, data: bytes, type: str, kind: type[Any]) -> Any:  # a `kind`
        """What the server calls a file that it keeps for a record to come. May be done twice. Raises Refused, Unavailable."""
        self._spend(Lane.REPLY, 0)
        told_type = {"Content-Type": type}
        response = await self.api.ask("POST", "/xrpc/com.atproto.repo.uploadBlob", content=data, headers=told_type, safe=True)
        told(self.api, response)
        return decoded(response, kind)

    def _spend(self, lane: Lane, points: int) -> None:
        now = self.api.clock.now()
        for bucket, cost in (("requests", 1), *((("points_hour", points), ("points_day", points)) if points else ())):
            self.api.budget.spend(bucket, lane, now, cost)


def xrpc(means: Means, server: str, *, name: str, password: str) -> Xrpc:
    """What asks `server` in the name of one account."""
    http, clock, budget = means.http, means.clock, means.budget
    session = Session(JsonApi(http, server, clock, budget=budget, ration=RATION), name, password, means.kept)
    api = JsonApi(http, server, clock, session, budget, RATION)

    def judged(response: httpx.Response, words: str) -> SendError | None:
        told(api, response)
        error = _said(response)
        if error in _ENDED:
            session.renewed()
            return Unavailable("the session has ended; it is opened anew", timedelta(seconds=1))
        if error == "InvalidSwap":
            return Swapped("the record was changed meanwhile", timedelta(seconds=1))
        return Missing(f"it is not there ({words})") if error in _MISSING or "could not locate" in words.lower() else None

    api.judge = judged
    return Xrpc(api, session)


def told(api: JsonApi, response: httpx.Response) -> None:
    """Tell the budget what a server says is left, of the limit whose seconds it names (`RateLimit-Policy: 3000;w=300`)."""
    limit, _, seconds = response.headers.get("ratelimit-policy", "").replace(" ", "").partition(";w=")
    left, now = response.headers.get("ratelimit-remaining", ""), api.clock.now()
    bucket = BUCKETS.get(int(seconds)) if seconds.isdecimal() and len(seconds) < 7 else None
    if bucket and left.isdecimal() and limit.isdecimal() and len(limit) < 12:
        api.budget.told(bucket, float(left), now, moment(response.headers.get("ratelimit-reset", ""), now), float(limit))


def _passed(of: str) -> dict[str, str]:
    return {"atproto-proxy": of} if of else {}


def _said(response: httpx.Response) -> str:
    try:
        return msgspec.json.decode(response.content, type=_Error).error
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return ""
