"""What Google's APIs have in common: who asks, by a person's consent or a service account, and what their errors mean."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import msgspec

from rapport.channels.capabilities import Wording
from rapport.channels.channel import Field, Means
from rapport.channels.json_api import JsonApi
from rapport.channels.tokens import Granted, web_token
from rapport.clock import Clock
from rapport.errors import BadInput, SendError, Unavailable

TOKENS = "https://oauth2.googleapis.com/token"
CONSENT_FIELDS = (
    Field("client_id", Wording("ID de cliente de OAuth", "OAuth client ID")),
    Field("client_secret", Wording("Secreto del cliente", "Client secret"), secret=True),
    Field("refresh_token", Wording("Clave de renovación", "Refresh token"), secret=True),
)
PACIFIC = ZoneInfo("America/Los_Angeles")  # where Google's days begin
DAY_IS_USED = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"})


class _Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class _Problem(msgspec.Struct, frozen=True):
    errors: tuple[_Reason, ...] = ()
    status: str = ""


class _Failed(msgspec.Struct, frozen=True):
    error: _Problem = _Problem()


class _Key(msgspec.Struct, frozen=True):
    """What of a service account's key file is needed."""

    client_email: str
    private_key: str


def google_api(means: Means, root: str, signs: Granted) -> JsonApi:
    """An account at one of Google's APIs."""
    return JsonApi(means.http, root, means.clock, signs, means.budget, judge=judge(means.clock))


def judge(clock: Clock) -> Callable[[httpx.Response, str], SendError | None]:
    """What Google's errors mean where the status says too little: a used quota is a 403, and ends at midnight Pacific."""

    def meaning(response: httpx.Response, words: str) -> SendError | None:
        if response.status_code not in (403, 429):
            return None
        reasons = _reasons(response.content)
        if reasons & DAY_IS_USED:
            now = clock.now()
            return Unavailable(f"the day's quota at Google is used: {words}", next_day(now) - now)
        if response.status_code == 403 and reasons & TOO_FAST:
            return Unavailable(f"Google asks for patience: {words}", timedelta(minutes=1))
        return None

    return meaning


def next_day(now: datetime) -> datetime:
    """When Google's next day begins."""
    here = now.astimezone(PACIFIC)
    return (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)


def consent(means: Means, given: dict[str, str]) -> Granted:
    """The token that a person consented to, renewed as it ends."""
    form = {"grant_type": "refresh_token"} | {name: given[name] for name in ("client_id", "client_secret", "refresh_token")}
    return Granted(means.http, TOKENS, lambda: form, means.clock, kept=means.kept)


def service_account(means: Means, key: str, scope: str) -> Granted:
    """The token of a service account (RFC 7523). `key`: the JSON file that Google gives.

    Raises:
        BadInput: it is no such file.
    """
    try:
        told = msgspec.json.decode(key, type=_Key)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise BadInput("the key must be the JSON file of a service account, with client_email and private_key") from error

    def form() -> dict[str, str]:
        seconds = int(means.clock.now().timestamp())
        claims: dict[str, str | int] = {
            "iss": told.client_email,
            "scope": scope,
            "aud": TOKENS,
            "iat": seconds,
            "exp": seconds + 3600,
        }
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return {"grant_type": grant, "assertion": web_token(told.private_key, claims)}

    form()  # a key that cannot sign is told at once
    return Granted(means.http, TOKENS, form, means.clock)


def _reasons(body: bytes) -> set[str]:
    try:
        problem = msgspec.json.decode(body, type=_Failed).error
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return set()
    return {problem.status, *(one.reason for one in problem.errors)}
