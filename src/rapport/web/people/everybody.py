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
from rapport.web.on_record import DIRECTORY, on_record
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, office_of

MOST, HANDLES = 50, 3


class PairShown(msgspec.Struct, frozen=True):
    """A pair in the list."""

    one: Person
    other: Person
    probability: float
    why: tuple[str, ...]


class PersonListed(msgspec.Struct, frozen=True):
    """A person in a list. `handles`: at most three, of who was searched for; else none."""

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
    """People by a word of `q`, latest first; the pairs to look at, the likeliest first.

    Handles are shown of those who were searched for, which is on record; who wrote last stands there by name alone.
    """
    words = str(request.query_params.get("q", "")).strip()[:80]
    async with seated(request) as seat:
        db, tenant = seat.db, seat.who.tenant
        persons = await (people.find(db, tenant, words, limit=MOST) if words else people.lately(db, tenant, limit=MOST))
        listed = await _listed(db, tenant, persons, with_handles=bool(words))
        pairs = await _pairs(db, tenant)
    if words:
        await on_record(office_of(request), current(request), DIRECTORY, *(one.id for one in listed))
    return await render(request, "people.html", PeoplePage(words, listed, pairs, len(persons) >= MOST))


async def _listed(
    db: asyncpg.Connection, tenant: int, persons: list[Person], *, with_handles: bool
) -> tuple[PersonListed, ...]:
    """The persons, each once: who was merged stands under each of their ids with all that is known."""
    once = {min(one.ids): one for one in persons}
    whose = {id: key for key, one in once.items() for id in one.ids}
    handles: dict[bytes, list[HandleShown]] = defaultdict(list)
    for handle in await people.handles_in(db, tenant, list(whose)) if with_handles else ():
        if handle.person is not None and len(held := handles[whose[handle.person]]) < HANDLES:
            held.append(handle_shown(handle))
    shown = (PersonListed(one.id, one.name, one.last_at, one.messages, tuple(handles[key])) for key, one in once.items())
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
