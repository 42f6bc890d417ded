"""Who works when: a week of everybody's shifts, for planners."""

import asyncio
from datetime import date, timedelta

import msgspec
from litestar import Response, get

from rapport.errors import BadInput
from rapport.matching.duty.turns import Turn, leave_of, show, turns_of
from rapport.matching.strain import shift_of
from rapport.model.agent import Agent
from rapport.model.centre import Centre
from rapport.web.desk.page import seated
from rapport.web.languages import zone_named
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs

WEEK = 7
MOST_SHOWN = 200  # people on the page
FARTHEST = timedelta(days=366)


class Cell(msgspec.Struct, frozen=True):
    """A day of somebody's: when they work, as `08:00–16:00`, or that they are away."""

    hours: tuple[str, ...] = ()
    away: bool = False


class Row(msgspec.Struct, frozen=True):
    """Somebody's week. `zone`: of their clock, where it is not the centre's; `hours` in all."""

    id: str
    name: str
    team: str
    zone: str
    cells: tuple[Cell, ...]
    hours: float


class SchedulePage(msgspec.Struct, frozen=True):
    """The page. `rows`: the first MOST_SHOWN of who works in the week; `people`: how many work each day.

    `without`: who has no shift in it; `before` and `after`: the weeks beside it.
    """

    first: date
    before: date
    after: date
    today: date
    days: tuple[date, ...]
    rows: tuple[Row, ...]
    people: tuple[int, ...]
    more: int
    without: tuple[str, ...]
    team: str
    teams: tuple[str, ...]


@get("/workforce/schedule", opt=needs("schedule.decide"), include_in_schema=False)
async def schedule(request: AnyRequest) -> Response[str]:
    """The week of a day, from its Monday on; this one where none is asked for."""
    async with seated(request) as seat:
        today = seat.office.clock.now().astimezone(zone_named(seat.centre.profile.zone)).date()
    first = week_asked(request.query_params.get("week", ""), today)
    team = request.query_params.get("team", "")[:80]
    return await render(request, "schedule.html", await asyncio.to_thread(week_of, seat.centre, first, today, team))


def week_asked(said: str, today: date) -> date:
    """The Monday of the week of the day that is asked for. Raises BadInput where it is no day, or a year away."""
    try:
        day = date.fromisoformat(said) if said else today
    except ValueError:
        raise BadInput(f"a day such as 2026-03-02 is needed, got {said[:20]!r}") from None
    if abs(day - today) > FARTHEST:
        raise BadInput(f"a day within a year is needed, got {day}")
    return day - timedelta(days=day.weekday())


def week_of(centre: Centre, first: date, today: date, team: str) -> SchedulePage:
    """Everybody's shifts in seven days, by team and name."""
    people = [agent for agent in centre.agents.values() if not agent.bot]
    chosen = sorted((one for one in people if not team or one.team == team), key=lambda one: (one.team, one.name or one.id))
    rows = [_row(agent, centre, first) for agent in chosen]
    at_work = [row for row in rows if _has_plans(row)]
    return SchedulePage(
        first,
        first - timedelta(days=WEEK),
        first + timedelta(days=WEEK),
        today,
        tuple(first + timedelta(days=n) for n in range(WEEK)),
        tuple(at_work[:MOST_SHOWN]),
        tuple(sum(bool(row.cells[n].hours) for row in at_work) for n in range(WEEK)),
        len(at_work[MOST_SHOWN:]),
        tuple(row.name for row in rows if not _has_plans(row)),
        team,
        tuple(sorted({agent.team for agent in people if agent.team})),
    )


def _has_plans(row: Row) -> bool:
    return any(cell.hours or cell.away for cell in row.cells)


def _row(agent: Agent, centre: Centre, first: date) -> Row:
    turns = turns_of(agent, centre, first, WEEK)
    away = leave_of(shift_of(agent, centre))
    days = (first + timedelta(days=n) for n in range(WEEK))
    cells = tuple(Cell(tuple(_hours(turn) for turn in turns if turn.day == day), day in away) for day in days)
    zone = agent.timezone if agent.timezone != centre.profile.zone else ""
    return Row(agent.id, agent.name or agent.id, agent.team, zone, cells, sum(turn.hours for turn in turns))


def _hours(turn: Turn) -> str:
    return f"{show(turn.start)}–{show(turn.end)}"


HANDLERS = [schedule]
