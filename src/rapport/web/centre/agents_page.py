"""Agents and channels: who may answer and is present, who is invited, and whether each account works."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from rapport.access import logins
from rapport.access.invitations import open_invitations
from rapport.matching import reading as offers
from rapport.measures.accounts import AccountNow, accounts_now
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.model.centre import Centre
from rapport.replies.sentences import folded
from rapport.web.centre.inviting import Invited, invite_again, take_back
from rapport.web.desk.actions import go
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import places_of
from rapport.web.measures.wallboard import ORDER, today_from
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, needs, office_of

MOST_SHOWN = 200  # agents on the page


class AgentShown(msgspec.Struct, frozen=True):
    """One agent, with what they know as tags."""

    id: str
    name: str
    team: str
    role: str
    presence: str
    held: int
    places: int
    tags: tuple[str, ...]
    bot: bool = False


class AccountShown(msgspec.Struct, frozen=True):
    """One account. `ok` None: nobody has looked yet."""

    id: str
    channel: str
    brand: str
    paused: bool
    ok: bool | None
    detail: str
    last_in: datetime | None
    received: int
    failed: int


class InvitedShown(msgspec.Struct, frozen=True):
    """Somebody who was invited and has not come yet."""

    id: str
    name: str
    email: str
    role: str
    until: datetime
    is_over: bool


class AgentsPage(msgspec.Struct, frozen=True):
    """Agents and accounts; who is invited, for those who may invite. `link`: a new invitation, shown once.

    `agents`: the first MOST_SHOWN of those of `team` whose name, id or skills have the `words`; `found`: how many there are.
    """

    agents: tuple[AgentShown, ...]
    accounts: tuple[AccountShown, ...]
    invited: tuple[InvitedShown, ...] = ()
    link: Invited | None = None
    notice: str = ""
    words: str = ""
    team: str = ""
    teams: tuple[str, ...] = ()
    found: int = 0
    all: int = 0


def found_by(agents: Collection[Agent], words: str, team: str) -> list[Agent]:
    """The agents of a team (empty: of any) whose name, id, team or tags have every one of the words, accents aside."""
    wanted = folded(words).split()
    said = {one.id: folded(" ".join((one.name, one.id, one.team, *tags_of(one)))) for one in agents}
    return [one for one in agents if (not team or one.team == team) and all(word in said[one.id] for word in wanted)]


def tags_of(agent: Agent) -> tuple[str, ...]:
    """What an agent knows and speaks, strongest skills first."""
    skills = agent.attributes.get("skills")
    ranked = sorted(skills, key=lambda name: -skills[name]) if isinstance(skills, dict) else []
    languages = agent.attributes.get("languages")
    spoken = languages if isinstance(languages, list) else []
    return (*ranked, *(language.upper() for language in spoken))


def account_rows(centre: Centre, now: dict[str, AccountNow]) -> tuple[AccountShown, ...]:
    """The centre's accounts, with what is known of each."""
    rows = []
    for account in sorted(centre.accounts.values(), key=lambda one: one.id):
        at = now.get(account.id, AccountNow(account.id))
        brand = centre.brands.get(account.brand)
        rows.append(
            AccountShown(
                account.id,
                account.channel,
                (brand.name if brand else "") or account.brand,
                account.paused,
                at.ok,
                at.detail,
                at.last_in,
                at.received,
                at.failed,
            )
        )
    return tuple(rows)


@get("/agents", opt=needs("centre.read"), include_in_schema=False)
async def agents(request: AnyRequest) -> Response[str]:
    """Who may answer, and by which channels people reach us."""
    return await _page(request)


@post("/agents/{agent:str}/invitation", opt=needs("logins.manage"), include_in_schema=False)
async def new_link(request: AnyRequest, agent: FromPath[str]) -> Response[str]:
    """A new link for somebody who has not come yet; it is shown once."""
    return await _page(request, await invite_again(office_of(request), current(request), agent))


@post("/agents/{agent:str}/invitation/withdraw", opt=needs("logins.manage"), include_in_schema=False)
async def withdraw(request: AnyRequest, agent: FromPath[str]) -> Response[Any]:
    """Let an invitation work no more."""
    await take_back(office_of(request), current(request), agent)
    return go("/agents")


async def _page(request: AnyRequest, link: Invited | None = None) -> Response[str]:
    async with seated(request) as seat:
        now = await offers.presences(seat.db, seat.who.tenant)
        since = today_from(seat.office.clock.now(), seat.centre.profile.zone)
        accounts = account_rows(seat.centre, await accounts_now(seat.db, seat.who.tenant, since=since))
        invited = await _invited(seat) if seat.who.may("logins.manage") else ()
    asked = request.query_params
    words, team = str(asked.get("q", ""))[:80], str(asked.get("team", ""))[:80]
    everyone = sorted(
        found_by(seat.centre.agents.values(), words, team),
        key=lambda one: (ORDER[now[one.id].presence if one.id in now else Presence.OFFLINE], one.name or one.id),
    )
    rows = tuple(_shown(agent, now) for agent in everyone[:MOST_SHOWN])
    teams = tuple(sorted({agent.team for agent in seat.centre.agents.values() if agent.team}))
    page = AgentsPage(
        rows,
        accounts,
        invited,
        link,
        words=words,
        team=team,
        teams=teams,
        found=len(everyone),
        all=len(seat.centre.agents),
    )
    return await render(request, "agents.html", page)


def _shown(agent: Agent, now: Mapping[str, AgentNow]) -> AgentShown:
    at = now.get(agent.id)
    presence, held = (at.presence.value, sum(at.held.values())) if at else ("offline", 0)
    name, knows = agent.name or agent.id, tags_of(agent)
    return AgentShown(agent.id, name, agent.team, agent.role, presence, held, places_of(agent), knows, agent.bot)


async def _invited(seat: Seat) -> tuple[InvitedShown, ...]:
    """Who has not come yet, those whose link ends first before the others."""
    until = await open_invitations(seat.office.store, seat.who.tenant)
    known = {login.id: login for login in await logins.all_logins(seat.office.store, seat.who.tenant)}
    now = seat.office.clock.now()
    return tuple(
        InvitedShown(id, known[id].name, known[id].email, known[id].role, at, at < now)
        for id, at in sorted(until.items(), key=lambda one: one[1])
        if id in known
    )


HANDLERS = [agents, new_link, withdraw]
