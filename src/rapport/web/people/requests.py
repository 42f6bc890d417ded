"""What persons ask by right: the list with what is late, what was answered, and each one's answer."""

from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, Conflict, NotFound
from rapport.model.law import Law, law_of
from rapport.people import reading as people
from rapport.people.asked_rights import Standing, answered_requests, open_requests
from rapport.web.centre_now import centre_now
from rapport.web.desk.page import seated
from rapport.web.desk.reading import names_of
from rapport.web.going import asked_id, go
from rapport.web.idempotency import once
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.people.asking_rights import answer_right, ask_right
from rapport.web.people.rights import RIGHTS, rights_of, written
from rapport.web.security import AnyRequest, current, language_of, office_of

MOST, MOST_ANSWERED = 200, 30
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class RequestsPage(msgspec.Struct, frozen=True):
    """What is open, the first due first, and what was answered lately; `law`: whose deadlines hold."""

    open: tuple[Standing, ...]
    answered: tuple[Standing, ...]
    law: Law
    names: dict[str, str]
    problem: str = ""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person asks by right: export, correction, erasure or objection; `words`: theirs."""

    kind: str
    words: str = ""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a request: done, refused or extended; `answer`: what they were told, owed unless it is done."""

    state: str
    answer: str = ""


class Request(msgspec.Struct, frozen=True):
    """A request as programs see it. `held`: a legal hold keeps their record."""

    request: str
    person: str
    kind: str
    state: str
    at: str
    due_at: str
    law: str
    late: bool
    held: bool = False


class Requests(msgspec.Struct, frozen=True):
    """What is open, the first due first."""

    requests: tuple[Request, ...]


class Due(msgspec.Struct, frozen=True):
    """A request was noted, and until when it is due."""

    request: str
    due_at: str


_asked, _answer = msgspec.json.Decoder(Asked), msgspec.json.Decoder(Answer)


@get("/people/requests", opt=RIGHTS, include_in_schema=False)
async def requests_page(request: AnyRequest) -> Response[str]:
    """The list."""
    return await _list(request)


async def _list(request: AnyRequest, problem: str = "") -> Response[str]:
    async with seated(request) as seat:
        now = seat.office.clock.now()
        waiting = await open_requests(seat.db, seat.who.tenant, now, MOST)
        answered = await answered_requests(seat.db, seat.who.tenant, now, MOST_ANSWERED)
        page = RequestsPage(tuple(waiting), tuple(answered), law_of(seat.centre.profile.law), names_of(seat.centre), problem)
    return await render(request, "people_requests.html", page, status=409 if problem else 200)


@post("/people/{person:str}/request", opt=RIGHTS, include_in_schema=False)
async def ask(request: AnyRequest, person: FromPath[str], data: Form) -> Response[Any]:
    """Note what a person asks."""
    office, who, id = office_of(request), current(request), asked_id(person, "person")
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await people.person(db, who.tenant, id)
    if found is None:
        raise NotFound("there is no such person; they may belong to another centre")
    centre = await centre_now(office, who.tenant)
    try:
        await ask_right(office, who.tenant, centre, found, data.get("kind", ""), written(data, "words", 1000), who.agent)
    except Conflict as refused:
        return await rights_of(request, id, problem=retell(language_of(request), str(refused)))
    return go(f"/people/{id.hex()}/rights#asked")


@post("/people/requests/{asked:str}", opt=RIGHTS, include_in_schema=False)
async def answer(request: AnyRequest, asked: FromPath[str], data: Form) -> Response[Any]:
    """Say what became of a request."""
    office, who, id = office_of(request), current(request), asked_id(asked, "request")
    try:
        await answer_right(office, who.tenant, id, data.get("do", ""), written(data, "answer", 1000), who.agent)
    except (Conflict, BadInput) as refused:
        return await _list(request, retell(language_of(request), str(refused)))
    return go("/people/requests")


@get("/api/people/requests", opt=RIGHTS | {"gives": Requests, "says": "What persons ask by right, the first due first"})
async def api_requests(request: AnyRequest) -> Response[bytes]:
    """What is open."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await open_requests(db, who.tenant, office.clock.now(), MOST)
    said = Requests(
        tuple(
            Request(
                r.id.hex(), r.person.hex(), r.kind, r.state, r.at.isoformat(), r.due_at.isoformat(), r.law, one.late, one.held
            )
            for one in found
            for r in (one.request,)
        )
    )
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


@post(
    "/api/people/{person:str}/requests",
    opt=RIGHTS | {"takes": Asked, "gives": Due, "says": "Note what a person asks by right", "status": 202},
)
async def api_ask(request: AnyRequest, person: FromPath[str]) -> Response[bytes]:
    """Note what a person asks; until when it is due."""
    body, office, who = await request.body(), office_of(request), current(request)
    said = _asked.decode(body)
    async with office.store.within(who.tenant, readonly=True) as db:
        id = await people.person_named(db, who.tenant, person)
        found = await people.person(db, who.tenant, id) if id is not None else None
    if found is None:
        raise NotFound(f"nobody is known by {person[:80]!r} here")
    centre = await centre_now(office, who.tenant)

    async def noted(key: str) -> tuple[int, Any]:  # Any: Due
        made, ends = await ask_right(office, who.tenant, centre, found, said.kind, said.words[:1000], who.agent)
        return 202, Due(made.hex(), ends.isoformat())

    return await once(request, body, noted)


@post(
    "/api/people/requests/{asked:str}",
    opt=RIGHTS | {"takes": Answer, "gives": Due, "says": "Say what became of a request", "status": 202},
)
async def api_answer(request: AnyRequest, asked: FromPath[str]) -> Response[bytes]:
    """Say what became of a request."""
    body, office, who = await request.body(), office_of(request), current(request)
    said, id = _answer.decode(body), asked_id(asked, "request")

    async def noted(key: str) -> tuple[int, Any]:  # Any: Due
        before = await answer_right(office, who.tenant, id, said.state, said.answer.strip()[:1000], who.agent)
        return 202, Due(id.hex(), before.due_at.isoformat())

    return await once(request, body, noted)


HANDLERS = [requests_page, ask, answer, api_requests, api_ask, api_answer]
