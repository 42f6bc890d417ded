"""Setting up: name the centre, say when it answers, invite the first agent, or start with the example centre."""

import asyncio
import hashlib
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access import tokens
from rapport.access.roles import ROLES, TOKEN_ROLES
from rapport.errors import BadInput, Conflict
from rapport.model.centre import Centre, Profile
from rapport.web.centre.connecting import worded
from rapport.web.centre.inviting import Invited, invite
from rapport.web.centre.opening_hours import Day, read_hours, typed_hours
from rapport.web.centre_now import centre_now
from rapport.web.languages import LANGUAGES, retell, say
from rapport.web.office import Network
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
FASTER = "Somebody changed the hours while you had them open. Yours are kept here: save again to put them in place."
FIRST_NETWORKS = ("email", "mastodon", "webchat")


class Choice(msgspec.Struct, frozen=True):
    """A network that can be connected."""

    name: str
    title: str
    connected: tuple[str, ...]


class SetUp(msgspec.Struct, frozen=True):
    """The page of steps. `named` and `invites`: what was typed and refused, as it was written."""

    name: str
    zone: str
    spoken: tuple[str, ...]
    zones: tuple[str, ...]
    week: tuple[Day, ...]
    was: str
    networks: tuple[Choice, ...]
    agents: int
    roles: tuple[str, ...]
    token_roles: tuple[str, ...]
    tokens: tuple[tokens.Token, ...]
    invited: Invited | None = None
    token: str = ""
    wrong: str = ""
    named: dict[str, str] = {}
    invites: dict[str, str] = {}


@get("/set-up", opt=needs("centre.write"), include_in_schema=False)
async def set_up(request: AnyRequest) -> Response[Any]:
    """The steps, each with what is done of it."""
    return await _page(request)


@post("/set-up/centre", opt=needs("centre.write"), include_in_schema=False)
async def name_centre(request: AnyRequest, data: Form) -> Response[Any]:
    """Name the centre, its zone and its languages."""
    office, who = office_of(request), current(request)
    zone, name = data.get("zone", "").strip(), data.get("name", "").strip()[:120]
    if not name:
        return await _page(request, wrong=say(language_of(request), "The centre needs a name."), named=data, status=400)
    if zone not in await asyncio.to_thread(zones):
        wrong = say(language_of(request), "There is no time zone %(zone)s.", zone=zone[:60])
        return await _page(request, wrong=wrong, named=data, status=400)
    spoken = tuple(code for code in LANGUAGES if data.get(f"speaks-{code}")) or tuple(LANGUAGES)
    profile = (await centre_now(office, who.tenant, fresh=True)).profile
    changed = msgspec.structs.replace(profile, name=name, zone=zone, languages=spoken)
    await office.intake.set_things(who.tenant, [("centre", "centre", msgspec.json.encode(changed))], by=who.agent)
    return await _done(request)


def _mark(profile: Profile) -> str:
    """What the form of the hours was drawn from, to be sent back with it."""
    return hashlib.sha256(msgspec.json.encode(profile.hours)).hexdigest()[:16]


@post("/set-up/hours", opt=needs("centre.write"), include_in_schema=False)
async def set_hours(request: AnyRequest, data: Form) -> Response[Any]:
    """Say when people answer, by day; no hours at all: always. What cannot be read comes back as it was written."""
    office, who = office_of(request), current(request)
    try:
        hours = read_hours(data)
    except BadInput as error:
        return await _page(request, wrong=retell(language_of(request), str(error)), week=data, status=400)
    profile = (await centre_now(office, who.tenant, fresh=True)).profile
    if data.get("was", _mark(profile)) != _mark(profile):
        return await _page(request, wrong=say(language_of(request), FASTER), week=data, status=409)
    body = msgspec.json.encode(msgspec.structs.replace(profile, hours=hours))
    await office.intake.set_things(who.tenant, [("centre", "centre", body)], by=who.agent)
    return await _done(request)


