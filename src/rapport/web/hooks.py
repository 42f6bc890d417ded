"""/hooks/…: what networks call. Nothing is believed before the account's channel has verified it; 2xx means that we keep it.

Bounds: 5 MiB, so many calls a minute from one address, far fewer that are no network's, and an answer within three seconds.
"""

import asyncio
from datetime import datetime, timedelta

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from rapport.access.throttle import Throttle
from rapport.errors import Overloaded, StoreError
from rapport.model.centre import Account
from rapport.web.centre_now import centre_now, tenant_named
from rapport.web.office import Call, Office
from rapport.web.security import BY_NETWORKS, AnyRequest, address_of, office_of

LARGEST = 5 * 1024 * 1024  # bytes
SECONDS = 2.5
KNOWN = timedelta(minutes=1)
OFTEN = (6000, timedelta(minutes=1))  # calls from one address
OFTEN_WRONG = (60, timedelta(minutes=1))  # of them that name no account or are no network's
LATER = {"retry-after": "5"}


@route(
    "/hooks/{tenant:str}/{account:str}",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    opt=BY_NETWORKS,
    include_in_schema=False,
    request_max_body_size=LARGEST,
)
async def hook(request: AnyRequest, tenant: FromPath[str], account: FromPath[str]) -> Response[bytes]:
    """Take what a network says of an account; 404 for an account that is not there, 403 for what is not its network's."""
    office, peer = office_of(request), address_of(request)
    calls, wrong = _throttle(office, "hooks", OFTEN), _throttle(office, "hooks-wrong", OFTEN_WRONG)
    now = office.clock.now()
    wait = max(calls.wait(peer, now), wrong.wait(peer, now))
    if wait:
        return Response(b"", status_code=429, headers={"retry-after": str(int(wait.total_seconds()) + 1)})
    calls.count(peer, now)
    answer = await _answered(request, office, tenant, account)
    if answer.status_code in (403, 404):
        wrong.count(peer, now)
    return answer


async def _answered(request: AnyRequest, office: Office, tenant: str, name: str) -> Response[bytes]:
    number = await _tenant(office, tenant)
    account = (await centre_now(office, number)).accounts.get(name) if number else None
    if account is None:
        return _plain(404)
    if account.paused:
        return _plain(503)
    body = await request.body()
    call = Call(
        method=request.method,
        path=request.url.path,
        query=tuple((str(key), str(value)) for key, value in request.query_params.multi_items()),
        headers={key.lower(): value for key, value in request.headers.items()},
        body=body,
        url=hook_url(office, tenant, account) + (f"?{request.url.query}" if request.url.query else ""),
        peer=address_of(request),
    )
    try:
        async with asyncio.timeout(SECONDS):
            said = await office.hook(number, account, call)
    except (
        TimeoutError,
        Overloaded,
        StoreError,
        OSError,
    ):  # nothing is lost: the network calls again, and each thing has one key
        return _plain(503)
    return Response(said.body, status_code=said.status, media_type=said.type, headers={"cache-control": "no-store"})


async def _tenant(office: Office, name: str) -> int:
    """The number of a tenant, looked up once a minute; 0, which is nobody's, where there is none of that name."""
    known: dict[str, tuple[int, datetime]] = office.memory.setdefault("hooks-tenants", {})
    number, at = known.get(name, (0, office.clock.now()))
    if not number or office.clock.now() - at > KNOWN:
        number = await tenant_named(office, name) if name else 0
        if number:
            known[name] = number, office.clock.now()
        else:
            known.pop(name, None)
    return number


def _plain(status: int) -> Response[bytes]:
    return Response(b"", status_code=status, media_type="text/plain", headers=LATER if status == 503 else {})


def _throttle(office: Office, name: str, rate: tuple[int, timedelta]) -> Throttle:
    found = office.memory.setdefault(name, Throttle(*rate))
    assert isinstance(found, Throttle)
    return found


def hook_url(office: Office, tenant: str, account: Account) -> str:
    """The address that a network is told to call for an account."""
    return f"{office.public_url.rstrip('/')}/hooks/{tenant}/{account.id}"


HANDLERS = [hook]
