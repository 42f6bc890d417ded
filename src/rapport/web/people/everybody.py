"""Everybody whom the house knows: found by a word, or who wrote last; and who may be whom."""

from collections import defaultdict
from datetime import datetime

import asyncpg
import msgspec
from litestar import Response, get

from rapport.ledger.tables import read_rows
from rapport.model.person import Person
from rapport.people import reading as people
from rapport.web.desk.context import HandleShown
from rapport.web.desk.page import READ, seated
from rapport.web.desk.person_reading import handle_shown
from rapport.web.page import render
from rapport.web.security import AnyRequest

MOST, SHORTEST, HANDLES = 50, 2, 3


class PairShown(msgspec.Struct, frozen=True):
    """A pair in the list."""

    one: Person
    other: Person
    probability: float
    why: tuple[str, ...]


class PersonListed(msgspec.Struct, frozen=True):
    """A person in a list. `handles`: at most three."""

    id: bytes
    name: str
    last_at: datetime | None
    messages: int
    handles: tuple[HandleShown, ...]


class PeoplePage(msgspec.Struct, frozen=True):
    """Who was found by `words`, or, where there are none, who wrote last; every pair to look at."""

    words: str
    found: tuple[PersonListed, ...]
    pairs: tuple[PairShown, ...]
    full: bool = False  # there may be more than are shown


@get("/people", opt=READ, include_in_schema=False)
async def people_page(request: AnyRequest) -> Response[str]:
    """People by a word of `q`, latest first; the pairs to look at, the likeliest first."""
    words = str(request.query_params.get("q", "")).strip()[:80]
    async with seated(request) as seat:
        db, tenant = seat.db, seat.who.tenant
        if len(words) >= SHORTEST:
            persons = await people.find(db, tenant, words, limit=MOST)
        else:
            persons = await people.lately(db, tenant, limit=MOST)
        listed = await _listed(db, tenant, persons)
        pairs = await _pairs(db, tenant)
    return await render(request, "people.html", PeoplePage(words, listed, pairs, len(persons) >= MOST))


async def _listed(db: asyncpg.Connection, tenant: int, persons: list[Person]) -> tuple[PersonListed, ...]:
    handles: dict[bytes, list[HandleShown]] = defaultdict(list)
    for handle in await people.handles_in(db, tenant, [one.id for one in persons]):
        if handle.person is not None and len(handles[handle.person]) < HANDLES:
            handles[handle.person].append(handle_shown(handle))
    shown = (PersonListed(one.id, one.name, one.last_at, one.messages, tuple(handles[one.id])) for one in persons)
    return tuple(sorted(shown, key=lambda one: one.last_at.timestamp() if one.last_at else 0.0, reverse=True))


async def _pairs(db: asyncpg.Connection, tenant: int) -> tuple[PairShown, ...]:
    found = await people.alike(db, tenant, limit=MOST)
    ids = {id for pair in found for id in (pair.one, pair.other)}
    known = {one.id: one for one in await read_rows(db, tenant, Person, ids)}
    return tuple(
        PairShown(known[pair.one], known[pair.other], pair.probability, pair.why)
        for pair in found
        if pair.one in known and pair.other in known and pair.other not in known[pair.one].family
    )


HANDLERS = [people_page]
