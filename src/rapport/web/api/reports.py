"""/api/reports: the figures of a period beside those of the one before, for programs; each says what it is out of."""

import asyncio
from datetime import date

import msgspec
from litestar import MediaType, Response, get

from rapport.measures.definitions import COLUMNS, MEASURES
from rapport.measures.report import Figure
from rapport.web.desk.page import seated
from rapport.web.measures.reports_asked import GROUPS, PERIODS, SHOWN
from rapport.web.measures.reports_page import asked_of, following_of, reckoned
from rapport.web.security import AnyRequest, current, needs, office_of

ASKS = {
    "period": f"how many days up to today: {', '.join(PERIODS)}",
    "from": "the first day, such as 2026-03-01, in place of a period",
    "to": "the last day",
    "by": f"what groups are told apart by: {', '.join(GROUPS)}",
    "show": f"the measure that is told by day: {', '.join(SHOWN)}",
    "columns": "which figures the groups have: " + "; ".join(f"{name} ({', '.join(of)})" for name, of in COLUMNS.items()),
    "hours": "`open`: responses are timed in opening hours",
    "back": "within how many days coming back is the same contact",
}


class MeasureTold(msgspec.Struct, frozen=True):
    """A measure: what it is, in words, and in which unit; `figure` of the period, `before` of the one before."""

    name: str
    means: str
    out_of: str
    unit: str
    figure: Figure
    before: Figure


class GroupTold(msgspec.Struct, frozen=True):
    """A group and its figures by measure."""

    word: str
    figures: dict[str, Figure]


class ReportTold(msgspec.Struct, frozen=True):
    """A report. Shares are in [0, 1], times in seconds. `counted`: how much of the record is in it; below 1, ask again."""

    first: date
    last: date
    counted: float
    measures: dict[str, MeasureTold]
    groups: tuple[GroupTold, ...]
    days: tuple[Figure, ...]


@get("/api/reports", opt=needs("reports.read") | {"gives": ReportTold, "says": "The measures of a period", "asks": ASKS})
async def told(request: AnyRequest) -> Response[bytes]:
    """The figures of a report."""
    following = following_of(office_of(request), current(request).tenant)
    async with following.lock, seated(request) as seat:
        wanted = asked_of(request, seat)
        folded = await following.catch_up(seat.db, seat.who.tenant)
        found = await asyncio.to_thread(reckoned, folded, wanted, seat.centre)
        counted = following.share
    said = ReportTold(
        first=wanted.first,
        last=wanted.last,
        counted=counted,
        measures={
            m.id: MeasureTold(m.name.en, m.means.en, m.out_of.en, m.unit, one.now, one.before)
            for m, one in zip(MEASURES, found.figures, strict=True)
        },
        groups=tuple(
            GroupTold(line.word, dict(zip(COLUMNS[wanted.columns], line.figures, strict=True))) for line in found.lines
        ),
        days=found.days,
    )
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


HANDLERS = [told]
