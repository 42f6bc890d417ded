"""Reading for the console: from the views to what its templates are given, those in trouble first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from rapport.centre.reading import body_of_thing
from rapport.ledger.tables import read_rows, read_where
from rapport.matching import reading as offers
from rapport.matching.looking import Look, look
from rapport.measures import handling
from rapport.measures.at_work import AtWork, held_now, waiting_now
from rapport.model.agent import DEFAULT_SLOTS, Agent, AgentNow, Presence
from rapport.model.centre import Thing
from rapport.model.conversation import Conversation
from rapport.model.need import Need, Offer
from rapport.model.person import Person, PersonEvents
from rapport.model.telling import Telling
from rapport.model.today import TODAY, read_today
from rapport.web.console import shown
from rapport.web.desk.page import Seat
from rapport.web.desk.reading import names_of
from rapport.web.measures.wallboard import today_from

ANGRY = "angry"
LOOKED_AT = 24  # needs for which it is worked out why nobody has them
ORDER = {"busy": 0, "available": 1, "away": 2, "offline": 3}
MOST_TELLINGS = 50
One = TypeVar("One", AtWork, shown.AsksShown)
NOBODY = AgentNow("")
HERE = frozenset({Presence.AVAILABLE, Presence.BUSY})


async def read_console(seat: Seat, team: str = "", most: int | None = None) -> shown.ConsolePage:
    """Everything that the console shows; `team`: its agents alone; `most`: of all agents, those in trouble first."""
    at, db, tenant = seat.office.clock.now(), seat.db, seat.who.tenant
    now = await offers.presences(db, tenant)
    made = await read_where(db, tenant, Offer, "state = 'open' order by expires_at, id limit 1000")
    waiting, waits = await waiting_now(db, tenant)
    held = await held_now(db, tenant)
    today = await todays(seat)
    known = {one.id: one.name for one in (*held, *waiting)}
    asks = [shown.AsksShown(o.conversation, o.agent, known.get(o.conversation, ""), _left(o, at)) for o in made]
    since = today_from(at, seat.centre.profile.zone)
    each = await handling.by_agent(db, tenant, since=since, until=at + timedelta(seconds=1))
    of, asked, otherwise = _by_agent(held), _by_agent(asks), {one.id for one in today}
    everybody = [
        _agent(agent, now.get(agent.id, NOBODY), of[agent.id], asked[agent.id], each, at, otherwise)
        for agent in seat.centre.agents.values()
    ]
    there = [one for one in everybody if (not team or one.team == team) and (one.presence != "offline" or one.held)]
    there.sort(key=_trouble)
    looks = await _looks(seat, waiting[:LOOKED_AT], now, at)
    names = names_of(seat.centre)
    return shown.ConsolePage(
        at=at,
        agents=tuple(there if team or most is None else there[:most]),
        here=len(there),
        away=sum(1 for one in everybody if not team or one.team == team) - len(there),
        staff=sum(1 for one in everybody if not one.bot),
        teams=_teams(everybody),
        team=team,
        waiting=tuple(shown.WaitShown(one, _asks_of(one.id, asks), looks.get(one.id)) for one in waiting),
        waits=waits,
        today=today,
        plans=tuple(sorted(seat.centre.plans)),
        names=names,
    )


def _left(offer: Offer, at: datetime) -> float:
    return max(0.0, (offer.expires_at - at).total_seconds())


def _asks_of(conversation: bytes, asks: Sequence[shown.AsksShown]) -> tuple[shown.AsksShown, ...]:
    return tuple(one for one in asks if one.conversation == conversation)


def _by_agent(found: Sequence[One]) -> defaultdict[str, list[One]]:
    of: defaultdict[str, list[One]] = defaultdict(list)
    for one in found:
        of[one.agent].append(one)
    return of


def _agent(
    agent: Agent,
    now: AgentNow,
    held: Sequence[AtWork],
    asks: Sequence[shown.AsksShown],
    each: Mapping[str, handling.AgentHandling],
    at: datetime,
    today: set[str],
) -> shown.AgentShown:
    mine = sorted(held, key=lambda one: (not _is_late(one, at), one.emotion != ANGRY, one.began or at))
    slots = agent.slots or DEFAULT_SLOTS
    done = each[agent.id].handling if agent.id in each else handling.Handling()
    return shown.AgentShown(
        id=agent.id,
        name=agent.name or agent.id,
        team=agent.team,
        bot=agent.bot,
        presence=now.presence.value,
        since=now.since,
        places=tuple(shown.PlacesShown(slot, now.held.get(slot, 0), slots[slot]) for slot in slots if slots[slot]),
        held=tuple(mine),
        asks=tuple(asks),
        late=sum(_is_late(one, at) for one in mine),
        angry=sum(one.emotion == ANGRY for one in mine),
        ended=done.ended,
        seconds=done.seconds,
        today=f"agent/{agent.id}" in today,
    )


def _is_late(one: AtWork, at: datetime) -> bool:
    return one.due_at is not None and one.due_at < at


def _trouble(one: shown.AgentShown) -> tuple[int, int, bool, int, int, str]:
    """Those in trouble first: late answers, angry persons, an offer that lies there; then who works, then who is free."""
    return -one.late, -one.angry, not one.asks, -len(one.held), ORDER[one.presence], one.name


def _teams(everybody: Sequence[shown.AgentShown]) -> tuple[shown.TeamShown, ...]:
    of: dict[str, list[shown.AgentShown]] = defaultdict(list)
    for one in everybody:
        if not one.bot:
            of[one.team].append(one)
    return tuple(
        shown.TeamShown(
            name=team,
            present=sum(one.presence in HERE for one in them),
            people=len(them),
            held=sum(len(one.held) for one in them if one.presence in HERE),
            places=sum(max((p.places for p in one.places), default=0) for one in them if one.presence in HERE),
            late=sum(one.late for one in them),
        )
        for team, them in sorted(of.items())
    )


async def _looks(seat: Seat, waiting: Sequence[AtWork], now: Mapping[str, AgentNow], at: datetime) -> dict[bytes, Look]:
    """Why nobody has these yet."""
    if not waiting:
        return {}
    db, tenant, ids = seat.db, seat.who.tenant, [one.id for one in waiting]
    needs = {need.id: need for need in await read_rows(db, tenant, Need, ids)}
    conversations = {one.id: one for one in await read_rows(db, tenant, Conversation, ids)}
    who = {one.person for one in waiting}
    people = {one.id: one for one in await read_rows(db, tenant, Person, who)}
    events = {one.id: one for one in await read_rows(db, tenant, PersonEvents, who)}
    pairs = [(needs[id], conversations[id]) for id in ids if id in needs and id in conversations]
    return look(seat.centre, now.values(), pairs, people, events, at)


async def read_wait(seat: Seat, conversation: bytes) -> tuple[shown.WaitShown | None, dict[str, AgentNow]]:
    """One that waits, and how agents stand; None where it does not wait."""
    at, db, tenant = seat.office.clock.now(), seat.db, seat.who.tenant
    now = await offers.presences(db, tenant)
    waiting, _ = await waiting_now(db, tenant, conversation)
    if not waiting:
        return None, now
    made = await offers.offers_of(db, tenant, conversation)
    asks = tuple(shown.AsksShown(o.conversation, o.agent, waiting[0].name, _left(o, at)) for o in made if o.state == "open")
    return shown.WaitShown(waiting[0], asks, (await _looks(seat, waiting, now, at)).get(conversation)), now


# ---- what is otherwise for today


async def todays(seat: Seat) -> tuple[shown.TodayShown, ...]:
    """What is otherwise for today, what ends first before the others."""
    where = f"id like '{TODAY}/%'"
    found = [today_shown(thing.body) for thing in await read_where(seat.db, seat.who.tenant, Thing, where)]
    return tuple(sorted(found, key=lambda one: (one.until, one.id)))


async def today_of(seat: Seat, id: str) -> shown.TodayShown | None:
    """What is otherwise of one piece; None where nothing is."""
    body = await body_of_thing(seat.db, seat.who.tenant, TODAY, id)
    return today_shown(body) if body is not None else None


def today_shown(body: bytes) -> shown.TodayShown:
    """What is otherwise, field by field."""
    one = read_today(body)
    fields = tuple(shown.FieldToday(name, _text(one.was.get(name)), _text(one.set[name])) for name in one.set)
    return shown.TodayShown(one.id, one.kind, one.name, fields, one.by, one.why, one.since, one.until)


def _text(value: Any) -> str:  # Any: JSON
    return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


# ---- what is said to an agent alone


async def tellings_of(seat: Seat, conversation: bytes, *, mine: bool) -> tuple[Telling, ...]:
    """What was said beside a conversation, oldest first; `mine`: to or by whoever reads, else all of it."""
    only = "and (agent = $3 or by = $3)" if mine else "and $3 <> ''"
    where = f"conversation = $2 and what <> '' {only} order by at desc, id limit {MOST_TELLINGS}"
    return tuple(reversed(await read_where(seat.db, seat.who.tenant, Telling, where, conversation, seat.who.agent)))


async def unseen(seat: Seat) -> list[Telling]:
    """What was said to whoever reads and was not seen, the newest first."""
    where = "agent = $2 and seen_at is null order by at desc, id limit 50"
    return await read_where(seat.db, seat.who.tenant, Telling, where, seat.who.agent)


def is_here(now: AgentNow | None) -> bool:
    """Whether somebody can be given something."""
    return now is not None and now.presence in HERE
