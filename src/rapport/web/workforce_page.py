"""The workforce page: today against its forecast, who is needed and there, a look back, and what if there were more people."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from litestar import Response, get

from rapport.errors import BadInput
from rapport.measures import arrivals, handling
from rapport.model.agent import Presence
from rapport.web.burst_now import BurstShown, burst_now
from rapport.web.desk import Seat, seated
from rapport.web.desk_reading import places_of
from rapport.web.intraday import STEP, Day, Turn, day_of, series_of, there_by_shift
from rapport.web.languages import zone_named
from rapport.web.office import Office
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, needs, office_of
from rapport.web.twinning import Staff, run_day, told
from rapport.web.workforce_plot import DayPlot, day_plot
from rapport.workforce import backtest
from rapport.workforce.series import Series
from rapport.workforce.twin import Change, Told, compared, drawn

SEE = needs("wallboard.read")
NOBODY = "-"  # no agent is called so
HISTORY = timedelta(days=70)
HANDLE_SECONDS = 300.0  # where nothing has ended yet
SEEDS, OTHER_SEEDS = (1, 2, 3, 4), (11, 12, 13, 14)
MOST_MORE, MOST_NEEDS = 50, 20_000


class Verdict(msgspec.Struct, frozen=True):
    """What more or fewer people would change: each figure with its interval, and again with other seeds."""

    more: int
    after: int
    changes: tuple[Change, ...]
    again: tuple[Change, ...]

    @property
    def confirmed(self) -> bool:
        """Whether both runs say that the share in time changes, and in the same direction."""
        first, second = self.changes[0], self.again[0]
        return first.sure and second.sure and (first.difference > 0) == (second.difference > 0)


class LookBack(msgspec.Struct, frozen=True):
    """How good forecasts of the past days would have been; WAPE in percent, coverages as fractions."""

    days: int
    wape: float
    cover80: float
    cover95: float
    last_week: float
    mean_of_weeks: float


class WorkforcePage(msgspec.Struct, frozen=True):
    """The page; `day` None where there is too little history. `mine`: only one's own shifts are shown."""

    at: datetime
    day: Day | None
    plot: DayPlot | None
    turns: tuple[Turn, ...]
    handle_seconds: float
    places: float
    within: float
    burst: BurstShown | None = None
    mine: bool = False
    look: LookBack | None = None
    verdict: Verdict | None = None


class _Read(msgspec.Struct, frozen=True):
    found: list[tuple[datetime, int, int]]
    at: datetime
    there: list[int]
    turns: list[Turn]
    handle_seconds: float
    places: float
    within: float
    series: object  # Series or None: a dataclass of arrays
    only: str  # the agent who sees nobody's shifts but their own; "": all are seen


async def _read(seat: Seat) -> _Read:
    at, tenant, profile = seat.office.clock.now(), seat.who.tenant, seat.centre.profile
    wall = at.astimezone(zone_named(profile.zone)).replace(tzinfo=None)
    found = await arrivals.opened(seat.db, tenant, since=at - HISTORY, zone=profile.zone, step=STEP)
    each = await handling.by_agent(seat.db, tenant, since=at - timedelta(days=7), until=at)
    people = {name: agent for name, agent in seat.centre.agents.items() if not agent.bot}
    present = sum(each[name].presence is not Presence.OFFLINE for name in people if name in each)
    series = series_of(found, wall.date())
    there, turns = there_by_shift(people, wall.date(), series.counts.shape[1], series.opens, present) if series else ([], [])
    places = float(np.mean([places_of(agent) for agent in people.values()])) if people else 1.0
    seconds = handling.together(each).seconds or HANDLE_SECONDS
    within = seat.centre.target("social").total_seconds()
    only = "" if seat.who.may("reports.read") else seat.who.agent or NOBODY
    return _Read(found, wall, there, turns, max(seconds, 1.0), min(max(places, 1.0), 3.0), within, series, only)


def _page(read: _Read) -> WorkforcePage:
    day = plot = None
    turns = [turn for turn in read.turns if read.only in ("", turn.agent)]
    if isinstance(read.series, Series):
        day = day_of(
            read.series,
            read.found,
            read.at,
            there=read.there,
            handle_seconds=read.handle_seconds,
            places=read.places,
            within=read.within,
        )
        plot = day_plot(day, read.at, turns)
    burst = burst_now(read.found, read.at, handle_seconds=read.handle_seconds, places=read.places)
    figures = (read.handle_seconds, read.places, read.within)
    return WorkforcePage(read.at, day, plot, tuple(turns), *figures, burst, mine=bool(read.only))


