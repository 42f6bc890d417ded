"""The supervisor's console: who does what now, why nobody has what waits, reading along; one agent, one need, one plan."""

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from rapport.calls.reading import is_spoken_in
from rapport.conversations import reading as talk
from rapport.errors import NotFound
from rapport.matching.plan_checking import who_fits
from rapport.matching.roster import make_roster
from rapport.measures.at_work import waiting_now
from rapport.model.agent import DEFAULT_SLOTS
from rapport.model.ids import read_id
from rapport.web.console import reading as read, shown
from rapport.web.desk import reading as desk
from rapport.web.desk.page import Seat, chosen_one, seated
from rapport.web.languages import zone_named
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, needs, office_of

ACT = needs("console.act")
SAID = frozenset({"presence", "home", "back", "today", "ended", "assigned", "taken", "urgency"})
MOST_AGENTS = 40  # on the page of all teams
LATEST = 22  # the hour at which what is otherwise for today ends, unless somebody says another time


@get("/console", opt=ACT, include_in_schema=False)
async def console(request: AnyRequest) -> Response[str]:
    """The console."""
    asked = request.query_params
    async with seated(request) as seat:
        page = await read.read_console(seat, str(asked.get("team", ""))[:80], MOST_AGENTS)
    said = str(asked.get("said", ""))
    undo, whom = str(asked.get("undo", ""))[:4_000], str(asked.get("of", ""))[:80]
    page = replace(page, said=said if said in SAID else "", undo=undo, done_with=page.names.get(whom, ""))
    return await render(request, "console.html", page)


@get("/console/part/now", opt=ACT, include_in_schema=False)
async def console_again(request: AnyRequest) -> Response[str]:
    """Its content again."""
    async with seated(request) as seat:
        page = await read.read_console(seat, str(request.query_params.get("team", ""))[:80], MOST_AGENTS)
    return await fragment(request, "console_now.html", page)


def until_offered(at: datetime, zone: str) -> str:
    """The end that a form offers: tonight, or in four hours where the night has begun."""
    here = at.astimezone(zone_named(zone))
    tonight = here.replace(hour=LATEST, minute=0, second=0, microsecond=0)
    ends = tonight if tonight - here > timedelta(hours=1) else here.replace(second=0, microsecond=0) + timedelta(hours=4)
    return ends.strftime("%Y-%m-%dT%H:%M")


async def agent_page(
    request: AnyRequest, agent: str, *, problem: str = "", form: dict[str, str] | None = None, status: int = 200
) -> Response[str]:
    """One agent. Raises NotFound."""
    async with seated(request) as seat:
        if agent not in seat.centre.agents:
            raise NotFound(f"there is no agent {agent[:60]!r} in this centre")
        page = await read.read_console(seat)
        found = next((one for one in page.agents if one.id == agent), None) or _nothing(seat, agent)
        today = await read.today_of(seat, f"agent/{agent}")
        until = until_offered(seat.office.clock.now(), seat.centre.profile.zone)
    teams = tuple(sorted({team.name for team in page.teams if team.name}))
    shape = shown.AgentPage(found, today, teams, until, page.names, problem, form or {})
    return await render(request, "console_agent.html", shape, status=status)


def _nothing(seat: Seat, agent: str) -> shown.AgentShown:
    """Somebody who is offline and has nothing."""
    known = seat.centre.agents[agent]
    places = tuple(shown.PlacesShown(slot, 0, count) for slot, count in (known.slots or DEFAULT_SLOTS).items() if count)
    return shown.AgentShown(
        agent, known.name or agent, known.team, known.bot, "offline", None, places, (), (), 0, 0, 0, None
    )  # fmt: skip


@get("/console/agents/{agent:str}", opt=ACT, include_in_schema=False)
async def one_agent(request: AnyRequest, agent: FromPath[str]) -> Response[str]:
    """One agent, and what can be done with them."""
    return await agent_page(request, agent)


async def plan_page(
    request: AnyRequest, plan: str, *, problem: str = "", form: dict[str, str] | None = None, status: int = 200
) -> Response[str]:
    """A plan to be changed for today. Raises NotFound."""
    async with seated(request) as seat:
        found = seat.centre.plans.get(plan)
        if found is None:
            raise NotFound(f"there is no plan {plan[:60]!r} in this centre")
        fits = who_fits(found, make_roster(seat.centre))
        waiting, _ = await waiting_now(seat.db, seat.who.tenant)
        today = await read.today_of(seat, f"plan/{plan}")
        until = until_offered(seat.office.clock.now(), seat.centre.profile.zone)
        agents = list(seat.centre.agents.values())
    last = len(found.steps) - 1
    steps = tuple(shown.StepForm(s.require, s.seconds, len(fits[n]), n == last) for n, s in enumerate(found.steps))
    teams = tuple(sorted({agent.team for agent in agents if agent.team}))
    page = shown.PlanPage(
        plan, steps, len(agents), found.priority, found.offer_seconds, found.offers,
        sum(one.plan == plan for one in waiting), today, until, teams, desk.names_of(seat.centre), problem, form or {},
    )  # fmt: skip
    return await render(request, "console_plan.html", page, status=status)


