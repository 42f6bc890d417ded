"""The wallboard: how the centre does now and today, each number with its definition; live without being asked."""

from datetime import datetime, timedelta

import msgspec
from litestar import Response, get

from rapport.conversations.targets.reading import Counts, counts_now
from rapport.measures import handling, service
from rapport.model.agent import Presence
from rapport.model.centre import DEFAULT_TARGETS, Centre
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import places_of
from rapport.web.languages import zone_named
from rapport.web.measures.plot import Plot, plotted
from rapport.web.measures.value_today import ValueNow, value_kept
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, needs
from rapport.web.workforce.burst_card import BurstCard, burst_card

SEE = needs("wallboard.read")
MOST_ROWS = 60  # agents on the board
ORDER = {Presence.AVAILABLE: 0, Presence.BUSY: 1, Presence.AWAY: 2, Presence.OFFLINE: 3}


class AgentRow(msgspec.Struct, frozen=True):
    """One agent who is present; `seconds` None: nothing ended today."""

    name: str
    team: str
    presence: str
    held: int
    places: int
    ended: int
    seconds: float | None
    bot: bool = False


class WallboardPage(msgspec.Struct, frozen=True):
    """The service now, who is present, and the day as a plot."""

    service: service.Now
    handling: handling.Handling
    present: int
    staff: int
    free: int
    agents: tuple[AgentRow, ...]
    more: int  # agents who are present and not among `agents`
    plot: Plot
    targets: Counts = Counts(0, 0)
    burst: BurstCard | None = None
    value_today: ValueNow | None = None


def today_from(at: datetime, zone: str) -> datetime:
    """When the centre's own day began."""
    return at.astimezone(zone_named(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def targets_of(centre: Centre) -> dict[str, timedelta]:
    """The target of each channel kind."""
    return {kind: centre.target(kind) for kind in (*DEFAULT_TARGETS, *(set(centre.profile.targets) - set(DEFAULT_TARGETS)))}


def agent_rows(centre: Centre, each: dict[str, handling.AgentHandling]) -> tuple[AgentRow, ...]:
    """Agents who are present, those who are free first."""
    present = [one for one in each.values() if one.presence is not Presence.OFFLINE]
    present.sort(key=lambda one: (ORDER[one.presence], one.agent))
    rows = []
    for one in present:
        agent = centre.agents.get(one.agent)
        rows.append(
            AgentRow(
                name=(agent.name if agent else "") or one.agent,
                team=agent.team if agent else "",
                presence=one.presence.value,
                held=sum(one.held.values()),
                places=places_of(agent),
                ended=one.handling.ended,
                seconds=one.handling.seconds,
                bot=bool(agent and agent.bot),
            )
        )
    return tuple(rows)


async def read_wallboard(seat: Seat) -> WallboardPage:
    """Everything that the wallboard shows."""
    at, tenant = seat.office.clock.now(), seat.who.tenant
    since = today_from(at, seat.centre.profile.zone)
    now = await service.now(seat.db, tenant, at, since=since, targets=targets_of(seat.centre))
    each = await handling.by_agent(seat.db, tenant, since=since, until=at + timedelta(seconds=1))
    flow = await service.intervals(seat.db, tenant, since=since, until=at + timedelta(seconds=1))
    rows = agent_rows(seat.centre, each)
    people = [row for row in rows if not row.bot]
    free = sum(max(row.places - row.held, 0) for row in people if row.presence == "available")
    staff = sum(1 for agent in seat.centre.agents.values() if not agent.bot)
    plot = plotted(flow, since=since, until=since + timedelta(days=1), now=at)
    targets = await counts_now(seat.db, tenant)
    burst = await burst_card(seat)
    value = value_kept(seat.office, tenant) if seat.who.may("reports.read") else None
    return WallboardPage(
        now,
        handling.together(each),
        len(people),
        max(staff, len(people)),
        free,
        rows[:MOST_ROWS],
        len(rows[MOST_ROWS:]),
        plot,
        targets,
        burst,
        value,
    )


@get("/wallboard", opt=SEE, include_in_schema=False)
async def wallboard(request: AnyRequest) -> Response[str]:
    """The wallboard."""
    async with seated(request) as seat:
        page = await read_wallboard(seat)
    return await render(request, "wallboard.html", page)


@get("/wallboard/part/now", opt=SEE, include_in_schema=False)
async def wallboard_again(request: AnyRequest) -> Response[str]:
    """The wallboard's content again."""
    async with seated(request) as seat:
        page = await read_wallboard(seat)
    return await fragment(request, "wallboard_now.html", page)


HANDLERS = [wallboard, wallboard_again]
