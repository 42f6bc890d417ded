"""Staffing: how many people each half-hour of today needs, seated and scheduled, what it costs, and the curve of what if."""

import asyncio
from collections.abc import Mapping
from datetime import time

import msgspec
from litestar import Response, get

from rapport.errors import BadInput
from rapport.model.worth import worth_of
from rapport.web.desk.page import seated
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs
from rapport.web.typed_form import Typed, WrongField, refused
from rapport.web.workforce.intraday import STEP, Slot
from rapport.web.workforce.page import Read, page_of, read_workforce
from rapport.workforce.curve import Point, curve, least
from rapport.workforce.queues import needed
from rapport.workforce.staffing import scheduled

PATIENCE_MINUTES, TARGET, SHRINKAGE = 10.0, 80.0, 30.0
AROUND = 6  # people fewer and more than needed that the curve shows
WIDE, HIGH, LEFT, TOP = 1120.0, 160.0, 44.0, 20.0
LIMITS = {"target": (1.0, 99.9), "shrinkage": (0.0, 90.0), "patience": (0.1, 1440.0), "cost": (0.0, 1e6)}


class StaffingAsked(msgspec.Struct, frozen=True):
    """Shares in percent, `patience` in minutes, `cost` of an hour; `at` the half-hour of the curve, "" for the busiest."""

    target: float = TARGET
    shrinkage: float = SHRINKAGE
    patience: float = PATIENCE_MINUTES
    cost: float = 0.0
    at: str = ""


class Row(msgspec.Struct, frozen=True):
    """A half-hour: who comes, people needed by Erlang C, people to schedule so that so many are seated, and there."""

    at: time
    comes: float
    seated: int
    scheduled: int
    there: int


class CurvePlot(msgspec.Struct, frozen=True):
    """Points of the lines in an SVG of 1180 by 220: answered in time, busy, leaving; and where who is there stands."""

    in_time: str
    busy: str
    leaves: str
    marks: tuple[tuple[float, int], ...]
    target: float
    there: float | None


class StaffingPage(msgspec.Struct, frozen=True):
    """The page; no rows where there is too little history. `enough`: the fewest of the curve that keep the target."""

    asked: StaffingAsked
    history: int = 0
    rows: tuple[Row, ...] = ()
    hours: float = 0.0
    money: float = 0.0
    currency: str = ""
    at: time = time()
    points: tuple[Point, ...] = ()
    plot: CurvePlot | None = None
    enough: int | None = None
    there: int = 0
    within: float = 0.0
    handle_seconds: float = 0.0
    typed: Typed = Typed()


@get("/workforce/staffing", opt=needs("reports.read"), include_in_schema=False)
async def staffing(request: AnyRequest) -> Response[str]:
    """The page; what is refused stands beside its field, over the figures of what is usual."""
    async with seated(request) as seat:
        read, profile = await read_workforce(seat), seat.centre.profile
    cost, typed = worth_of(profile.value)["agent_hour"], Typed()
    try:
        page = await asyncio.to_thread(staffing_of, read, asked_for(request.query_params, cost))
    except BadInput as wrong:
        typed = refused(request.query_params, wrong)
        page = await asyncio.to_thread(staffing_of, read, StaffingAsked(cost=cost))
    page = msgspec.structs.replace(page, currency=profile.currency, typed=typed)
    return await render(request, "staffing.html", page, status=400 if typed.problem else 200)


def asked_for(params: Mapping[str, str], cost: float) -> StaffingAsked:
    """What is asked for. Raises BadInput that names the field, the value and its limits."""
    found = {"cost": cost}
    for name, (low, high) in LIMITS.items():
        if text := params.get(name, "")[:20].strip().replace(",", "."):
            try:
                found[name] = float(text)
            except ValueError:
                raise WrongField(f"{name} is a number from {low:g} to {high:g}, got {text!r}", field=name) from None
            if not low <= found[name] <= high:
                raise WrongField(f"{name} is a number from {low:g} to {high:g}, got {text!r}", field=name)
    return StaffingAsked(**found, at=params.get("at", "")[:20])


def staffing_of(read: Read, asked: StaffingAsked) -> StaffingPage:
    """The half-hours of today and the curve of one. Raises BadInput where that one is none of them."""
    day = page_of(read).day
    if day is None:
        return StaffingPage(asked)
    rows = tuple(_row(slot, asked, read) for slot in day.slots)
    hours = sum(row.scheduled for row in rows) * STEP.total_seconds() / 3600.0
    busiest = max(rows, key=lambda row: row.comes)
    chosen = next((row for row in rows if f"{row.at:%H:%M}" == asked.at), None) if asked.at else busiest
    if chosen is None:
        raise WrongField(f"a half-hour of today is needed, such as {busiest.at:%H:%M}, got {asked.at!r}", field="at")
    points = _points(chosen, asked, read)
    return StaffingPage(
        asked,
        day.history,
        rows,
        hours,
        hours * asked.cost,
        at=chosen.at,
        points=points,
        plot=_plot(points, asked.target / 100.0, chosen.there) if points else None,
        enough=least(points, asked.target / 100.0),
        there=chosen.there,
        within=read.within,
        handle_seconds=read.handle_seconds,
    )


def _row(slot: Slot, asked: StaffingAsked, read: Read) -> Row:
    people = slot.needed if asked.target == TARGET else _needed(slot.now, asked.target / 100.0, read)
    return Row(slot.at, slot.now, people, scheduled(people, asked.shrinkage / 100.0), slot.there)


def _needed(comes: float, target: float, read: Read) -> int:
    load = max(comes, 0.0) * read.handle_seconds / STEP.total_seconds()
    return int(-(-int(needed(load, read.handle_seconds, read.within, target)[0]) // max(read.places, 1.0)))


def _points(row: Row, asked: StaffingAsked, read: Read) -> tuple[Point, ...]:
    """Who holds several conversations at a time counts as one who is so much quicker."""
    if row.comes < 0.05:
        return ()
    people = range(max(1, row.seated - AROUND), row.seated + AROUND + 1)
    rate, handle = row.comes / STEP.total_seconds(), read.handle_seconds / max(read.places, 1.0)
    return curve(rate, handle, patience=asked.patience * 60.0, within=read.within, people=people)


def _plot(points: tuple[Point, ...], target: float, there: int) -> CurvePlot:
    step = WIDE / max(len(points) - 1, 1)

    def y(share: float) -> float:
        return round(TOP + HIGH * (1.0 - share), 1)

    def line(values: list[float]) -> str:
        return " ".join(f"{LEFT + step * n:.1f},{y(value)}" for n, value in enumerate(values))

    first = points[0].people
    inside = first <= there <= points[-1].people
    return CurvePlot(
        line([point.in_time for point in points]),
        line([point.occupancy for point in points]),
        line([point.leaves for point in points]),
        tuple((round(LEFT + step * n, 1), point.people) for n, point in enumerate(points)),
        y(target),
        round(LEFT + step * (there - first), 1) if inside else None,
    )


HANDLERS = [staffing]