@get("/console/plans/{plan:str}", opt=ACT, include_in_schema=False)
async def one_plan(request: AnyRequest, plan: FromPath[str]) -> Response[str]:
    """A plan to be changed for today."""
    return await plan_page(request, plan)


async def need_page(
    request: AnyRequest, conversation: str, *, problem: str = "", form: dict[str, str] | None = None, status: int = 200
) -> Response[str]:
    """One that waits. Raises NotFound where it does not wait any more."""
    async with seated(request) as seat:
        id = read_id(conversation)
        wait, now = await read.read_wait(seat, id) if id else (None, {})
        if wait is None:
            raise NotFound("this conversation does not wait any more; the console shows who has it")
        may = set(wait.look.may) if wait.look else set()
        found = []
        for agent in seat.centre.agents.values():
            at = now.get(agent.id)
            slots = agent.slots or DEFAULT_SLOTS
            slot = wait.one.channel if wait.one.channel in slots else wait.one.kind
            if not agent.bot and read.is_here(at) and slots.get(slot, 0) and at:
                free = max(0, slots[slot] - at.held.get(slot, 0))
                found.append((agent.id, agent.name or agent.id, free, agent.id in may))
    found.sort(key=lambda one: (not one[3], -one[2], one[1]))
    page = shown.NeedPage(wait, tuple(found), desk.names_of(seat.centre), problem, form or {})
    return await render(request, "console_need.html", page, status=status)


@get("/console/needs/{conversation:str}", opt=ACT, include_in_schema=False)
async def one_need(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """One that waits, and to whom it can be given."""
    return await need_page(request, conversation)


async def watch_page(
    request: AnyRequest, conversation: str, *, problem: str = "", form: dict[str, str] | None = None, status: int = 200
) -> Response[str]:
    """A conversation that is read along."""
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        chosen = await desk.read_head(seat.db, seat.who, seat.centre, one)
        items, earlier = await desk.read_thread(seat.db, seat.who, seat.centre, one)
        beside = await _beside(seat, one.id, mine=False)
        work = await talk.interactions_of(seat.db, seat.who.tenant, one.id)
        on_call = await is_spoken_in(seat.db, seat.who.tenant, one.id)
    page = shown.WatchPage(
        replace(chosen, items=items, earlier=earlier), beside, chosen.names,
        next((one.started_at for one in work if one.ended_at is None), None), problem, form or {}, token_hex(8), on_call,
    )  # fmt: skip
    return await render(request, "console_watch.html", page, status=status)


async def _beside(seat: Seat, conversation: bytes, *, mine: bool) -> shown.Beside:
    said = await read.tellings_of(seat, conversation, mine=mine)
    return shown.Beside(conversation, said, desk.names_of(seat.centre), seat.who.agent)


@get("/console/watch/{conversation:str}", opt=ACT, include_in_schema=False)
async def watch(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """Read along with whoever has it; that somebody did is on record."""
    page = await watch_page(request, conversation)
    who = current(request)
    await office_of(request).intake.act(who.tenant, who.agent, "watch", conversation=read_id(conversation))
    return page


@get("/console/watch/{conversation:str}/part/{part:str}", opt=ACT, include_in_schema=False)
async def watch_again(request: AnyRequest, conversation: FromPath[str], part: FromPath[str]) -> Response[Any]:
    """Its thread, or what is said beside it, again."""
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        chosen = await desk.read_head(seat.db, seat.who, seat.centre, one)
        if part == "beside":
            beside = await _beside(seat, one.id, mine=False)
            return await fragment(request, "console_beside.html", shown.WatchPage(chosen, beside, chosen.names, None))
        items, earlier = await desk.read_thread(seat.db, seat.who, seat.centre, one)
        page = shown.WatchPage(
            replace(chosen, items=items, earlier=earlier), shown.Beside(one.id, (), {}, ""), chosen.names, None
        )
    return await fragment(request, "console_thread.html", page)


HANDLERS = [console, console_again, one_agent, one_plan, one_need, watch, watch_again]
