"""Drivers: why one site, team or agent differs from the whole, apart from its mix of work; in plain words."""

import asyncio

import msgspec
from litestar import Response, get

from rapport.errors import BadInput
from rapport.measures.definitions import BY_ID, Measure
from rapport.measures.driving import FEWEST, GROUPED, Driven, driven
from rapport.measures.report import opening_of
from rapport.web.desk import seated
from rapport.web.languages import zone_named
from rapport.web.page import render
from rapport.web.reports_asked import PERIODS, SHOWN, Wanted
from rapport.web.reports_page import SEE, asked_of, called, following_of, narrowed_by
from rapport.web.security import AnyRequest, current, office_of

TIERS = ("tier", "loyalty", "nivel", "segment", "segmento")  # attributes of a person that say which tier of customer they are
MOST_TIERS = 300_000  # persons
_TIERS = """select p.id, a->>'value' as tier from person p, jsonb_array_elements(p.attributes) as a
where p.tenant = $1 and a->>'name' = any($2::text[]) and jsonb_typeof(a->'value') = 'string' order by p.id limit $3"""
EXPLAINED = tuple(name for name in SHOWN if name != "volume")


class DrivenShown(msgspec.Struct, frozen=True):
    """A group and what it is called."""

    driven: Driven
    name: str


class DriversPage(msgspec.Struct, frozen=True):
    """The page."""

    wanted: Wanted
    shown: Measure
    shows: tuple[Measure, ...]
    groups: tuple[str, ...]
    periods: tuple[str, ...]
    found: tuple[DrivenShown, ...]
    fewest: int
    narrowed: tuple[tuple[str, str, str], ...]
    report: str


@get("/reports/drivers", opt=SEE, include_in_schema=False)
async def explained(request: AnyRequest) -> Response[str]:
    """What explains a measure."""
    following = following_of(office_of(request), current(request).tenant)
    async with following.lock, seated(request) as seat:
        wanted = asked_of(request, seat, by="site", show="sold")
        if wanted.by not in GROUPED or wanted.show not in EXPLAINED:
            raise BadInput(f"drivers explain {', '.join(EXPLAINED)} by {', '.join(GROUPED)}; choose one of each")
        profile = seat.centre.profile
        folded = await following.catch_up(seat.db, seat.who.tenant)
        zone = zone_named(profile.zone)
        opening = opening_of(folded, profile.hours, zone, wanted.asked.at) if wanted.open_hours else None
        tiers = {id: tier[:60] for id, tier in await seat.db.fetch(_TIERS, seat.who.tenant, list(TIERS), MOST_TIERS)}
        found = await asyncio.to_thread(driven, folded, wanted.show, wanted.by, wanted.asked, opening, tiers)
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
        )
    return await render(request, "drivers.html", page)


HANDLERS = [explained]