@get("/workforce", opt=SEE, include_in_schema=False)
async def workforce(request: AnyRequest) -> Response[str]:
    """The page; with `more` people from the hour `after` on, what that would change today, run with production's matching."""
    more, after = (request.query_params.get(name, "") for name in ("more", "after"))
    asked = (_number(more, MOST_MORE, "people"), _number(after, 23, "the hour")) if more or after else None
    async with seated(request) as seat:
        read = await _read(seat)
    page = await asyncio.to_thread(_page, read)
    if asked and page.day is None:
        raise BadInput("three days of history are needed before a day can be tried")
    if asked and page.day:
        async with _one_at_a_time(office_of(request)):
            page = msgspec.structs.replace(page, verdict=await asyncio.to_thread(_tried, page.day, read, *asked))
    return await render(request, "workforce.html", page)


@get("/workforce/part/now", opt=SEE, include_in_schema=False)
async def workforce_again(request: AnyRequest) -> Response[str]:
    """The part that lives."""
    async with seated(request) as seat:
        read = await _read(seat)
    return await fragment(request, "workforce_now.html", await asyncio.to_thread(_page, read))


@get("/workforce/look-back", opt=SEE, include_in_schema=False)
async def look_back(request: AnyRequest) -> Response[str]:
    """The page with how good forecasts of the past would have been. Raises BadInput where the history is too short."""
    async with seated(request) as seat:
        read = await _read(seat)
    page = await asyncio.to_thread(_page, read)
    async with _one_at_a_time(office_of(request)):
        page = msgspec.structs.replace(page, look=await asyncio.to_thread(_look, read))
    return await render(request, "workforce.html", page)


def _one_at_a_time(office: Office) -> asyncio.Lock:
    """What takes a processor for seconds is done for one reader after the other, and the process has time for others."""
    lock: asyncio.Lock = office.memory.setdefault("workforce tried", asyncio.Lock())
    return lock


def _look(read: _Read) -> LookBack:
    if not isinstance(read.series, Series):
        raise BadInput("three days of history are needed before there is anything to look back at")
    first = max(backtest.LEAST, read.series.days - 28)
    origins = backtest.origins_of(read.series, (first, read.series.days) if read.series.days > first else None, 1)
    told_of = backtest.figures(read.series, backtest.look_back(read.series, origins, 1))
    beside = backtest.anchors(read.series, origins, 1)
    return LookBack(
        len(origins), told_of["wape"], told_of["cover80"], told_of["cover95"], beside["last_week"], beside["mean_of_4_weeks"]
    )


def _tried(day: Day, read: _Read, more: int, after: int) -> Verdict:
    """Today's forecast before who is there, and before so many more from that hour on; the same people come to both."""
    rates = np.array([[slot.now for slot in day.slots]])
    if rates.sum() > MOST_NEEDS:
        raise BadInput(f"a day of {rates.sum():.0f} conversations is too long to try here: use `rapport twin`")
    opens = day.slots[0].at.hour * 3600.0 + day.slots[0].at.minute * 60.0
    ends = opens + len(day.slots) * STEP.total_seconds()
    base = [(max(turn.start * 60.0 - opens, 0.0), turn.end * 60.0 - opens) for turn in read.turns if turn.end * 60.0 > opens]
    base = base or [(0.0, ends - opens)] * max(read.there[0] if read.there else 0, 1)
    added = _with(base, more, max(after * 3600.0 - opens, 0.0), ends - opens)
    work = [read.handle_seconds / read.places]

    def under(shifts: Sequence[tuple[float, float]], seed: int) -> Told:
        comes = drawn(rates, STEP.total_seconds(), work, 3600.0, seed)
        staff = Staff(np.ones((len(shifts), 1), np.bool_), np.array(shifts))
        return told(run_day(comes, staff, "skills", patience_seconds=3600.0), comes, 1, read.within)

    first, second = (
        tuple(compared(lambda seed: under(base, seed), lambda seed: under(added, seed), seeds))
        for seeds in (SEEDS, OTHER_SEEDS)
    )
    return Verdict(more, after, first, second)


def _with(base: list[tuple[float, float]], more: int, begin: float, end: float) -> list[tuple[float, float]]:
    """Shifts with so many more from `begin` on; fewer: so many of them end then."""
    if more >= 0:
        return base + [(begin, end)] * more
    gone = [(first, max(first, min(last, begin))) for first, last in base[more:]]
    return base[:more] + gone


def _number(text: str, most: int, what: str) -> int:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9 and int(digits) <= most):
        raise BadInput(f"{what} must be a whole number up to {most}, got {text[:20]!r}")
    return sign * int(digits)


HANDLERS = [workforce, workforce_again, look_back]
