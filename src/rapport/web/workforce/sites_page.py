"""Places of work compared by what a resolved need costs there, not by what an hour does; in-country, near-shore, off-shore."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

import msgspec
from litestar import Response, get

from rapport.errors import BadInput
from rapport.measures import handling
from rapport.measures.handling import AgentHandling
from rapport.model.agent import Agent
from rapport.model.centre import Profile
from rapport.model.site import Site
from rapport.web.desk.page import seated
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs, office_of
from rapport.web.typed_form import Typed, WrongField, refused
from rapport.web.workforce.intraday import STEP
from rapport.web.workforce.page import Read, one_at_a_time, page_of, read_workforce
from rapport.workforce import staffing

TARGET = 0.8
MOST_LOAD = 5_000.0
LOOKED_BACK, ENOUGH = timedelta(days=28), 50  # interactions of a site that say how long work takes there


class SiteShown(msgspec.Struct, frozen=True):
    """A site with what it would take and cost to do all the work there. `measured`: mean seconds of its agents, where known."""

    site: Site
    people: int
    agents: int
    cost: float
    measured: float | None = None
    ended: int = 0


class SitesPage(msgspec.Struct, frozen=True):
    """The page: sites with the cheapest resolution first; `load` in erlangs; `by_hour`: names with the cheapest hour first."""

    load: float
    handle_seconds: float
    sites: tuple[SiteShown, ...] = ()
    by_hour: tuple[str, ...] = ()
    currency: str = ""
    typed: Typed = Typed()


@get("/workforce/sites", opt=needs("reports.read"), include_in_schema=False)
async def sites(request: AnyRequest) -> Response[str]:
    """The page; with `load`, another load than that of today's busiest half-hour; what is refused stands beside it."""
    async with seated(request) as seat:
        read, centre, now = await read_workforce(seat), seat.centre, seat.office.clock.now()
        each = await handling.by_agent(seat.db, seat.who.tenant, since=now - LOOKED_BACK, until=now)
    took, typed = measured(centre.agents, each), Typed()
    async with one_at_a_time(office_of(request)):
        try:
            load = load_asked(str(request.query_params.get("load", ""))[:20])
            page = await asyncio.to_thread(_page, read, centre.profile, load, took)
        except BadInput as wrong:
            typed = refused(request.query_params, wrong)
            page = await asyncio.to_thread(_page, read, centre.profile, None, took)
    page = msgspec.structs.replace(page, typed=typed)
    return await render(request, "sites.html", page, status=400 if typed.problem else 200)


def _page(read: Read, profile: Profile, load: float | None, measured: Mapping[str, tuple[int, int, float]]) -> SitesPage:
    """The page of a load that somebody named; None: of today's busiest half-hour. Raises BadInput."""
    if load is None:
        return compared_now(read, profile, busiest_load(read), measured)
    try:
        return compared_now(read, profile, load, measured)
    except BadInput as wrong:
        raise WrongField(str(wrong), field="load") from wrong


def compared_now(read: Read, profile: Profile, load: float, measured: Mapping[str, tuple[int, int, float]]) -> SitesPage:
    """The sites of a centre by its own work; who holds several conversations at a time counts as one who is so much quicker.

    Takes a processor for a while: for a thread. Raises BadInput.
    """
    found = compared(profile.sites, load, read.handle_seconds / read.places, read.within, measured)
    return msgspec.structs.replace(found, handle_seconds=read.handle_seconds, currency=profile.currency)


def load_asked(text: str) -> float | None:
    """The load that is asked for; None for today's. Raises BadInput."""
    if not text.strip():
        return None
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = 0.0
    if not 0.0 < found <= MOST_LOAD:
        raise WrongField(f"load is a number of erlangs above 0 up to {MOST_LOAD:.0f}, got {text!r}", field="load")
    return found


def compared(
    sites: tuple[Site, ...],
    load: float,
    handle_seconds: float,
    within: float,
    measured: Mapping[str, tuple[int, int, float]] | None = None,
) -> SitesPage:
    """Each site with all of the load: who is not resolved comes again and is work once more."""
    found = []
    for site in sites:
        agents, ended, seconds = (measured or {}).get(site.id, (0, 0, 0.0))
        at = staffing.Site(site.id, site.cost_per_hour, site.slower, site.resolved, site.shrinkage)
        people, cost = staffing.cost_per_resolution(at, load=load, handle_seconds=handle_seconds, within=within, target=TARGET)
        found.append(SiteShown(site, people, agents, cost, seconds if ended >= ENOUGH else None, ended))
    found.sort(key=lambda one: (one.cost, one.site.id))
    by_hour = sorted(sites, key=lambda site: (site.cost_per_hour, site.id))
    return SitesPage(load, handle_seconds, tuple(found), tuple(site.name or site.id for site in by_hour))


def measured(agents: Mapping[str, Agent], each: Mapping[str, AgentHandling]) -> dict[str, tuple[int, int, float]]:
    """By site: its agents, what they ended, and their mean seconds."""
    of: defaultdict[str, list[AgentHandling]] = defaultdict(list)
    for agent in agents.values():
        if not agent.bot and (site := agent.attributes.get("site")):
            of[str(site)].append(each.get(agent.id, AgentHandling(agent.id)))
    found = {}
    for site, people in of.items():
        ended = sum(one.handling.ended for one in people)
        seconds = sum(one.handling.ended * (one.handling.seconds or 0.0) for one in people)
        found[site] = (len(people), ended, seconds / ended if ended else 0.0)
    return found


def busiest_load(read: Read) -> float:
    """The load of today's busiest half-hour; one erlang where there is too little history."""
    day = page_of(read).day
    busiest = max((slot.now for slot in day.slots), default=0.0) if day else 0.0
    return max(busiest * read.handle_seconds / STEP.total_seconds() / read.places, 0.1) if busiest else 1.0


HANDLERS = [sites]