@post("/set-up/example", opt=needs("centre.write"), include_in_schema=False)
async def take_example(request: AnyRequest) -> Response[Any]:
    """Start with the example centre; what is there already keeps its names and is replaced."""
    office, who = office_of(request), current(request)
    await office.intake.set_things(who.tenant, office.example_centre(), by=who.agent)
    return await _done(request)


@post("/set-up/invite", opt=needs("logins.manage"), include_in_schema=False)
async def invite_agent(request: AnyRequest, data: Form) -> Response[Any]:
    """Invite somebody; the link is shown once."""
    speaks = [code for code in LANGUAGES if data.get(f"speaks-{code}")]
    try:
        invited = await invite(
            office_of(request),
            current(request),
            name=data.get("name", ""),
            email=data.get("email", ""),
            role=data.get("role", "agent"),
            team=data.get("team", ""),
            languages=speaks,
            skills=data.get("skills", ""),
        )
    except (BadInput, Conflict) as error:
        return await _page(request, wrong=retell(language_of(request), str(error)), invites=data, status=400)
    return await _page(request, invited=invited)


@post("/set-up/tokens", opt=needs("logins.manage"), include_in_schema=False)
async def make_token(request: AnyRequest, data: Form) -> Response[Any]:
    """Make an API token; it is shown once."""
    office, who = office_of(request), current(request)
    name = data.get("name", "").strip()[:80] or "token"
    made = await tokens.make_token(
        office.store,
        who.tenant,
        name=name,
        role=data.get("role", ""),
        now=office.clock.now(),
        agent=data.get("agent", "").strip(),
    )
    return await _page(request, token=made)


@post("/set-up/tokens/{token:str}/withdraw", opt=needs("logins.manage"), include_in_schema=False)
async def withdraw(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Let an API token work no more."""
    office = office_of(request)
    await tokens.withdraw_token(office.store, current(request).tenant, token, office.clock.now())
    if (known := office.memory.get("tokens")) is not None:
        known.forget()  # the same object is asked on the fast way in
    return await _done(request)


async def _page(
    request: AnyRequest,
    *,
    wrong: str = "",
    invited: Invited | None = None,
    token: str = "",
    week: dict[str, str] | None = None,
    named: dict[str, str] | None = None,
    invites: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    office, who, language = office_of(request), current(request), language_of(request)
    centre = await centre_now(office, who.tenant, fresh=True)
    await asyncio.to_thread(len, office.networks)  # reads every network's code the first time: nobody else waits for that
    names = sorted(office.networks, key=lambda n: (FIRST_NETWORKS.index(n) if n in FIRST_NETWORKS else 9, n))
    page = SetUp(
        name=centre.profile.name,
        zone=centre.profile.zone,
        spoken=centre.profile.languages,
        zones=await asyncio.to_thread(zones),
        week=typed_hours(centre.profile.hours, week),
        was=_mark(centre.profile),
        networks=tuple(_choice(office.networks[name], centre, language) for name in names),
        agents=sum(1 for agent in centre.agents.values() if not agent.bot),
        roles=tuple(ROLES),
        token_roles=TOKEN_ROLES,
        tokens=tuple(await tokens.all_tokens(office.store, who.tenant)),
        invited=invited,
        token=token,
        wrong=wrong,
        named=named or {},
        invites=invites or {},
    )
    return await render(request, "wizard.html", page, status=status)


@cache
def zones() -> tuple[str, ...]:
    """Every time zone by name. Takes a processor for a while the first time, as each is a file: for a thread."""
    return tuple(sorted(available_timezones()))


async def _done(request: AnyRequest) -> Response[Any]:
    await centre_now(office_of(request), current(request).tenant, fresh=True)
    return Response(None, status_code=303, headers={"location": "/set-up"})


def _choice(network: Network, centre: Centre, language: str) -> Choice:
    connected = tuple(sorted(a.id for a in centre.accounts.values() if a.channel == network.name))
    return Choice(network.name, worded(network.title, language), connected)


HANDLERS = [
    set_up,
    name_centre,
    set_hours,
    take_example,
    invite_agent,
    make_token,
    withdraw,
]
