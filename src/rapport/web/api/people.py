"""/api/people/{person}/context, and its stream: what is known of a person, for a department that says what for; on record."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from litestar import MediaType, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Stream

from rapport.access import sessions
from rapport.errors import BadInput, NotAllowed, NotFound
from rapport.model.ids import read_id, show_id
from rapport.model.purpose import Purpose
from rapport.people.context import PersonContext, context as context_of, purpose_for
from rapport.people.export import Happened, happened
from rapport.store.connecting import LOST
from rapport.web.api.conversations import Brief, brief
from rapport.web.centre_now import centre_lately
from rapport.web.office import Office
from rapport.web.on_record import on_record
from rapport.web.security import COOKIE, AnyRequest, Who, current, let_in, needs, office_of
from rapport.web.stream import QUIET, Listener, hub_of, stream_of


class Known(msgspec.Struct, frozen=True):
    """A value believed of them, by whom and how surely, and until when."""

    name: str
    value: Any  # Any: as its source gave it
    source: str
    at: datetime
    confidence: float
    expires: datetime | None = None


class Context(msgspec.Struct, frozen=True):
    """What is known of a person, newest first."""

    person: str
    name: str
    language: str
    handles: tuple[str, ...]
    attributes: tuple[Known, ...]
    events: tuple[Happened, ...]
    conversations: tuple[Brief, ...]
    agents: tuple[str, ...]
    purpose: str = ""


async def _asked(request: AnyRequest) -> Purpose:
    who, name = current(request), request.query_params.get("purpose", "").strip()
    if not name:
        raise BadInput("purpose must say what it is for, got nothing; add ?purpose=…")
    centre = await centre_lately(office_of(request), who.tenant)
    return purpose_for(centre, name, (who.role, who.agent, who.name))


async def _read(office: Office, who: Who, person: str, purpose: Purpose) -> PersonContext:
    """What may be known. Raises NotFound, NotAllowed."""
    centre, now = await centre_lately(office, who.tenant), office.clock.now()
    db = office.store.reading(who.tenant)
    found = await context_of(db, who.tenant, read_id(person) or person, purpose, centre, now, who.may("sensitive.see"))
    if found is None:
        raise NotFound(f"nobody is known by {person[:80]!r} here")
    return found


def _said(found: PersonContext) -> bytes:
    return msgspec.json.encode(
        Context(
            person=show_id(found.person),
            name=found.name,
            language=found.language,
            handles=found.handles,
            attributes=tuple(Known(a.name, a.value, a.source, a.at, a.confidence, a.expires) for a in found.attributes),
            events=tuple(map(happened, found.events)),
            conversations=tuple(map(brief, found.conversations)),
            agents=found.agents,
            purpose=found.purpose,
        )
    )


@get(
    "/api/people/{person:str}/context",
    opt=needs("context.read")
    | {"gives": Context, "says": "What is known of a person: by id or handle", "asks": {"purpose": "what it is for; required"}},
)
async def context(request: AnyRequest, person: FromPath[str]) -> Response[bytes]:
    """The context of a person for a purpose; who read it, and what for, is on record before it is told."""
    office, who, purpose = office_of(request), current(request), await _asked(request)
    found = await _read(office, who, person, purpose)
    await on_record(office, who, purpose.id, found.person)
    return Response(_said(found), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


@get(
    "/api/people/{person:str}/stream",
    opt=needs("context.read")
    | {"says": "The context of a person, again whenever it changes (server-sent events)", "asks": {"purpose": "required"}},
)
async def stream(request: AnyRequest, person: FromPath[str]) -> Stream:
    """The same as it changes, as server-sent events."""
    office, who, purpose = office_of(request), current(request), await _asked(request)
    found = await _read(office, who, person, purpose)
    await on_record(office, who, purpose.id, found.person)
    return stream_of(_changes(office, who, found, purpose, lambda: _still(request, who)))


async def _still(request: AnyRequest, who: Who) -> bool:
    """Whether the session or token is good still; to ask is no use of a session, so a stream keeps none open."""
    if who.csrf:
        office, (tenant, token) = office_of(request), sessions.read_cookie(request.cookies.get(COOKIE, ""))
        return tenant is not None and await sessions.is_open(office.store, tenant, token, office.clock.now())
    try:
        await let_in(request, needs("context.read"))
    except HTTPException:
        return False
    return True


async def _changes(
    office: Office, who: Who, first: PersonContext, purpose: Purpose, still: Callable[[], Awaitable[bool]]
) -> AsyncIterator[bytes]:
    """The context now and after each change, for as long as `still()` says that whoever reads may."""
    hub, listener = hub_of(office, who.tenant), Listener(None, frozenset({f"person:{first.person.hex()}", "reload"}))
    last = b""
    try:
        await hub.join(listener, None)
        while await still():
            said = _said(await _read(office, who, first.person.hex(), purpose))
            if said != last:
                last = said
                yield b"event: context\ndata: %s\n\n" % said
            if not await listener.ring(QUIET):
                yield b": still here\n\n"
            listener.take()
    except (asyncio.CancelledError, *LOST, asyncpg.PostgresError, NotFound, NotAllowed):
        return
    finally:
        hub.leave(listener)


HANDLERS = [context, stream]
