"""/api/people/{person}/export, erasure, consents and hold: a person's rights, for programs."""

from typing import Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.errors import BadInput, NotFound
from rapport.model.fact import ConsentNoted, PersonHeld
from rapport.people import reading as people
from rapport.people.export import Export
from rapport.web.idempotency import once
from rapport.web.people.rights import erased, exported, json_of, told
from rapport.web.security import AnyRequest, current, needs, office_of

RIGHTS = needs("people.rights")


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What they agreed to, or took back. `evidence`: how we know; `channel` "": any."""

    purpose: str
    evidence: str
    given: bool = True
    channel: str = ""


class Holding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A legal hold: why; or that it is lifted."""

    reason: str = ""
    lifted: bool = False


class Proof(msgspec.Struct, frozen=True):
    """The certificate of an erasure. `entry`: the fact in the ledger that proves it."""

    entry: str
    person: str
    at: str
    by: str
    handles: int
    keys: int
    cleared: int
    seconds: float


class Noted(msgspec.Struct, frozen=True):
    """It is on record."""

    noted: bool = True


_agreement, _holding = msgspec.json.Decoder(Agreement), msgspec.json.Decoder(Holding)


async def _id(request: AnyRequest, person: str) -> bytes:
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        id = await people.person_named(db, who.tenant, person)
    if id is None:
        raise NotFound(f"nobody is known by {person[:80]!r} here")
    return id


@get("/api/people/{person:str}/export", opt=RIGHTS | {"gives": Export, "says": "Everything on record about a person"})
async def export(request: AnyRequest, person: FromPath[str]) -> Response[bytes]:
    """Everything about a person; that it was read is on record."""
    return json_of(await exported(request, await _id(request, person)))


@post(
    "/api/people/{person:str}/erasure",
    opt=RIGHTS | {"gives": Proof, "says": "Erase a person for ever: their keys are destroyed; 409 under a legal hold"},
)
async def erasure(request: AnyRequest, person: FromPath[str]) -> Response[bytes]:
    """Erase a person; the certificate."""
    made = await erased(request, await _id(request, person))
    said = Proof(
        made.entry.hex(), made.person.hex(), made.at.isoformat(), made.by, made.handles, made.keys, made.cleared, made.seconds
    )
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


@post(
    "/api/people/{person:str}/consents",
    opt=RIGHTS | {"takes": Agreement, "gives": Noted, "says": "Note what a person agreed to, or took back", "status": 202},
)
async def consents(request: AnyRequest, person: FromPath[str]) -> Response[bytes]:
    """Note a consent with its evidence."""
    body = await request.body()
    said, id = _agreement.decode(body), await _id(request, person)
    if not said.purpose.strip() or not said.evidence.strip():
        raise BadInput("purpose and evidence must say for what, and how we know, got nothing")

    async def answer(key: str) -> tuple[int, Any]:  # Any: Noted
        fact = lambda by: ConsentNoted(id, said.purpose[:80], said.channel[:40], said.given, by)  # noqa: E731
        await told(request, id, fact, said.evidence[:400])
        return 202, Noted()

    return await once(request, body, answer)


@post(
    "/api/people/{person:str}/hold",
    opt=RIGHTS | {"takes": Holding, "gives": Noted, "says": "Put a legal hold on a person, or lift it", "status": 202},
)
async def hold(request: AnyRequest, person: FromPath[str]) -> Response[bytes]:
    """Put a legal hold on a person, or lift it."""
    body = await request.body()
    said, id = _holding.decode(body), await _id(request, person)
    if not said.reason.strip() and not said.lifted:
        raise BadInput("reason must say why the law asks for it, got nothing")

    async def answer(key: str) -> tuple[int, Any]:  # Any: Noted
        await told(request, id, lambda by: PersonHeld(id, by, said.lifted), said.reason[:400])
        return 202, Noted()

    return await once(request, body, answer)


HANDLERS = [export, erasure, consents, hold]
