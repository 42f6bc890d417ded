"""The API's front page, its OpenAPI document, presence, and the record's checkpoint."""

from base64 import b64encode
from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Response, get, put
from litestar.routes import HTTPRoute

from rapport.audit.checkpoints import latest_checkpoint
from rapport.errors import BadInput, NotFound
from rapport.matching import reading as offers
from rapport.model.agent import Presence
from rapport.web.acting import act
from rapport.web.api.schema import Handler, methods_of, openapi
from rapport.web.centre_now import centre_now
from rapport.web.page import render
from rapport.web.security import EVERYONE, AnyRequest, current, needs, office_of

PRESENCE_ACTIONS = {
    Presence.AVAILABLE: "go_online",
    Presence.BUSY: "go_busy",
    Presence.AWAY: "go_away",
    Presence.OFFLINE: "go_offline",
}


class Present(msgspec.Struct, frozen=True):
    """An agent, and whether they take work now. `held`: places taken, by channel kind."""

    agent: str
    name: str
    presence: str
    since: datetime | None = None
    held: dict[str, int] = {}


class PresenceAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The presence that somebody wants for themselves."""

    presence: Presence


class Checkpoint(msgspec.Struct, frozen=True):
    """The record up to here: so many entries, and the root of their tree. `note` is signed where a key is set."""

    size: int
    root: str
    at: datetime
    note: str = ""


class Endpoint(msgspec.Struct, frozen=True):
    """A line of the API's front page."""

    method: str
    path: str
    says: str
    needs: str


class ApiPage(msgspec.Struct, frozen=True):
    """The API's front page."""

    endpoints: tuple[Endpoint, ...]
    url: str


@get("/api", opt=EVERYONE, include_in_schema=False)
async def front_page(request: AnyRequest) -> Response[Any]:
    """What the API can do, for people."""
    listed = [
        Endpoint(method, path, handler.opt["says"], handler.opt["needs"])
        for handler in _handlers(request)
        if "says" in handler.opt
        for path in sorted(handler.paths)
        for method in methods_of(handler)
    ]
    return await render(
        request, "api.html", ApiPage(tuple(sorted(listed, key=lambda e: e.path)), office_of(request).public_url)
    )


@get("/api/openapi.json", opt=EVERYONE, include_in_schema=False)
async def document(request: AnyRequest) -> Response[bytes]:
    """The OpenAPI 3.1 document."""
    office = office_of(request)
    made = office.memory.get("openapi") or msgspec.json.encode(openapi(_handlers(request), office.version))
    office.memory["openapi"] = made
    return Response(made, media_type=MediaType.JSON)


def _handlers(request: AnyRequest) -> list[Handler]:
    found: dict[int, Handler] = {}
    for route in request.app.routes:
        of_route = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        found.update({id(handler): handler for handler in of_route if isinstance(handler, Handler)})
    return list(found.values())


@get("/api/presence", opt=needs("wallboard.read") | {"gives": list[Present], "says": "Who takes work now"})
async def presence(request: AnyRequest) -> Response[bytes]:
    """Every agent and their presence."""
    office, who = office_of(request), current(request)
    agents = (await centre_now(office, who.tenant)).agents
    async with office.store.within(who.tenant, readonly=True) as db:
        rows = await offers.presences(db, who.tenant)
    named = {name: agent.name or name for name, agent in agents.items()}
    present = [
        Present(one.id, named.get(one.id, one.id), one.presence, one.since, one.held)
        for one in sorted(rows.values(), key=lambda one: one.id)
    ]
    known = {p.agent for p in present}
    present += [Present(a, name, Presence.OFFLINE) for a, name in named.items() if a not in known]
    return Response(msgspec.json.encode(present), media_type=MediaType.JSON)


@put(
    "/api/presence", opt=needs("desk.write") | {"takes": PresenceAsked, "gives": PresenceAsked, "says": "Come, go, or be busy"}
)
async def go(request: AnyRequest) -> Response[bytes]:
    """Set one's own presence."""
    office, who = office_of(request), current(request)
    if who.agent.startswith("token:"):
        raise BadInput("this token acts for nobody; make one for an agent, whose presence can then be set")
    asked = msgspec.json.decode(await request.body(), type=PresenceAsked)
    await act(office, who, PRESENCE_ACTIONS[asked.presence], once=request.headers.get("idempotency-key", ""))
    return Response(msgspec.json.encode(asked), media_type=MediaType.JSON)


@get("/api/ledger/checkpoint", opt=needs("ledger.read") | {"gives": Checkpoint, "says": "The latest checkpoint of the record"})
async def checkpoint(request: AnyRequest) -> Response[bytes]:
    """The latest checkpoint."""
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        latest = await latest_checkpoint(db, who.tenant)
    if latest is None:
        raise NotFound("no checkpoint yet; one is made soon after the first entry")
    made = Checkpoint(latest.size, b64encode(latest.root).decode(), latest.at, latest.note)
    return Response(msgspec.json.encode(made), media_type=MediaType.JSON)


HANDLERS = [front_page, document, presence, go, checkpoint]
