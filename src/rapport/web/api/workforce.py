"""/api/workforce and /api/shifts: the day, staffing, bursts, sites, days again; shifts and swaps, for planners' programs."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.errors import BadInput
from rapport.ledger.tables import read_where
from rapport.measures import handling
from rapport.model.burst import Burst, BurstTaken
from rapport.web.acting import act
from rapport.web.desk.page import seated
from rapport.web.going import asked_id
from rapport.web.idempotency import once
from rapport.web.languages import zone_named
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.workforce.intraday import Day
from rapport.web.workforce.page import asked_of, one_at_a_time, page_of, read_workforce
from rapport.web.workforce.replay_page import day_asked, day_that_was, tried
from rapport.web.workforce.shifts_reading import AskShown, TurnShown, everybodys, read_shifts
from rapport.web.workforce.sites_page import LOOKED_BACK, SitesPage, busiest_load, compared_now, load_asked, measured
from rapport.web.workforce.what_if import Asked, Verdict

SEE, WRITE = needs("wallboard.read"), needs("desk.write")
LATEST, MOST_DAYS = 50, 60


class DayShown(msgspec.Struct, frozen=True):
    """Today at `at`, by the clock of the centre; `day` null with fewer than three days of history. Times are in seconds."""

    at: datetime
    handle_s: float
    places: float
    within_s: float
    waiting: int
    day: Day | None = None


class BurstShown(msgspec.Struct, frozen=True):
    """A burst: contacts so far, above the usual and that may still come; seconds that it lasts on and that a newcomer waits."""

    id: str
    kind: str
    since: datetime
    ended_at: datetime | None
    came: int
    above: int
    to_come: int
    lasts_s: float
    held: int
    voices: int
    people: int
    waits_s: float
    taken: tuple[BurstTaken, ...]


class StepAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of the plan for a burst: widen, call_in or holding."""

    step: str


class SwapAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shift of one's own by its day and minutes after midnight, who is to take it ("": anybody), what one would have back."""

    day: str
    begin: int
    to: str = ""
    back_day: str = ""
    back_begin: int = 0


class SwapSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """agree, decline or withdraw; of a planner approve or refuse, with the reason."""

    do: str
    why: str = ""


class Done(msgspec.Struct, frozen=True):
    """What became of an action; `done` false: it is on record and will be done."""

    done: bool


class ShiftsShown(msgspec.Struct, frozen=True):
    """One's own next shifts; swaps that wait for one's word, that one asked for, and that wait for a planner's."""

    turns: tuple[TurnShown, ...]
    of_me: tuple[AskShown, ...]
    mine: tuple[AskShown, ...]
    to_decide: tuple[AskShown, ...]


class ShiftShown(msgspec.Struct, frozen=True):
    """Somebody's shift."""

    agent: str
    day: date
    begins: datetime
    ends: datetime


class ReplayShown(msgspec.Struct, frozen=True):
    """A day that was, and what it would have been; `confirmed`: other chance gives the same verdict."""

    day: date
    came: int
    people: int
    languages: tuple[str, ...]
    confirmed: bool
    verdict: Verdict


T = TypeVar("T")
_step = msgspec.json.Decoder(StepAsked)
_swap = msgspec.json.Decoder(SwapAsked)
_word = msgspec.json.Decoder(SwapSaid)


@get("/api/workforce", opt=SEE | {"gives": DayShown, "says": "Today against its forecast, each half-hour"})
async def day(request: AnyRequest) -> Response[bytes]:
    """The day with its forecast, people needed and there, and the backlog."""
    async with seated(request) as seat:
        read, now = await read_workforce(seat), seat.office.clock.now()
    page = await asyncio.to_thread(page_of, read)
    return _said(DayShown(now, read.handle_seconds, read.places, read.within, read.waiting, page.day))


@get("/api/workforce/bursts", opt=SEE | {"gives": list[BurstShown], "says": "The latest bursts, and what was done"})
async def bursts(request: AnyRequest) -> Response[bytes]:
    """The latest bursts, the newest first."""
    async with seated(request) as seat:
        found = await read_where(seat.db, seat.who.tenant, Burst, "kind <> '' order by since desc limit $2", LATEST)
    return _said([_burst(one) for one in found])


@post(
    "/api/workforce/bursts/{burst:str}",
    opt=needs("console.act") | {"takes": StepAsked, "gives": Done, "says": "Take a step of the plan for a burst"},
    status_code=200,
)
async def answer_burst(request: AnyRequest, burst: FromPath[str]) -> Response[bytes]:
    """Take one step; 409 where somebody did before, or it cannot be."""
    asked = {"burst": asked_id(burst, "burst").hex()}
    return await _acted(request, _step, "answer_burst", lambda said: asked | {"step": said.step[:40]})


@get(
    "/api/workforce/sites",
    opt=needs("reports.read")
    | {"gives": SitesPage, "says": "Sites by what a resolved need costs", "asks": {"load": "erlangs; else today's busiest"}},
)
async def sites(request: AnyRequest) -> Response[bytes]:
    """The comparison of sites."""
    async with seated(request) as seat:
        read, centre, now = await read_workforce(seat), seat.centre, seat.office.clock.now()
        each = await handling.by_agent(seat.db, seat.who.tenant, since=now - LOOKED_BACK, until=now)
    load = load_asked(str(request.query_params.get("load", ""))[:20])
    load = await asyncio.to_thread(busiest_load, read) if load is None else load
    async with one_at_a_time(office_of(request)):
        return _said(await asyncio.to_thread(compared_now, read, centre.profile, load, measured(centre.agents, each)))


