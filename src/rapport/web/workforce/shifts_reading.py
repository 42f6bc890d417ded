"""What the page of shifts shows: one's own next days, what is asked of whom, and what waits for a planner."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from rapport.access.shift_links import shift_link
from rapport.ledger.tables import read_where
from rapport.matching.duty.turns import Turn, show, turns_of, turns_over
from rapport.model.agent import Agent
from rapport.model.shift_ask import ShiftAsk
from rapport.web.desk.page import Seat
from rapport.web.languages import zone_named

DAYS, BACK_DAYS = 14, 28
LATEST = 200


class TurnShown(msgspec.Struct, frozen=True):
    """A shift of one's own. `asked`: one has asked to swap it; `begun`: it can be swapped no more."""

    day: date
    begin: int
    hours: str
    asked: bool = False
    begun: bool = False


class AskShown(msgspec.Struct, frozen=True):
    """What is asked. `who` gives, `to` takes ("" for anybody); `can`: what the reader may say to it."""

    id: str
    kind: str
    who: str
    to: str
    day: date
    hours: str
    state: str
    at: datetime
    back_day: date | None = None
    back_hours: str = ""
    why: str = ""
    by: str = ""
    can: tuple[str, ...] = ()


class Asking(msgspec.Struct, frozen=True):
    """The form by which one asks: for which shift, whom, and what one would have back."""

    day: date
    begin: int
    hours: str
    colleagues: tuple[tuple[str, str], ...]
    to: str = ""
    to_name: str = ""
    back: tuple[TurnShown, ...] = ()


class ShiftsPage(msgspec.Struct, frozen=True):
    """The page. `feed`: the address of one's own calendar; `rules`: swaps need no planner; `known`: the reader is an agent."""

    known: bool
    days: int
    turns: tuple[TurnShown, ...] = ()
    of_me: tuple[AskShown, ...] = ()
    mine: tuple[AskShown, ...] = ()
    to_decide: tuple[AskShown, ...] = ()
    settled: tuple[AskShown, ...] = ()
    feed: str = ""
    rules: bool = False
    asking: Asking | None = None
    problem: str = ""


def today_of(seat: Seat, agent: Agent | None) -> date:
    """The day that it is where an agent is."""
    zone = (agent.timezone if agent else "") or seat.centre.profile.zone
    return seat.office.clock.now().astimezone(zone_named(zone)).date()


async def read_shifts(seat: Seat, asking: Asking | None = None, problem: str = "") -> ShiftsPage:
    """Everything that the page shows whoever reads it."""
    me = seat.centre.agents.get(seat.who.agent)
    asks = await read_where(seat.db, seat.who.tenant, ShiftAsk, "kind <> '' order by at desc limit $2", LATEST)
    shown = [(ask, _ask(seat, ask)) for ask in asks]
    turns = turns_over(me, seat.centre, today_of(seat, me), DAYS) if me and not me.bot else []
    my = seat.who.agent
    may = seat.who.may("schedule.decide")
    link = shift_link(seat.who.tenant, my, key=seat.office.key)
    return ShiftsPage(
        me is not None,
        DAYS,
        tuple(_turn(seat, turn, asks) for turn in turns),
        tuple(one for ask, one in shown if ask.state == "asked" and ask.agent != my and ask.to in (my, "") and me is not None),
        tuple(one for ask, one in shown if ask.agent == my and me is not None)[:20],
        tuple(one for ask, one in shown if may and ask.state == "agreed"),
        tuple(one for ask, one in shown if may and not ask.open)[:20],
        f"{seat.office.public_url}/shifts/feed/{link}" if me is not None else "",
        seat.centre.profile.swaps == "rules",
        asking,
        problem,
    )


def asking_of(seat: Seat, day: str, begin: str, to: str) -> Asking | None:
    """The form for one of the reader's shifts; None where there is no such one."""
    me = seat.centre.agents.get(seat.who.agent)
    if me is None or not (begin.isascii() and begin.isdigit() and len(begin) < 5):
        return None
    mine = turns_of(me, seat.centre, today_of(seat, me), DAYS)
    turn = next((one for one in mine if one.day.isoformat() == day and one.start == int(begin)), None)
    if turn is None:
        return None
    others = sorted((one for one in seat.centre.agents.values() if not one.bot and one.id != me.id), key=_name)
    other = next((one for one in others if one.id == to), None)
    theirs = turns_of(other, seat.centre, today_of(seat, other), BACK_DAYS) if other else []
    return Asking(
        turn.day,
        turn.start,
        _hours(turn.start, turn.end),
        tuple((one.id, _name(one)) for one in others),
        other.id if other else "",
        _name(other) if other else "",
        tuple(_turn(seat, one, ()) for one in theirs if one.begins > seat.office.clock.now()),
    )


def _turn(seat: Seat, turn: Turn, asks: Sequence[ShiftAsk]) -> TurnShown:
    asked = any(a.open and a.agent == turn.agent and a.day == turn.day.isoformat() and a.begin == turn.start for a in asks)
    return TurnShown(turn.day, turn.start, _hours(turn.start, turn.end), asked, turn.begins <= seat.office.clock.now())


def _ask(seat: Seat, ask: ShiftAsk) -> AskShown:
    my = seat.who.agent
    can: tuple[str, ...] = ()
    if ask.state == "asked":
        can = ("withdraw",) if ask.agent == my else ("agree", "decline") if ask.to == my else ("agree",) if not ask.to else ()
    elif ask.state == "agreed" and ask.agent == my:
        can = ("withdraw",)
    if ask.state == "agreed" and seat.who.may("schedule.decide"):
        can = (*can, "approve", "refuse")
    return AskShown(
        ask.id.hex(),
        ask.kind,
        _called(seat, ask.agent),
        _called(seat, ask.to),
        date.fromisoformat(ask.day),
        _hours(ask.begin, ask.end),
        ask.state,
        ask.at,
        date.fromisoformat(ask.back_day) if ask.back_day else None,
        _hours(ask.back_begin, ask.back_end) if ask.back_day else "",
        ask.why,
        _called(seat, ask.by),
        can,
    )


def _called(seat: Seat, name: str) -> str:
    agent = seat.centre.agents.get(name)
    return _name(agent) if agent else name


def _name(agent: Agent) -> str:
    return agent.name or agent.id


def _hours(begin: int, end: int) -> str:
    return f"{show(begin)}–{show(end)}"


def everybodys(seat: Seat, days: int) -> list[tuple[Agent, Turn]]:
    """The shifts of everybody from today on, in the order of time."""
    people = [agent for agent in seat.centre.agents.values() if not agent.bot]
    found = [(agent, turn) for agent in people for turn in turns_of(agent, seat.centre, today_of(seat, agent), days)]
    return sorted(found, key=lambda pair: (pair[1].begins, pair[0].id))
