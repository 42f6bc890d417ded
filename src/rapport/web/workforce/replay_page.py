"""A day of the past again, before other people or under another policy; who came, when, and their work stay the same."""

import asyncio
from collections import Counter
from datetime import date, datetime, time, timedelta

import asyncpg
import msgspec
from litestar import Response, get

from rapport.errors import BadInput
from rapport.matching.duty.turns import turns_of
from rapport.measures import arrivals
from rapport.measures.arrivals import Met
from rapport.measures.handling import worked
from rapport.model.centre import Centre
from rapport.web.desk.page import seated
from rapport.web.desk.reading import places_of
from rapport.web.languages import zone_named
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs, office_of
from rapport.web.typed_form import Typed, WrongField, refused
from rapport.web.workforce.page import HANDLE_SECONDS, MOST_NEEDS, asked_of, one_at_a_time
from rapport.web.workforce.what_if import (
    Asked,
    Present,
    Verdict,
    able_of,
    as_matched,
    check_burst,
    days_as_it_was,
    languages_of,
    verdict,
    with_burst,
)

DAY = timedelta(days=1)
EARLIEST = 1970  # the year of a day that is asked for


class Replayed(msgspec.Struct, frozen=True):
    """What a day held. `by_shifts`: who was there is known by their shifts, else by what they did."""

    day: date
    start: datetime
    met: tuple[Met, ...]
    people: tuple[Present, ...]
    languages: tuple[str, ...]
    places: float
    seconds: float
    within: float
    by_shifts: bool
    matching: str


class ReplayPage(msgspec.Struct, frozen=True):
    """The page. `day` as it was asked for."""

    day: date
    came: int = 0
    people: int = 0
    by_shifts: bool = True
    languages: tuple[str, ...] = ()
    verdict: Verdict | None = None
    typed: Typed = Typed()


@get("/workforce/replay", opt=needs("wallboard.read"), include_in_schema=False)
async def replay(request: AnyRequest) -> Response[str]:
    """The page; with `more` people from an hour on, or another policy, what the day would have been.

    What is refused stands beside its field; of a day that cannot be, over yesterday without its figures.
    """
    async with seated(request) as seat:
        today = seat.office.clock.now().astimezone(zone_named(seat.centre.profile.zone)).date()
        page = ReplayPage(today - DAY)
        try:
            day = day_asked(request.query_params.get("day", ""), today)
            held = await day_that_was(seat.db, seat.who.tenant, seat.centre, day)
        except BadInput as wrong:
            page = msgspec.structs.replace(page, typed=refused(request.query_params, wrong))
    if not page.typed.problem:
        page = await _page(request, held)
    return await render(request, "replay.html", page, status=400 if page.typed.problem else 200)


async def _page(request: AnyRequest, held: Replayed) -> ReplayPage:
    page = ReplayPage(held.day, len(held.met), len(held.people), held.by_shifts, held.languages[:-1])
    try:
        if asked := asked_of(request):
            async with one_at_a_time(office_of(request)):
                page = msgspec.structs.replace(page, verdict=await asyncio.to_thread(tried, held, asked))
    except BadInput as wrong:
        page = msgspec.structs.replace(page, typed=refused(request.query_params, wrong))
    return page


def day_asked(said: str, today: date) -> date:
    """The day that is asked for; yesterday where nothing is said. Raises BadInput."""
    try:
        found = date.fromisoformat(said) if said else today - DAY
        if found.year < EARLIEST:
            raise ValueError
    except ValueError:
        raise WrongField(f"a day such as 2026-03-02 is needed, got {said[:20]!r}", field="day") from None
    if found >= today:
        raise WrongField(f"a day that is over is needed, got {found}", field="day")
    return found


async def day_that_was(db: asyncpg.Connection, tenant: int, centre: Centre, day: date) -> Replayed:
    """Everything that a day is run from. Raises BadInput where it is too long."""
    zone = zone_named(centre.profile.zone)
    since, until = (datetime.combine(one, time(), zone) for one in (day, day + DAY))
    met = await arrivals.of_a_day(db, tenant, since=since, until=until, most=MOST_NEEDS + 1)
    if len(met) > MOST_NEEDS:
        raise WrongField(f"a day of {len(met)} conversations is too long to try here: use `rapport twin`", field="day")
    languages = languages_of(Counter(one.language for one in met))
    agents = {name: agent for name, agent in centre.agents.items() if not agent.bot}
    near = [turn for agent in agents.values() for turn in turns_of(agent, centre, day - DAY, 3)]
    turns = [turn for turn in near if turn.begins < until and turn.ends > since]  # a night belongs to two days
    people = [
        Present(
            max((turn.begins - since).total_seconds(), 0.0),
            (turn.ends - since).total_seconds(),
            able_of(agents[turn.agent], languages),
        )
        for turn in turns
    ]
    if not people:
        people = await _who_worked(db, tenant, since, until, languages, centre)
    places = sum(places_of(agent) for agent in agents.values()) / max(len(agents), 1)
    known = [one.seconds for one in met if one.seconds]
    seconds = sum(known) / len(known) if known else HANDLE_SECONDS
    within = centre.target("social").total_seconds()
    limited = min(max(places, 1.0), 3.0)
    return Replayed(
        day,
        since,
        tuple(met),
        tuple(people),
        languages,
        limited,
        max(seconds, 1.0),
        within,
        bool(turns),
        centre.profile.matching,
    )


async def _who_worked(
    db: asyncpg.Connection, tenant: int, since: datetime, until: datetime, languages: tuple[str, ...], centre: Centre
) -> list[Present]:
    found = []
    for name, begin, end in await worked(db, tenant, since=since, until=until):
        agent = centre.agents.get(name)
        able = able_of(agent, languages) if agent else (True,) * len(languages)
        first, last = ((at - since).total_seconds() for at in (begin, end))
        found.append(Present(first, max(last, first + 900.0), able))
    return found


def tried(held: Replayed, asked: Asked) -> Verdict:
    """The day before who was there, and with the change. Raises BadInput where nobody came or nobody was there."""
    if not held.met or not held.people:
        raise WrongField(
            f"on {held.day} there were {len(held.met)} conversations and {len(held.people)} people: choose another day",
            field="day",
        )
    comes = days_as_it_was(held.met, held.languages, held.start, held.seconds, held.places)
    ends = max(max(one.ends for one in held.people), (held.met[-1].at - held.start).total_seconds())
    count = len(held.met) + asked.burst
    if count > MOST_NEEDS:
        raise WrongField(f"a day of {count} conversations is too long to try here: use `rapport twin`", field="burst")
    check_burst(asked, 0.0, min(ends, 86_400.0))
    begin, asked = asked.after * 3600.0, as_matched(asked, held.matching, count)
    met = with_burst(comes, asked, asked.burst_at * 3600.0, ends, held.seconds / held.places)
    return verdict(met, held.people, asked, held.languages, begin=min(begin, ends), end=max(ends, begin), within=held.within)


HANDLERS = [replay]
