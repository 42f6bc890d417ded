"""Today by channel and language: what came and what is forecast of each, of their sums and of all, which add up."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta

import msgspec
import numpy as np
from litestar import Response, get
from numpy.typing import NDArray

from rapport.measures import arrivals
from rapport.web.desk.page import seated
from rapport.web.languages import zone_named
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs
from rapport.web.workforce.intraday import LEAST_DAYS, STEP, Drivers
from rapport.web.workforce.known_days import known_days
from rapport.workforce.calendar_kernel import prior
from rapport.workforce.cold_start import cold_started, is_new
from rapport.workforce.forecast import forecast
from rapport.workforce.hierarchy import Leaf, forecast_all, hierarchy

Floats = NDArray[np.float64]
HISTORY = timedelta(days=70)
MOST_PARTS = 12
REST = "other"
Came = tuple[datetime, str, str, int]


class Level(msgspec.Struct, frozen=True):
    """A channel kind in a language, "" for all of them; `bars`: heights of what is forecast each half-hour, of 20."""

    kind: str
    language: str
    came: int
    planned: float
    week: float
    bars: str
    is_sum: bool


class StreamsPage(msgspec.Struct, frozen=True):
    """The page; no levels where there is too little history."""

    at: datetime
    levels: tuple[Level, ...] = ()
    history: int = 0


@get("/workforce/streams", opt=needs("wallboard.read"), include_in_schema=False)
async def streams(request: AnyRequest) -> Response[str]:
    """The page."""
    async with seated(request) as seat:
        now, zone = seat.office.clock.now(), seat.centre.profile.zone
        at = now.astimezone(zone_named(zone)).replace(tzinfo=None)
        found = await arrivals.by_stream(seat.db, seat.who.tenant, since=now - HISTORY, zone=zone, step=STEP)
        drivers = known_days(seat.centre, (at - HISTORY).date(), at.date())
    return await render(request, "streams.html", await asyncio.to_thread(streams_of, found, at, drivers))


def streams_of(found: list[Came], at: datetime, drivers: Drivers | None = None) -> StreamsPage:
    """The levels of a day, by the clock of the place; the largest parts by themselves, the others together."""
    today = at.date()
    dates = tuple(sorted({one[0].date() for one in found if one[0].date() < today}))
    if len(dates) < LEAST_DAYS:
        return StreamsPage(at, history=len(dates))
    named = _named(found)
    parts = sorted({part for _, part, _ in named})
    counts, came = _counted(named, parts, dates, today)
    of = hierarchy(parts)
    known, whole = prior((*dates, today), drivers), counts.sum(axis=0)
    of_all = forecast(whole, known, 1)[0]

    def one(days: Floats) -> Floats:
        return cold_started(days, whole, of_all) if is_new(days) else forecast(days, known, 1)[0]

    planned = forecast_all(of, counts, one)
    so_far, week = of.sums @ came, np.einsum("lp,pd->ld", of.sums, counts[:, -6:].sum(axis=2)).mean(axis=1)
    rows = [
        Level(
            *level, int(so_far[n]), float(planned[n].sum()), float(week[n]), _bars(planned[n]), n < len(of.levels) - len(parts)
        )
        for n, level in enumerate(of.levels)
    ]
    return StreamsPage(at, tuple(rows), len(dates))


def _named(found: list[Came]) -> list[tuple[datetime, Leaf, int]]:
    """Each count with its part; what has no language, and the small parts of a channel, are that channel's others."""
    sizes = Counter[Leaf]()
    for _, kind, language, came in found:
        sizes[kind or REST, language[:2] or REST] += came
    large = {part for part, _ in sizes.most_common(MOST_PARTS)}
    named = []
    for began, kind, language, came in found:
        part = (kind or REST, language[:2] or REST)
        named.append((began, part if part in large else (part[0], REST), came))
    return named


def _counted(
    named: list[tuple[datetime, Leaf, int]], parts: list[Leaf], dates: tuple[date, ...], today: date
) -> tuple[Floats, Floats]:
    """Counts (parts, days, intervals) of the days before, and what came today of each part."""
    places = [_place(began) for began, _, _ in named]
    first, across = min(places), max(places) - min(places) + 1
    counts, came = np.zeros((len(parts), len(dates), across)), np.zeros(len(parts))
    row, column = {day: n for n, day in enumerate(dates)}, {part: n for n, part in enumerate(parts)}
    for began, part, count in named:
        if began.date() < today:
            counts[column[part], row[began.date()], _place(began) - first] += count
        elif began.date() == today:
            came[column[part]] += count
    return counts, came


def _bars(planned: Floats) -> str:
    """A small line of 120 by 20."""
    most, wide = max(float(planned.max()), 1e-9), 120.0 / max(len(planned), 1)
    return " ".join(f"{wide * (n + 0.5):.1f},{20.0 - 18.0 * value / most:.1f}" for n, value in enumerate(planned.tolist()))


def _place(at: datetime) -> int:
    return (at.hour * 60 + at.minute) // 30


HANDLERS = [streams]
