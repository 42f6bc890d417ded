"""A person: their whole journey with every department, with filters; and finding people and conversations by their words."""

from datetime import datetime
from urllib.parse import urlencode

import asyncpg
import msgspec
from litestar import Response, get
from litestar.params import FromPath

from rapport.conversations.reading import of_case
from rapport.conversations.search import search
from rapport.errors import NotFound
from rapport.ledger.tables import read_rows
from rapport.model.ids import read_id
from rapport.model.person import Person
from rapport.people import reading as people
from rapport.people.glances import Looked, looks
from rapport.web.desk.context import HandleShown, Step
from rapport.web.desk.page import READ, Seat, seated
from rapport.web.desk.person_reading import handle_shown, step_of
from rapport.web.desk.reading import names_of
from rapport.web.desk.sensitive import hidden_of, shown_of
from rapport.web.on_record import PAGE as THEIR_PAGE, on_record
from rapport.web.page import fragment, render
from rapport.web.people.groups_page import GroupsOf, groups_part
from rapport.web.security import AnyRequest, current, office_of

PAGE = 50
MOST_FOUND = 8
MOST_LOOKS = 6
SHORTEST = 2  # letters of a search


class PersonFound(msgspec.Struct, frozen=True):
    """A person whom a search found, or who may be this one."""

    id: bytes
    name: str


class PartShown(msgspec.Struct, frozen=True):
    """One of the persons that are one: what is known of it alone. `is_top`: the others were merged into it."""

    id: bytes
    name: str
    messages: int
    is_top: bool


class PersonPage(msgspec.Struct, frozen=True):
    """Who they are and a page of their journey. `query` is this page's own filter, `more` that of the earlier one."""

    person: Person
    handles: tuple[HandleShown, ...]
    journey: tuple[Step, ...]
    names: dict[str, str]
    sources: tuple[str, ...]
    only: str = ""
    chosen_source: str = ""
    query: str = ""
    more: str = ""
    hidden: tuple[str, ...] = ()  # names of sensitive attributes that are not shown
    cleared: bool = False
    problem: str = ""
    pairs: tuple[PersonFound, ...] = ()  # who may be the same person
    parts: tuple[PartShown, ...] = ()  # what a merged person is made of
    merged: str = ""  # the one that was merged just now
    parted: bool = False
    groups: GroupsOf = GroupsOf()
    looked: tuple[Looked, ...] = ()  # who read of them last, for those who may know


class ConversationFound(msgspec.Struct, frozen=True):
    """A conversation that a search found."""

    id: bytes
    name: str
    channel: str
    text: str


class Found(msgspec.Struct, frozen=True):
    """What a search found."""

    words: str
    people: tuple[PersonFound, ...] = ()
    conversations: tuple[ConversationFound, ...] = ()


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


@get("/people/{person:str}", opt=READ, include_in_schema=False)
async def person_page(request: AnyRequest, person: FromPath[str]) -> Response[str]:
    """One person. `only`, `source` filter the journey, `before` goes back in it."""
    return await show_person(request, person)


async def show_person(request: AnyRequest, person: str, *, cleared: bool = False, problem: str = "") -> Response[str]:
    """The page of a person; `cleared`: with what is sensitive, which is on record by now."""
    asked = request.query_params
    only, source = str(asked.get("only", "")), str(asked.get("source", ""))[:200]
    only = only if only in ("conversation", "event") else ""
    async with seated(request) as seat:
        found = await _found(seat, person)
        before = _time(str(asked.get("before", "")))
        steps = await people.milestones(
            seat.db, seat.who.tenant, found.ids, limit=PAGE + 1, before=before, only=only, source=source
        )
        handles = await people.handles_of(seat.db, seat.who.tenant, found.ids)
        sources = await people.sources(seat.db, seat.who.tenant, found.ids)
        pairs, parts = await _whom(seat.db, seat.who.tenant, found)
        groups = await groups_part(seat.db, seat.who.tenant, found)
        looked = await _looked(seat, found)
    await on_record(office_of(request), current(request), THEIR_PAGE, found.id)
    kept = {name: value for name, value in (("only", only), ("source", source)) if value}
    earlier = urlencode({**kept, "before": steps[PAGE - 1].at.isoformat()}) if len(steps) > PAGE else ""
    page = PersonPage(
        person=found if cleared else shown_of(found, seat.centre),
        hidden=() if cleared else hidden_of(found, seat.centre),
        cleared=cleared,
        problem=problem,
        handles=tuple(map(handle_shown, handles)),
        journey=tuple(map(step_of, steps[:PAGE])),
        names=names_of(seat.centre),
        sources=tuple(sources),
        only=only,
        chosen_source=source,
        query=urlencode({**kept, **({"before": before.isoformat()} if before else {})}),
        more=earlier,
        pairs=pairs,
        parts=parts,
        merged=str(asked.get("merged", ""))[:32],
        parted="parted" in asked,
        looked=looked,
        groups=groups,
    )
    return await render(request, "person.html", page, status=409 if problem else 200)


async def _found(seat: Seat, person: str) -> Person:
    id = read_id(person)
    found = await people.person(seat.db, seat.who.tenant, id) if id else None
    if found is None:
        raise NotFound("there is no such person; they may belong to another centre")
    return found


async def _looked(seat: Seat, person: Person) -> tuple[Looked, ...]:
    """Who read of them last, for those who may know."""
    if not seat.who.may("context.read"):
        return ()
    return tuple(await looks(seat.db, seat.who.tenant, person.ids, most=MOST_LOOKS))


async def _whom(db: asyncpg.Connection, tenant: int, person: Person) -> tuple[tuple[PersonFound, ...], tuple[PartShown, ...]]:
    """Who may be the same person, and of which persons this one is made."""
    alike = await people.alike_of(db, tenant, person.ids)
    others = {pair.other if pair.one in person.ids else pair.one for pair in alike}
    names = {one.id: one.name for one in await read_rows(db, tenant, Person, others)}
    apart = {part.id: part for part in await people.apart_of(db, tenant, person.ids)}
    parts = [
        PartShown(id, apart[id].known.name, apart[id].known.messages, apart[id].into is None)
        for id in person.ids
        if id in apart
    ]
    return tuple(PersonFound(id, name) for id, name in names.items()), tuple(parts)


@get("/desk/find", opt=READ, include_in_schema=False)
async def find(request: AnyRequest) -> Response[str]:
    """People and conversations by their words: a part for the palette, or a page without any script."""
    words = str(request.query_params.get("q", "")).strip()[:80]
    found = Found(words)
    if len(words) >= SHORTEST:
        async with seated(request) as seat:
            persons = await people.find(seat.db, seat.who.tenant, words, limit=MOST_FOUND)
            answer = await search(seat.db, seat.who.tenant, words, now=seat.office.clock.now(), limit=MOST_FOUND)
            rows = [*await of_case(seat.db, seat.who.tenant, words), *(hit.conversation for hit in answer.hits)]
            rows = list({one.id: one for one in rows}.values())
        found = Found(
            words,
            tuple(PersonFound(one.id, one.name) for one in persons),
            tuple(ConversationFound(c.id, c.name, c.channel, c.subject or c.preview) for c in rows),
        )
    if request.headers.get("x-part"):
        return await fragment(request, "found.html", found)
    return await render(request, "find.html", found)


HANDLERS = [person_page, find]
