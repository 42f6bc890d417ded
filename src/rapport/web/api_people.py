"""/api/people/{person}/context: what is known of a person, for a department that says what for."""

from datetime import datetime
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Response, get
from litestar.params import FromPath

from rapport.errors import BadInput, NotFound
from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.ids import read_id, show_id
from rapport.model.person import Handle, Person
from rapport.people import reading
from rapport.web.api_conversations import Brief, brief
from rapport.web.centre_now import centre_now
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.sensitive import shown_of

log = structlog.get_logger()
MOMENTS = 20


class Known(msgspec.Struct, frozen=True):
    """A value believed of them, by whom and how surely."""

    name: str
    value: Any  # Any: as its source gave it
    source: str
    at: datetime
    confidence: float


class Happened(msgspec.Struct, frozen=True):
    """A journey event of theirs."""

    kind: str
    at: datetime
    source: str
    data: dict[str, Any]  # Any: a department's own plain JSON


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


@get(
    "/api/people/{person:str}/context",
    opt=needs("context.read")
    | {"gives": Context, "says": "What is known of a person: by id or handle", "asks": {"purpose": "what it is for; required"}},
)
async def context(request: AnyRequest, person: FromPath[str]) -> Response[bytes]:
    """The context of a person; that it was read, and what for, is logged without a name."""
    who, purpose = current(request), request.query_params.get("purpose", "").strip()[:100]
    centre = await centre_now(office_of(request), who.tenant)
    if not purpose:
        raise BadInput("purpose must say what it is for, got nothing; add ?purpose=…")
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        found = await _person(db, who.tenant, person)
        handles = await reading.handles_of(db, who.tenant, found.id)
        events = await reading.milestones(db, who.tenant, found.id, limit=MOMENTS, only="event")
        spoken = await reading.milestones(db, who.tenant, found.id, limit=MOMENTS, only="conversation")
    log.info("person.context_read", tenant=who.tenant, by=who.agent, person=show_id(found.id), purpose=purpose)
    attributes = found.attributes if who.may("sensitive.see") else shown_of(found, centre).attributes
    said = Context(
        person=show_id(found.id),
        name=found.name,
        language=found.language,
        handles=tuple(handle.name for handle in handles),
        attributes=tuple(Known(a.name, a.value, a.source, a.at, a.confidence) for a in attributes),
        events=tuple(Happened(m.event.kind, m.event.at, m.event.source, m.event.data) for m in events if m.event),
        conversations=tuple(brief(m.conversation) for m in spoken if isinstance(m.conversation, Conversation)),
        agents=found.agents,
    )
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


async def _person(db: Any, tenant: int, text: str) -> Person:  # Any: an asyncpg connection
    """The person of an id or a handle. Raises NotFound."""
    id = read_id(text)
    if id is None:
        handles = await read_where(db, tenant, Handle, "name <> '' and name = $2 limit 1", text)
        id = handles[0].person if handles else None
    found = await read_rows(db, tenant, Person, [id]) if id else []
    if not found:
        raise NotFound(f"nobody is known by {text[:80]!r} here")
    return found[0]


HANDLERS = [context]
