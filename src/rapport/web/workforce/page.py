"""The workforce page: today against its forecast, who is needed and there, and what if there were more people."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import msgspec
import numpy as np
from litestar import Response, get

from rapport.errors import BadInput
from rapport.matching.strain import shift_of
from rapport.measures import arrivals, handling
from rapport.measures.at_work import number_waiting
from rapport.model.agent import Agent, Presence
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import places_of
from rapport.web.languages import zone_named
from rapport.web.office import Office
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, needs, office_of
from rapport.web.typed_form import Typed, WrongField, refused
from rapport.web.workforce.adherence import Adherence, adherence
from rapport.web.workforce.burst_card import BurstCard, burst_card
from rapport.web.workforce.intraday import STEP, Day, Drivers, Turn, day_of, series_of, there_by_shift
from rapport.web.workforce.known_days import known_days
from rapport.web.workforce.plot import DayPlot, day_plot
from rapport.web.workforce.what_if import (
    Asked,
    Present,
    Verdict,
    able_of,
    as_matched,
    check_burst,
    forecast_days,
    languages_of,
    verdict,
    with_burst,
)
from rapport.workforce.bursts import unheld
from rapport.workforce.series import Series

SEE = needs("wallboard.read")
NOBODY = "-"  # no agent is called so
HISTORY, KNOWN = timedelta(days=70), timedelta(days=60)
HANDLE_SECONDS = 300.0  # where nothing has ended yet
MOST_MORE, MOST_NEEDS, MOST_BURST = 50, 20_000, 5_000
FIELDS = ("more", "after", "language", "policy", "other", "burst", "burst_at", "widen")  # of what is tried


class WorkforcePage(msgspec.Struct, frozen=True):
    """The page; `day` None where there is too little history. `mine`: only one's own shifts are shown."""

    at: datetime
    day: Day | None
    plot: DayPlot | None
    turns: tuple[Turn, ...]
    handle_seconds: float
    places: float
    within: float
    burst: BurstCard | None = None
    mine: bool = False
    verdict: Verdict | None = None
    languages: tuple[str, ...] = ()
    adherence: tuple[Adherence, ...] = ()
    waiting: int = 0
    deadline: float = 0.0
    typed: Typed = Typed()


class Read(msgspec.Struct, frozen=True):
    """Everything that the pages of the workforce reckon with, as it stood when they were asked for."""

    found: list[tuple[datetime, int, int]]
    at: datetime
    there: list[int]
    turns: list[Turn]
    handle_seconds: float
    places: float
    within: float
    series: object  # Series or None: a dataclass of arrays
    only: str  # the agent who sees nobody's shifts but their own; "": all are seen
    burst: BurstCard | None
    streams: list[tuple[datetime, str, str, int]]
    agents: dict[str, Agent]
    matching: str
    waiting: int
    deadline: float
    adherence: tuple[Adherence, ...]
    drivers: Drivers


async def read_workforce(seat: Seat) -> Read:
    """Today's counts, shifts, work and who is there."""
    at, tenant, profile = seat.office.clock.now(), seat.who.tenant, seat.centre.profile
    wall = at.astimezone(zone_named(profile.zone)).replace(tzinfo=None)
    found = await arrivals.opened(seat.db, tenant, since=at - HISTORY, zone=profile.zone, step=STEP)
    streams = await arrivals.by_stream(seat.db, tenant, since=at - HISTORY, zone=profile.zone, step=STEP)
    each = await handling.by_agent(seat.db, tenant, since=at - timedelta(days=7), until=at)
    agents = [agent for agent in seat.centre.agents.values() if not agent.bot]
    people = {agent.id: msgspec.structs.replace(agent, shift=shift_of(agent, seat.centre)) for agent in agents}
    present = sum(each[name].presence is not Presence.OFFLINE for name in people if name in each)
    series = series_of(found, wall.date())
    there, turns = (
        ([], [])
        if series is None
        else there_by_shift(people, seat.centre, wall.date(), series.counts.shape[1], series.opens, present)
    )
    places = float(np.mean([places_of(agent) for agent in people.values()])) if people else 1.0
    seconds = handling.together(each).seconds or HANDLE_SECONDS
    within = seat.centre.target("social").total_seconds()
    only = "" if seat.who.may("reports.read") else seat.who.agent or NOBODY
    return Read(
        found,
        wall,
        there,
        turns,
        max(seconds, 1.0),
        min(max(places, 1.0), 3.0),
        within,
        series,
        only,
        await burst_card(seat),
        streams,
        people,
        profile.matching,
        await number_waiting(seat.db, tenant),
        seat.centre.target("email").total_seconds(),
        await adherence(seat, only),
        known_days(seat.centre, (wall - HISTORY).date(), (wall + KNOWN).date()),
    )