@get(
    "/api/workforce/replay",
    opt=SEE
    | {
        "gives": ReplayShown,
        "says": "A day that was, before other people or under another policy",
        "asks": {"day": "such as 2026-03-02", "more": "people", "after": "hour", "language": "es", "policy": "", "other": ""}
        | {"burst": "so many more who come", "burst_at": "hour", "widen": "1: everybody serves every language"},
    },
)
async def replay(request: AnyRequest) -> Response[bytes]:
    """The day again; without a change both sides are the same."""
    asked = asked_of(request) or Asked(0, 0)
    async with seated(request) as seat:
        today = seat.office.clock.now().astimezone(zone_named(seat.centre.profile.zone)).date()
        which = day_asked(str(request.query_params.get("day", "")), today)
        held = await day_that_was(seat.db, seat.who.tenant, seat.centre, which)
    async with one_at_a_time(office_of(request)):
        found = await asyncio.to_thread(tried, held, asked)
    return _said(ReplayShown(held.day, len(held.met), len(held.people), held.languages[:-1], found.confirmed, found))


@get("/api/shifts", opt=SEE | {"gives": ShiftsShown, "says": "One's own shifts and swaps; a planner's to decide"})
async def shifts(request: AnyRequest) -> Response[bytes]:
    """What /shifts shows whoever asks."""
    async with seated(request) as seat:
        page = await read_shifts(seat)
    return _said(ShiftsShown(page.turns, page.of_me, page.mine, page.to_decide))


@get(
    "/api/shifts/everybody",
    opt=needs("schedule.decide") | {"gives": list[ShiftShown], "says": "Everybody's shifts", "asks": {"days": "1 to 60"}},
)
async def everybody(request: AnyRequest) -> Response[bytes]:
    """The shifts of the next days, in the order of time. Raises BadInput."""
    text = str(request.query_params.get("days", "14"))[:20]
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_DAYS):
        raise BadInput(f"days is a whole number from 1 to {MOST_DAYS}, got {text!r}")
    async with seated(request) as seat:
        found = everybodys(seat, int(text))
    return _said([ShiftShown(agent.id, turn.day, turn.begins, turn.ends) for agent, turn in found])


@post("/api/shifts/swaps", opt=WRITE | {"takes": SwapAsked, "gives": Done, "says": "Ask for a swap"}, status_code=200)
async def ask(request: AnyRequest) -> Response[bytes]:
    """Ask a colleague, or everybody; 409 with the numbers where it would not be legal."""
    return await _acted(request, _swap, "ask_swap", msgspec.to_builtins)


@post(
    "/api/shifts/swaps/{shift_ask:str}",
    opt=WRITE | {"takes": SwapSaid, "gives": Done, "says": "Answer a swap"},
    status_code=200,
)
async def answer(request: AnyRequest, shift_ask: FromPath[str]) -> Response[bytes]:
    """Agree, decline, take back."""
    asked = {"ask": asked_id(shift_ask, "swap").hex()}
    return await _acted(request, _word, "answer_swap", lambda said: asked | {"do": said.do[:40], "why": said.why[:400]})


@post(
    "/api/shifts/swaps/{shift_ask:str}/decide",
    opt=needs("schedule.decide") | {"takes": SwapSaid, "gives": Done, "says": "Approve or refuse a swap"},
    status_code=200,
)
async def decide(request: AnyRequest, shift_ask: FromPath[str]) -> Response[bytes]:
    """A planner's word."""
    asked = {"ask": asked_id(shift_ask, "swap").hex()}
    return await _acted(request, _word, "decide_swap", lambda said: asked | {"do": said.do[:40], "why": said.why[:400]})


async def _acted(
    request: AnyRequest,
    reads: msgspec.json.Decoder[T],
    verb: str,
    argument: Callable[[T], dict[str, Any]],  # Any: plain JSON
) -> Response[bytes]:
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    said = msgspec.json.encode(argument(reads.decode(body))).decode()

    async def answer(key: str) -> tuple[int, Done]:
        outcome = await act(office_of(request), current(request), verb, argument=said, once=key)
        return 200, Done(outcome is not None)

    return await once(request, body, answer)


def _burst(one: Burst) -> BurstShown:
    return BurstShown(
        one.id.hex(),
        one.kind,
        one.since,
        one.ended_at,
        one.came,
        one.above,
        one.to_come,
        one.lasts,
        one.held,
        one.voices,
        one.people,
        one.waits,
        one.taken,
    )


def _said(found: object) -> Response[bytes]:
    body = msgspec.json.encode(found, enc_hook=float)  # numbers of numpy
    return Response(body, media_type=MediaType.JSON, headers={"cache-control": "no-store"})


HANDLERS = [day, bursts, answer_burst, sites, replay, shifts, everybody, ask, answer, decide]
