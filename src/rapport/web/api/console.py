"""/api/console: who does what now and what waits; somebody's presence, and what is otherwise for today."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Response, delete, get, post, put
from litestar.params import FromPath

from rapport.measures.at_work import AtWork
from rapport.model.ids import show_id
from rapport.web.acting import act
from rapport.web.api.conversations import Became
from rapport.web.console import reading as read, shown
from rapport.web.desk.page import chosen_one, seated
from rapport.web.idempotency import once
from rapport.web.security import AnyRequest, current, needs, office_of

ACT = needs("console.act")


class WorkTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation that somebody has, or that waits. `since`: when its agent took it, or since when it waits."""

    conversation: str
    kind: str
    channel: str
    since: datetime | None = None
    due_at: datetime | None = None
    emotion: str = ""
    priority: str = ""
    urgency: float = 0.0


class AgentTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """An agent. `held` and `places` by channel kind; `offers`: conversations that lie before them."""

    id: str
    presence: str
    team: str = ""
    since: datetime | None = None
    held: dict[str, int] = {}
    places: dict[str, int] = {}
    conversations: tuple[WorkTold, ...] = ()
    offers: tuple[str, ...] = ()
    late: int = 0
    angry: int = 0


class WaitTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """One that waits. `may_be_asked`: how many agents; `free`: how many of them have a place; `removed`: by filter."""

    need: WorkTold
    plan: str = ""
    step: int = 0
    offered_to: tuple[str, ...] = ()
    may_be_asked: int | None = None
    free: int | None = None
    removed: dict[str, int] = {}


class TodayTold(msgspec.Struct, frozen=True):
    """What is otherwise of a piece until a time."""

    thing: str
    name: str
    by: str
    why: str
    since: datetime
    until: datetime
    fields: dict[str, tuple[str, str]]  # before, now


class ConsoleTold(msgspec.Struct, frozen=True):
    """The console. `waiting`: those whose turn comes first, of `waits`."""

    at: datetime
    agents: tuple[AgentTold, ...]
    waiting: tuple[WaitTold, ...]
    waits: int
    today: tuple[TodayTold, ...]


class TellingTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was said to `agent` alone. `what`: whisper, answer or taken; `seen_at` absent: they have not looked yet."""

    id: str
    agent: str
    by: str
    what: str
    at: datetime
    text: str = ""
    seen_at: datetime | None = None


class PresenceAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`presence`: available, busy, away or offline; who is set offline has nothing any more."""

    presence: str


class TodayAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is otherwise: a merge patch (RFC 7396) of the piece, until a time within seven days, and why."""

    set: dict[str, Any]  # Any: JSON of the piece's fields
    until: str
    why: str


def _work(one: AtWork) -> WorkTold:
    return WorkTold(show_id(one.id), one.kind, one.channel, one.began, one.due_at, one.emotion, one.priority, one.urgency)


def _agent(one: shown.AgentShown) -> AgentTold:
    return AgentTold(
        one.id, one.presence, one.team, one.since,
        {p.slot: p.held for p in one.places if p.held}, {p.slot: p.places for p in one.places},
        tuple(_work(held) for held in one.held), tuple(show_id(ask.conversation) for ask in one.asks), one.late, one.angry,
    )  # fmt: skip


def _wait(wait: shown.WaitShown) -> WaitTold:
    asked, seen = tuple(ask.agent for ask in wait.asks), wait.look
    told = WaitTold(_work(wait.one), wait.one.plan, wait.one.step, asked)
    return (
        msgspec.structs.replace(told, may_be_asked=len(seen.may), free=seen.free, removed=dict(seen.removed)) if seen else told
    )


def _today(one: shown.TodayShown) -> TodayTold:
    fields = {field.name: (field.before, field.now) for field in one.fields}
    return TodayTold(one.kind, one.name, one.by, one.why, one.since, one.until, fields)


@get("/api/console", opt=ACT | {"gives": ConsoleTold, "says": "Who does what now, what waits and why, what is otherwise today"})
async def console(request: AnyRequest) -> Response[bytes]:
    """The console."""
    async with seated(request) as seat:
        page = await read.read_console(seat, str(request.query_params.get("team", ""))[:80])
    told = ConsoleTold(
        page.at, tuple(map(_agent, page.agents)), tuple(map(_wait, page.waiting)), page.waits, tuple(map(_today, page.today))
    )
    return Response(msgspec.json.encode(told), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


@get(
    "/api/conversations/{conversation:str}/tellings",
    opt=needs("desk.write")
    | {"gives": list[TellingTold], "says": "What was said to and by oneself alone beside a conversation"},
)
async def tellings(request: AnyRequest, conversation: FromPath[str]) -> Response[bytes]:
    """What was said beside a conversation; a supervisor sees all of it."""
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        found = await read.tellings_of(seat, one.id, mine=not seat.who.may("console.act"))
    told = [TellingTold(show_id(t.id), t.agent, t.by, t.what, t.at, t.text, t.seen_at) for t in found]
    return Response(msgspec.json.encode(told), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


async def _done(request: AnyRequest, do: str, argument: str, body: bytes = b"") -> Response[bytes]:
    async def answer(key: str) -> tuple[int, Any]:  # Any: Became
        outcome = await act(office_of(request), current(request), do, argument=argument, once=key)
        return (202, Became(False)) if outcome is None else (200, Became(True))

    return await once(request, body, answer)


@post(
    "/api/console/agents/{agent:str}/presence",
    opt=ACT | {"takes": PresenceAsked, "gives": Became, "says": "Set somebody's presence"},
    status_code=200,
)
async def set_presence(request: AnyRequest, agent: FromPath[str]) -> Response[bytes]:
    """Set the presence of an agent."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    asked = msgspec.json.decode(body, type=PresenceAsked)
    return await _done(request, "set_presence", f"{agent} {asked.presence}", body)


@put(
    "/api/console/today/{kind:str}/{name:str}",
    opt=ACT | {"takes": TodayAsked, "gives": Became, "says": "Let a plan, an agent or a policy be otherwise for today"},
    status_code=200,
)
async def change_today(request: AnyRequest, kind: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Let a piece be otherwise until a time."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    asked = msgspec.json.decode(body, type=TodayAsked)
    wanted = {"thing": kind, "name": name, "set": asked.set, "until": asked.until, "why": asked.why}
    return await _done(request, "change_today", msgspec.json.encode(wanted).decode(), body)


@delete(
    "/api/console/today/{kind:str}/{name:str}",
    opt=ACT | {"gives": Became, "says": "End what is otherwise for today now"},
    status_code=200,
)
async def end_today(request: AnyRequest, kind: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """End it now."""
    return await _done(request, "end_today", f"{kind}/{name}")


HANDLERS = [console, tellings, set_presence, change_today, end_today]
