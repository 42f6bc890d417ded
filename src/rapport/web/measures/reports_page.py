"""Reports: the measures of a period beside those of the one before, by whatever tells conversations apart; and their rows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec
from litestar import Response, get
from litestar.response import Stream

from rapport.conversations.reading import conversation as read_conversation
from rapport.measures.definitions import BY_ID, COLUMNS, MEASURES, Measure
from rapport.measures.driving import GROUPED
from rapport.measures.exporting import csv_of, parquet_rows
from rapport.measures.folding import Folded
from rapport.measures.following import Following
from rapport.measures.picking import DIMENSIONS, Asked
from rapport.measures.report import Figure, Report, newest, opening_of, report
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import names_of
from rapport.web.languages import zone_named
from rapport.web.measures.reports_asked import GROUPS, PERIODS, SHOWN, Wanted, wanted_of
from rapport.web.measures.reports_mail import MailShown, mails_of
from rapport.web.measures.reports_plot import DayShown, DaysPlot, days_plot, shown_days
from rapport.web.office import Office
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, needs, office_of

SEE = needs("reports.read")
HEATS = 6
MOST_LISTED = 100


class LineShown(msgspec.Struct, frozen=True):
    """A group: what it is called, its address to look closer, and its figures."""

    word: str
    name: str
    closer: str
    figures: tuple[Figure, ...]


class HeatShown(msgspec.Struct, frozen=True):
    """An hour of the week. `heat`: 0 for nothing to 6 for the most."""

    hour: int
    figure: Figure
    heat: int
    closer: str


class ReportsPage(msgspec.Struct, frozen=True):
    """The page. `counted`: how much of the ledger is in it, in [0, 1]; `narrowed`: what is asked for, with the way back.

    `sets`: which columns the groups may have, with the address of each.
    """

    wanted: Wanted
    report: Report
    measures: tuple[Measure, ...]
    columns: tuple[Measure, ...]
    sets: tuple[tuple[str, str], ...]
    shown: Measure
    shows: tuple[Measure, ...]
    groups: tuple[str, ...]
    periods: tuple[str, ...]
    lines: tuple[LineShown, ...]
    days: tuple[DayShown, ...]
    plot: DaysPlot
    week: tuple[tuple[HeatShown, ...], ...]
    narrowed: tuple[tuple[str, str, str], ...]
    counted: float
    entries: int
    may_drill: bool
    csv: dict[str, str]
    parquet: dict[str, str]
    drill: str
    drivers: str
    surveys: str
    mails: tuple[MailShown, ...] = ()


class ListedPage(msgspec.Struct, frozen=True):
    """The conversations that a figure is about."""

    wanted: Wanted
    found: tuple[Conversation, ...]
    count: int
    back: str
    narrowed: tuple[tuple[str, str, str], ...]


def following_of(office: Office, tenant: int) -> Following:
    """The tenant's rows, kept for the life of this process."""
    kept = office.memory.setdefault("measures", {})
    found = kept.get(tenant)
    if found is None:
        found = kept[tenant] = Following()
    assert isinstance(found, Following)
    return found


def called(dimension: str, word: str, centre: Centre) -> str:
    """What a group is called: an agent by their name; a brand by its own."""
    if dimension == "agent":
        return names_of(centre).get(word, word)
    if dimension == "brand" and word in centre.brands:
        return centre.brands[word].name or word
    return word


def asked_of(request: AnyRequest, seat: Seat, **otherwise: str) -> Wanted:
    """What an address asks; `otherwise`: what it does not say; a dimension may be without a word. Raises BadInput."""
    query = otherwise | {name: str(value) for name, value in request.query_params.items() if value or name in DIMENSIONS}
    return wanted_of(query, seat.office.clock.now(), zone_named(seat.centre.profile.zone))


def reckoned(folded: Folded, wanted: Wanted, centre: Centre) -> Report:
    """The report that is asked for."""
    zone = zone_named(centre.profile.zone)
    opening = opening_of(folded, centre.profile.hours, zone, wanted.asked.at) if wanted.open_hours else None
    return report(
        folded, wanted.asked, before=wanted.before, by=wanted.by, show=wanted.show, opening=opening, zone=zone,
        columns=wanted.columns,
    )  # fmt: skip


def narrowed_by(wanted: Wanted, centre: Centre) -> tuple[tuple[str, str, str], ...]:
    """What rows must have: dimension, what its word is called, and the address without it."""
    having = wanted.asked.having
    return tuple((name, called(name, word, centre), wanted.query(**{name: "-"})) for name, word in having.items())


def _week(found: Report, wanted: Wanted) -> tuple[tuple[HeatShown, ...], ...]:
    values = [one.value for day in found.week for one in day if one.value is not None and one.count]
    low, high = min(values, default=0.0), max(values, default=0.0)

    def heat(one: Figure) -> int:
        if one.value is None or not one.count:
            return 0
        return 1 + round((HEATS - 1) * (one.value - low) / (high - low)) if high > low else 1

    return tuple(
        tuple(HeatShown(hour, one, heat(one), wanted.query(weekday=str(day), hour=str(hour))) for hour, one in enumerate(hours))
        for day, hours in enumerate(found.week)
    )


