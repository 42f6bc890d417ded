"""The softphone: a page that holds it with the desk inside, so that a call outlives every page that is looked at meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec.structs import replace

from rapport.access import sessions
from rapport.errors import BadInput, Conflict, NotAllowed, NotFound, SendError
from rapport.matching import reading as offers
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.web.centre_now import centre_now
from rapport.web.desk.actions import inside
from rapport.web.desk.composing import ORDER
from rapport.web.languages import retell
from rapport.web.page import fragment, render
from rapport.web.phone.socket import session_name
from rapport.web.security import COOKIE, AnyRequest, current, language_of, needs, office_of
from rapport.web.telephony import DOINGS, CallNow, Phones

WRITE = needs("desk.write")
MAY_LISTEN = {"permissions-policy": "camera=(), microphone=(self), speaker-selection=(self), geolocation=()"}
LONGEST_TO = 100
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class PhonePage(msgspec.Struct, frozen=True):
    """The page around the desk. `at`: the page of ours that is shown inside."""

    at: str


class CallShown(msgspec.Struct, frozen=True):
    """A call and how long it has lasted, in seconds."""

    call: CallNow
    lasted: int


class CallsPart(msgspec.Struct, frozen=True):
    """The calls of who asks; `problem`: why the last thing was not done."""

    calls: tuple[CallShown, ...]
    problem: str = ""


class Colleague(msgspec.Struct, frozen=True):
    """Somebody whom a call can be given to."""

    id: str
    name: str
    team: str
    presence: str


class ColleaguesPart(msgspec.Struct, frozen=True):
    """Who can be called: the most present first."""

    colleagues: tuple[Colleague, ...]
    teams: tuple[str, ...]


def phones_of(request: AnyRequest) -> Phones:
    """The telephone server. Raises NotFound where there is none."""
    phones = office_of(request).phones
    if phones is None:
        raise NotFound("this centre has no telephone; an administrator connects one under Set-up, Channels")
    return phones


@get("/phone", opt=WRITE, include_in_schema=False)
async def phone_page(request: AnyRequest) -> Response[str]:
    """The phone, and the desk inside."""
    phones_of(request)
    at = inside(str(request.query_params.get("at", "")), "/desk")
    page = PhonePage("/desk" if at.startswith("/phone") else at)
    return await render(request, "phone.html", page, headers=MAY_LISTEN)


@post("/voice/phone", opt=WRITE, include_in_schema=False)
async def log_in(request: AnyRequest) -> Response[bytes]:
    """New credentials for this browser: user, password, domain."""
    who = current(request)
    _, token = sessions.read_cookie(request.cookies.get(COOKIE, ""))
    if not who.csrf:
        raise NotAllowed("a phone belongs to who signed in with a browser, not to an API token")
    login = await phones_of(request).login(who.tenant, who.agent, session_name(token))
    told = {"user": login.user, "password": login.password, "domain": login.domain}
    return Response(
        msgspec.json.encode(told), media_type="application/json", status_code=200, headers={"cache-control": "no-store"}
    )


@get("/voice/part/calls", opt=WRITE, include_in_schema=False)
async def calls_part(request: AnyRequest) -> Response[str]:
    """The calls again."""
    return await _calls(request)


@get("/voice/part/colleagues", opt=WRITE, include_in_schema=False)
async def colleagues_part(request: AnyRequest) -> Response[str]:
    """Who can be called now."""
    office, who = office_of(request), current(request)
    centre = await centre_now(office, who.tenant)
    async with office.store.within(who.tenant, readonly=True) as db:
        now = await offers.presences(db, who.tenant)
    others = [agent for agent in centre.agents.values() if agent.id != who.agent and not agent.bot]
    others.sort(key=lambda agent: (ORDER[_presence(now.get(agent.id))], agent.name or agent.id))
    found = tuple(Colleague(a.id, a.name or a.id, a.team, _presence(now.get(a.id)).value) for a in others)
    teams = tuple(sorted({agent.team for agent in others if agent.team}))
    return await fragment(request, "phone_colleagues.html", ColleaguesPart(found, teams))


def _presence(now: AgentNow | None) -> Presence:
    return now.presence if now else Presence.OFFLINE


@post("/voice/calls/{call:str}", opt=WRITE, include_in_schema=False)
async def act_on_call(request: AnyRequest, call: FromPath[str], data: Form) -> Response[Any]:
    """Hold it, hand it over, bring somebody in: `do`, and `to` whom. Answers with the calls as they stand then."""
    who, do, to = current(request), data.get("do", ""), data.get("to", "").strip()
    if do not in DOINGS:
        raise BadInput(f"do must be one of {', '.join(DOINGS)}, got {do[:40]!r}")
    if len(to) > LONGEST_TO:
        raise BadInput(f"to has at most {LONGEST_TO} characters, got {len(to)}")
    try:
        await phones_of(request).act(who.tenant, who.agent, call, do, to)
    except (BadInput, Conflict, NotFound, SendError) as refused:
        return await _calls(request, problem=retell(language_of(request), str(refused)), status=409)
    return await _calls(request)


async def _calls(request: AnyRequest, *, problem: str = "", status: int = 200) -> Response[str]:
    who, phones = current(request), phones_of(request)
    try:
        found: Sequence[CallNow] = await phones.calls(who.tenant, who.agent)
    except SendError as away:
        found, problem, status = (), problem or retell(language_of(request), str(away)), 409
    office = office_of(request)
    now, agents = office.clock.now(), (await centre_now(office, who.tenant)).agents if found else {}
    shown = tuple(CallShown(_named(call, agents), max(0, int((now - call.since).total_seconds()))) for call in found)
    return await fragment(request, "phone_calls.html", CallsPart(shown, problem), status=status)


def _named(call: CallNow, agents: Mapping[str, Agent]) -> CallNow:
    """The call with its colleagues' names as the centre has them."""
    parties = (replace(one, name=agents[one.agent].name or one.name) if one.agent in agents else one for one in call.parties)
    return replace(call, parties=tuple(parties))


HANDLERS = [phone_page, log_in, calls_part, colleagues_part, act_on_call]
