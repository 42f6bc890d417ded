"""Asking a network that speaks JSON over HTTP: tokens, budgets, and what each silence or refusal means for a message."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from rapport.channels.budget import Budget, Lane
from rapport.channels.tokens import Fixed, Signs
from rapport.channels.wire import line
from rapport.clock import Clock
from rapport.errors import OutcomeUnknown, Refused, SendError, Unavailable

TIMEOUT = 10.0  # seconds
LONGEST_WORDS = 300  # characters of what a network explains
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)
SECONDS_OR_TIME = 100_000_000  # a number beyond is seconds of Unix time, one below seconds from now
Query = Mapping[str, str | int | Sequence[str]]
Judge = Callable[[httpx.Response, str], SendError | None]


@dataclass(frozen=True, slots=True)
class Ration:
    """The headers in which a network says what is left. `reset`: seconds from now, seconds of Unix time, or ISO 8601."""

    left: str = "x-ratelimit-remaining"
    reset: str = "x-ratelimit-reset"
    limit: str = "x-ratelimit-limit"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request takes, out of which bucket of the account's budget, and who asks. No name: nothing is counted."""

    bucket: str = ""
    lane: Lane = Lane.POLL
    units: float = 1.0


FREE = Cost()


@dataclass(slots=True)
class JsonApi:
    """One account at one network. `judge`: what an answer means where the network differs from the rest; None: as the rest.

    `root` is put before each path. `headers` go with each request. `ration` None: the network says nothing of what is left.
    """

    http: httpx.AsyncClient
    root: str
    clock: Clock
    signs: Signs = field(default_factory=Fixed)
    budget: Budget = field(default_factory=Budget)
    ration: Ration | None = None
    judge: Judge = field(default=lambda response, words: None)
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = TIMEOUT

    async def read(self, path: str, kind: type[Any], query: Query | None = None, cost: Cost = FREE) -> Any:  # a `kind`
        """What stands at `path`, read as `kind`.

        Raises:
            Unavailable: not now.
            Refused: not with this account, or there is no such thing.
        """
        response = await self.ask("GET", path, cost=cost, query=query, safe=True)
        return decoded(response, kind)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        cost: Cost = FREE,
        query: Query | None = None,
        json: Any = None,  # whatever becomes JSON
        form: Mapping[str, str | Sequence[str]] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool = False,
    ) -> httpx.Response:
        """The network's answer, if it did what was asked: with JSON, a form or bytes as `headers` say they are.

        `safe`: it may be asked twice, so nothing is ever unknown.

        Raises:
            Refused: it never will; in the network's words.
            Unavailable: it did not; it may later.
            OutcomeUnknown: it may have done it; never where `safe`.
        """
        body, kind = _body(json, form, content)
        for last in (False, True):
            sent = kind | dict(self.headers) | await self.signs.headers() | dict(headers or {})
            if cost.bucket and not last:
                self.budget.spend(cost.bucket, cost.lane, self.clock.now(), cost.units)
            response = await self._sent(method, path, query, body, sent, safe)
            if response.status_code != 401 or last or not self.signs.renewed():
                break
        self._watch(response, cost.bucket)
        if response.is_success:
            return response
        raise self._meaning(response, safe)

    async def _sent(
        self, method: str, path: str, query: Query | None, body: Mapping[str, Any], headers: dict[str, str], safe: bool
    ) -> httpx.Response:
        # a fresh line each time: one kept open and closed by the server would make an answer's outcome unknown for nothing
        told = {"Accept": "application/json", "Connection": "close"} | headers
        try:
            return await self.http.request(
                method, self.root + path, params=query or None, headers=told, timeout=self.timeout, **body
            )
        except NOTHING_SENT as error:
            raise Unavailable(f"the network cannot be reached: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            if safe:
                raise Unavailable(f"the network did not answer: {type(error).__name__}") from error
            raise OutcomeUnknown(f"the network did not answer: {type(error).__name__}; it may have taken it") from error

    def _watch(self, response: httpx.Response, bucket: str) -> None:
        """Tell the budget what the headers say is left; a 429 says that nothing is."""
        if not bucket:
            return
        names, now = self.ration or Ration(), self.clock.now()
        left, limit = (_amount(response.headers.get(name, "")) for name in (names.left, names.limit))
        resets = moment(response.headers.get(names.reset, ""), now)
        if response.status_code == 429:
            wait = wait_of(response, now, names)
            left, resets = (0.0, now + wait) if wait else (left, resets)
        elif self.ration is None:
            return
        if left is not None and (limit or left or bucket in self.budget.buckets):
            self.budget.told(bucket, left, now, resets, limit)

    def _meaning(self, response: httpx.Response, safe: bool) -> SendError:
        words, code = words_of(response.content), response.status_code
        judged = self.judge(response, words)
        if judged is not None:
            return judged
        said = f"{code}: {words}" if words else str(code)
        if code in (429, 503) or (safe and (code in (408, 409, 425) or code >= 500)):
            return Unavailable(f"the network answers {said}", wait_of(response, self.clock.now(), self.ration))
        if code in (408, 409, 425) or code >= 500:
            return OutcomeUnknown(f"the network answers {said}; it may have taken it")
        if code == 401:
            return Refused(f"the network does not let this account in ({said}); connect it again")
        return Refused(f"the network refuses it ({said})")


def _body(json: Any, form: Mapping[str, Any] | None, content: bytes | None) -> tuple[dict[str, Any], dict[str, str]]:
    """A body as httpx takes it by name, and the header that says what it is."""
    if json is not None:
        return {"content": msgspec.json.encode(json)}, {"Content-Type": "application/json"}
    if form is not None:
        return {"data": dict(form)}, {}
    return ({"content": content} if content is not None else {}), {}


def decoded(response: httpx.Response, kind: type[Any]) -> Any:  # Any: a value of `kind`
    """The answer of a reading as `kind`. Raises Unavailable where it is something else."""
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise Unavailable(f"the network answers something else than it says: {error}") from error


def taken(response: httpx.Response, kind: type[Any]) -> Any:  # Any: a value of `kind`
    """The answer to what was given away, as `kind`. Raises OutcomeUnknown where it is something else."""
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise OutcomeUnknown(f"the network took it and answered something else: {error}") from error


def words_of(body: bytes) -> str:
    """What a network explains in the body of an error, however it nests it; "" where it says nothing that can be read."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return ""
    return line(_words(said, 0), LONGEST_WORDS)


def _words(said: Any, depth: int) -> str:  # Any: whatever JSON holds
    if isinstance(said, str):
        return said
    if isinstance(said, list) and said and depth < 4:
        return _words(said[0], depth + 1)
    if isinstance(said, dict) and depth < 4:
        for name in (
            "message",
            "detail",
            "error_description",
            "error_user_msg",
            "description",
            "error",
            "errors",
            "title",
            "reason",
        ):
            if found := _words(said.get(name), depth + 1):
                return found
    return ""


def wait_of(response: httpx.Response, now: datetime, ration: Ration | None = None) -> timedelta | None:
    """How long a network asks us to wait, by `Retry-After` or by its own header; None: it does not say."""
    for name in ("retry-after", *((ration.reset,) if ration else ())):
        at = moment(response.headers.get(name, ""), now)
        if at is not None:
            return max(at - now, timedelta(seconds=1))
    return None


def moment(text: str, now: datetime) -> datetime | None:
    """A time as a header writes it: seconds from now, seconds of Unix time, ISO 8601 or as HTTP does; None: none of them."""
    number = _amount(text)
    try:
        if number is not None:
            if number < SECONDS_OR_TIME:
                return now + timedelta(seconds=number)
            return datetime.fromtimestamp(number, UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return _http_date(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _http_date(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None


def _amount(text: str) -> float | None:
    """A number that is not negative, as headers write it; None: it is none."""
    plain = text.strip()
    return float(plain) if plain.replace(".", "", 1).isdecimal() and plain.isascii() and len(plain) <= 15 else None