def page_of(read: Read) -> WorkforcePage:
    """The page without what was asked to be tried."""
    day = plot = None
    turns = [turn for turn in read.turns if read.only in ("", turn.agent)]
    told = read.burst.burst if read.burst else None
    if isinstance(read.series, Series):
        day = day_of(
            read.series,
            read.found,
            read.at,
            there=read.there,
            handle_seconds=read.handle_seconds,
            places=read.places,
            within=read.within,
            waiting=read.waiting,
            deadline=read.deadline,
            drivers=read.drivers,
            burst=(unheld(told.kind, told.to_come, told.came, told.held), told.lasts) if told else (0.0, 0.0),
        )
        plot = day_plot(day, read.at, turns)
    figures = (read.handle_seconds, read.places, read.within)
    return WorkforcePage(
        read.at,
        day,
        plot,
        tuple(turns),
        *figures,
        read.burst,
        mine=bool(read.only),
        languages=_spoken(read),
        adherence=read.adherence,
        waiting=read.waiting,
        deadline=read.deadline,
    )


def _spoken(read: Read) -> tuple[str, ...]:
    counted = Counter[str]()
    for _, _, language, came in read.streams:
        counted[language] += came
    return languages_of(counted)[:-1]


@get("/workforce", opt=SEE, include_in_schema=False)
async def workforce(request: AnyRequest) -> Response[str]:
    """The page; with `more` people from the hour `after` on, what that would change today, run with production's matching."""
    async with seated(request) as seat:
        read = await read_workforce(seat)
    page = await asyncio.to_thread(page_of, read)
    try:
        asked = asked_of(request)
        if asked and page.day is None:
            raise BadInput("three days of history are needed before a day can be tried")
        if asked and page.day:
            async with one_at_a_time(office_of(request)):
                page = msgspec.structs.replace(page, verdict=await asyncio.to_thread(_tried, page.day, read, asked))
    except BadInput as wrong:
        page = msgspec.structs.replace(page, typed=refused(request.query_params, wrong))
    return await render(request, "workforce.html", page, status=400 if page.typed.problem else 200)


@get("/workforce/part/now", opt=SEE, include_in_schema=False)
async def workforce_again(request: AnyRequest) -> Response[str]:
    """The part that lives."""
    async with seated(request) as seat:
        read = await read_workforce(seat)
    return await fragment(request, "workforce_now.html", await asyncio.to_thread(page_of, read))


def one_at_a_time(office: Office) -> asyncio.Lock:
    """What takes a processor for seconds is done for one reader after the other, and the process has time for others."""
    lock: asyncio.Lock = office.memory.setdefault("workforce tried", asyncio.Lock())
    return lock


def _tried(day: Day, read: Read, asked: Asked) -> Verdict:
    """Today's forecast before who is there, and before so many more from that hour on."""
    now = np.array([slot.now for slot in day.slots])
    count = round(now.sum()) + asked.burst
    if count > MOST_NEEDS:
        raise WrongField(f"a day of {count} conversations is too long to try here: use `rapport twin`", field="burst")
    counted = Counter[str]()
    for _, _, language, came in read.streams:
        counted[language] += came
    languages = languages_of(counted)
    known = sum(counted[name] for name in languages[:-1])
    shares = [*(counted[name] for name in languages[:-1]), counted.total() - known]
    rates = np.array(shares)[:, None] / max(counted.total(), 1) * now[None]
    opens = day.slots[0].at.hour * 3600.0 + day.slots[0].at.minute * 60.0
    ends = len(day.slots) * STEP.total_seconds()
    check_burst(asked, opens, opens + ends)
    base = _there(read, languages, opens, ends)
    work = read.handle_seconds / read.places
    begin, bursts = (min(max(hour * 3600.0 - opens, 0.0), ends) for hour in (asked.after, asked.burst_at))
    comes = with_burst(forecast_days(rates, STEP.total_seconds(), work), asked, bursts, ends, work)
    asked = as_matched(asked, read.matching, count)
    return verdict(comes, base, asked, languages, begin=begin, end=ends, within=read.within)


def _there(read: Read, languages: tuple[str, ...], opens: float, ends: float) -> list[Present]:
    """Who is there today by their shifts; where nobody has any, those who are present, in every language."""
    people = [
        Present(max(turn.start * 60.0 - opens, 0.0), turn.end * 60.0 - opens, able_of(read.agents[turn.agent], languages))
        for turn in read.turns
        if turn.end * 60.0 > opens
    ]
    all_of_them = (True,) * len(languages)
    return people or [Present(0.0, ends, all_of_them)] * max(read.there[0] if read.there else 0, 1)


def asked_of(request: AnyRequest) -> Asked | None:
    """What is to be tried, where anything is. Raises BadInput."""
    said = {name: request.query_params.get(name, "")[:40] for name in FIELDS}
    if not any(said[name] for name in FIELDS if name not in ("language", "burst_at")):
        return None
    usual = "" if said["more"] or said["after"] else "0"  # another policy, a burst, or both, and the same people
    return Asked(
        _number("more", said["more"] or usual, MOST_MORE, "people"),
        _number("after", said["after"] or usual, 23, "the hour"),
        said["language"],
        said["policy"],
        said["other"],
        abs(_number("burst", said["burst"] or "0", MOST_BURST, "the burst")),
        _number("burst_at", said["burst_at"] or "0", 23, "the hour"),
        said["widen"] in ("1", "on", "true"),
    )


def _number(field: str, text: str, most: int, what: str) -> int:
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9 and int(digits) <= most):
        raise WrongField(f"{what} must be a whole number up to {most}, got {text[:20]!r}", field=field)
    return sign * int(digits)


HANDLERS = [workforce, workforce_again]
