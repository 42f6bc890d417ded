"""Drivers: why one site, team or agent differs from the whole, apart from its mix of work; in plain words."""

import asyncio
from typing import Any

import msgspec
from litestar import Response, get

from rapport.errors import BadInput
from rapport.measures.definitions import BY_ID, Measure
from rapport.measures.driving import FEWEST, GROUPED, MOST_ROWS, Driven, counted, driven, people_of
from rapport.measures.folding import Folded
from rapport.measures.open_time import OpenTime
from rapport.measures.report import opening_of
from rapport.people.tiers import MOST_AT_ONCE, tiers_of
from rapport.web.desk.actions import go
from rapport.web.desk.page import seated
from rapport.web.languages import zone_named
from rapport.web.measures.reports_asked import PERIODS, SHOWN, Wanted
from rapport.web.measures.reports_page import SEE, asked_of, called, following_of, narrowed_by
from rapport.web.office import Office
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, office_of

EXPLAINED = ("service_level", *(name for name in SHOWN if name not in ("volume", "service_level")))


class DrivenShown(msgspec.Struct, frozen=True):
    """A group and what it is called."""

    driven: Driven
    name: str


class DriversPage(msgspec.Struct, frozen=True):
    """The page. `counted`: rows of the measure in the period, of which `most` are read."""

    wanted: Wanted
    shown: Measure
    shows: tuple[Measure, ...]
    groups: tuple[str, ...]
    periods: tuple[str, ...]
    found: tuple[DrivenShown, ...]
    fewest: int
    narrowed: tuple[tuple[str, str, str], ...]
    report: str
    counted: int
    most: int = MOST_ROWS


@get("/reports/drivers", opt=SEE, include_in_schema=False)
async def explained(request: AnyRequest) -> Response[Any]:
    """What explains a measure; where none is named, on to the address that names the first of which there is enough."""
    office, tenant = office_of(request), current(request).tenant
    following = following_of(office, tenant)
    async with following.lock, seated(request) as seat:
        wanted = asked_of(request, seat)
        if wanted.by not in GROUPED or wanted.show not in EXPLAINED:
            raise BadInput(f"drivers explain {', '.join(EXPLAINED)} by {', '.join(GROUPED)}; choose one of each")
        profile = seat.centre.profile
        folded = await following.catch_up(seat.db, tenant)
        zone = zone_named(profile.zone)
        opening = opening_of(folded, profile.hours, zone, wanted.asked.at) if wanted.open_hours else None
        if not request.query_params.get("show"):
            show = await asyncio.to_thread(first_with_rows, folded, wanted, opening)
            return go(f"/reports/drivers?{wanted.query(show=show)}")
        people = await asyncio.to_thread(people_of, folded, wanted.show, wanted.asked, opening)
    tiers = await _tiers_of(office, tenant, people)
    async with following.lock, office.store.within(tenant, readonly=True) as db:
        folded = await following.catch_up(db, tenant)
        found = await asyncio.to_thread(driven, folded, wanted.show, wanted.by, wanted.asked, opening, tiers)
        rows = counted(folded, wanted.show, wanted.asked, opening)
    page = DriversPage(
        wanted=wanted,
        shown=BY_ID[wanted.show],
        shows=tuple(BY_ID[name] for name in EXPLAINED),
        groups=GROUPED,
        periods=tuple(PERIODS),
        found=tuple(DrivenShown(one, called(wanted.by, one.word, seat.centre)) for one in found),
        fewest=FEWEST,
        narrowed=narrowed_by(wanted, seat.centre),
        report=f"/reports?{wanted.query()}",
        counted=rows,
    )
    return await render(request, "drivers.html", page)


def first_with_rows(folded: Folded, wanted: Wanted, opening: OpenTime | None) -> str:
    """The first measure with rows enough to speak of a group; the service level where none has."""
    enough = (name for name in EXPLAINED if counted(folded, name, wanted.asked, opening) >= FEWEST)
    return next(enough, EXPLAINED[0])


async def _tiers_of(office: Office, tenant: int, people: list[bytes]) -> dict[bytes, str]:
    """The tier of each of these persons that has one now; none where none of a few thousand among them has."""
    some = people[:: max(1, len(people) // MOST_AT_ONCE)]
    tiers = await _tiers_at_once(office, tenant, some[:MOST_AT_ONCE])
    if not tiers:
        return {}
    for start in range(0, len(people), MOST_AT_ONCE):
        tiers |= await _tiers_at_once(office, tenant, people[start : start + MOST_AT_ONCE])
    return tiers


async def _tiers_at_once(office: Office, tenant: int, people: list[bytes]) -> dict[bytes, str]:
    async with office.store.within(tenant, readonly=True) as db:
        return await tiers_of(db, tenant, people, office.clock.now())


HANDLERS = [explained]