def _drivers(wanted: Wanted) -> str:
    by = wanted.by if wanted.by in GROUPED else "team"
    show = wanted.show if wanted.show != "volume" else "-"
    return f"/reports/drivers?{wanted.query(by=by, show=show)}"


def _page(found: Report, wanted: Wanted, seat: Seat, following: Following) -> ReportsPage:
    lines = tuple(
        LineShown(line.word, called(wanted.by, line.word, seat.centre), wanted.query(**{wanted.by: line.word}), line.figures)
        for line in found.lines
    )
    days = shown_days(wanted.first, found.days, found.days_before)
    return ReportsPage(
        wanted=wanted,
        report=found,
        measures=MEASURES,
        columns=tuple(BY_ID[name] for name in COLUMNS[wanted.columns]),
        sets=tuple((name, wanted.query(columns=name)) for name in COLUMNS),
        shown=BY_ID[wanted.show],
        shows=tuple(BY_ID[name] for name in SHOWN),
        groups=GROUPS,
        periods=tuple(PERIODS),
        lines=lines,
        days=days,
        plot=days_plot(days, BY_ID[wanted.show].unit),
        week=_week(found, wanted),
        narrowed=narrowed_by(wanted, seat.centre),
        counted=following.share,
        entries=following.folded.seq,
        may_drill=seat.who.may("desk.read"),
        csv={table: f"/reports/rows.csv?{wanted.query(table=table)}" for table in ("talks", "works")},
        parquet={table: f"/reports/rows.parquet?{wanted.query(table=table)}" for table in ("talks", "works")},
        drill=f"/reports/conversations?{wanted.query()}",
        drivers=_drivers(wanted),
        surveys=f"/reports/surveys?{wanted.query()}",
    )


@get("/reports", opt=SEE, include_in_schema=False)
async def reports(request: AnyRequest) -> Response[str]:
    """The reports."""
    following = following_of(office_of(request), current(request).tenant)
    async with following.lock, seated(request) as seat:
        wanted = asked_of(request, seat)
        folded = await following.catch_up(seat.db, seat.who.tenant)
        found = await asyncio.to_thread(reckoned, folded, wanted, seat.centre)
        mails = await mails_of(seat.db, seat.who.tenant, seat.who.agent)
        page = msgspec.structs.replace(_page(found, wanted, seat, following), mails=mails)
    return await render(request, "reports.html", page)


@get("/reports/conversations", opt=needs("desk.read"), include_in_schema=False)
async def conversations(request: AnyRequest) -> Response[str]:
    """The conversations behind a figure, newest first."""
    following = following_of(office_of(request), current(request).tenant)
    async with following.lock, seated(request) as seat:
        wanted = asked_of(request, seat)
        folded = await following.catch_up(seat.db, seat.who.tenant)
        ids, count = newest(folded, wanted.asked, MOST_LISTED)
        found = [await read_conversation(seat.db, seat.who.tenant, id) for id in ids]
        page = ListedPage(
            wanted, tuple(one for one in found if one), count, f"/reports?{wanted.query()}", narrowed_by(wanted, seat.centre)
        )
    return await render(request, "reports_listed.html", page)


@get("/reports/rows.csv", opt=SEE, include_in_schema=False)
async def rows(request: AnyRequest) -> Stream:
    """One line for each conversation, or for each interaction, of the period; without names and without what was said."""
    return await _file(request, csv_of, "csv", "text/csv; charset=utf-8")


@get("/reports/rows.parquet", opt=SEE, include_in_schema=False)
async def parquet_file(request: AnyRequest) -> Stream:
    """The same rows as Parquet, for tools that reckon with many of them."""
    return await _file(request, parquet_rows, "parquet", "application/vnd.apache.parquet")


async def _file(
    request: AnyRequest, made: Callable[[Folded, str, Asked], Iterator[bytes]], ending: str, media_type: str
) -> Stream:
    following = following_of(office_of(request), current(request).tenant)
    table = "works" if request.query_params.get("table") == "works" else "talks"
    async with following.lock, seated(request) as seat:
        wanted = asked_of(request, seat)
        pieces = made(await following.catch_up(seat.db, seat.who.tenant), table, wanted.asked)

    async def lines() -> AsyncIterator[bytes]:
        more = True
        while more:
            async with following.lock:
                piece = await asyncio.to_thread(next, pieces, b"")
            more = bool(piece)
            yield piece
            await asyncio.sleep(0)

    name = f"{'interactions' if table == 'works' else 'conversations'}-{wanted.first}-{wanted.last}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Stream(lines(), media_type=media_type, headers=headers)


HANDLERS = [reports, conversations, rows, parquet_file]
