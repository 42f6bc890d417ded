"""Teams and pools: who works together and who is staffed together, who of them is here, and what of the centre names them."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Response, get, post

from rapport.centre.reading import things_of
from rapport.centre.things import expressions_of
from rapport.errors import BadInput, NotFound
from rapport.matching.plan_checking import who_meets
from rapport.matching.reading import presences
from rapport.matching.roster import make_roster
from rapport.model.agent import Agent, AgentNow
from rapport.model.centre import Centre, Thing
from rapport.web.centre.fitting import HERE, MOST_NAMED
from rapport.web.centre.pieces import set_piece
from rapport.web.centre_now import centre_now
from rapport.web.desk.actions import Form, go
from rapport.web.desk.reading import places_of
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

SEE, SET = needs("centre.read"), needs("centre.write")
LONGEST = 60
LISTED = ("policy", "sampling", "survey")  # kinds whose `teams` names teams


class Member(msgspec.Struct, frozen=True):
    """An agent of a team."""

    id: str
    name: str
    presence: str
    bot: bool = False


class TeamShown(msgspec.Struct, frozen=True):
    """A team: its people, how many are here, what they hold of their places, and (kind, name) of what names it."""

    name: str
    members: tuple[Member, ...]
    here: int
    held: int
    places: int
    named: tuple[tuple[str, str], ...] = ()


class PoolShown(msgspec.Struct, frozen=True):
    """A pool: whom its expression has now. `wrong`: why that cannot be said."""

    name: str
    title: str
    who: str
    count: int = 0
    here: int = 0
    names: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    wrong: str = ""


class TeamsPage(msgspec.Struct, frozen=True):
    """The page."""

    teams: tuple[TeamShown, ...]
    pools: tuple[PoolShown, ...]
    agents: tuple[tuple[str, str], ...]
    problem: str = ""
    said: str = ""


@get("/agents/teams", opt=SEE, include_in_schema=False)
async def teams(request: AnyRequest) -> Response[str]:
    """Who works together, and who is staffed together."""
    said = str(request.query_params.get("said", ""))
    return await _page(request, said=said if said in ("moved", "renamed") else "")


@post("/agents/teams", opt=SET, include_in_schema=False)
async def change_team(request: AnyRequest, data: Form) -> Response[Any]:
    """Move an agent to a team, or give a team another name wherever the centre lists it."""
    to = data.get("to", "").strip()
    try:
        _check_name(to, is_needed=data.get("do") == "rename")
        if data.get("do") == "rename":
            await _rename(request, data.get("team", ""), to)
            return go("/agents/teams?said=renamed")
        await _move(request, data.get("agent", ""), to)
    except BadInput as wrong:
        return await _page(request, problem=retell(language_of(request), str(wrong)), status=400)
    return go("/agents/teams?said=moved")


def _check_name(name: str, *, is_needed: bool) -> None:
    if len(name) > LONGEST or (is_needed and not name) or any(ord(sign) < 32 for sign in name):
        raise BadInput(f"a team has a name of 1 to {LONGEST} characters, got {name[:40]!r}")


async def _things(request: AnyRequest) -> list[Thing]:
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        return await things_of(db, who.tenant)


async def _move(request: AnyRequest, agent: str, to: str) -> None:
    body = next((thing.body for thing in await _things(request) if thing.id == f"agent/{agent}"), None)
    if body is None:
        raise NotFound(f"no agent {agent[:40]!r} in this centre")
    changed = msgspec.json.decode(body) | {"team": to}
    await set_piece(office_of(request), current(request), "agent", agent, msgspec.json.encode(changed))


async def _rename(request: AnyRequest, team: str, to: str) -> None:
    """Set at once all pieces that list the team; what names it in an expression is left, and shown."""
    office, who = office_of(request), current(request)
    changed = [*_renamed(await _things(request), team, to)]
    if not changed:
        raise NotFound(f"nobody is in a team {team[:40]!r}")
    await office.intake.set_things(who.tenant, changed, by=who.agent)
    await centre_now(office, who.tenant, fresh=True)


def _renamed(things: Sequence[Thing], team: str, to: str) -> Iterator[tuple[str, str, bytes]]:
    for thing in things:
        kind, _, name = thing.id.partition("/")
        said = msgspec.json.decode(thing.body) if kind in ("agent", *LISTED) else {}
        if kind == "agent" and said.get("team") == team:
            yield kind, name, msgspec.json.encode(said | {"team": to})
        elif _lists(said, team):
            tiers = {"tiers": [_listing(tier, team, to) for tier in said["tiers"]]} if "tiers" in said else {}
            yield kind, name, msgspec.json.encode(_listing(said, team, to) | tiers)


def _lists(said: Mapping[str, Any], team: str) -> bool:  # Any: as a file says it
    """Whether a piece lists a team, itself or in one of its tiers."""
    return any(team in one.get("teams", ()) for one in (said, *said.get("tiers", ())))


def _listing(said: dict[str, Any], team: str, to: str) -> dict[str, Any]:  # Any: as a file says it
    listed = dict.fromkeys(to if one == team else one for one in said.get("teams", ()))
    return said | {"teams": list(listed)} if team in said.get("teams", ()) else said


async def _page(request: AnyRequest, *, problem: str = "", said: str = "", status: int = 200) -> Response[str]:
    office, tenant = office_of(request), current(request).tenant
    centre = await centre_now(office, tenant)
    async with office.store.within(tenant, readonly=True) as db:
        now = await presences(db, tenant)
    agents = tuple(sorted((one.id, one.name or one.id) for one in centre.agents.values()))
    teams, pools = await asyncio.to_thread(_both, centre, now)  # 10,000 agents take a while
    page = TeamsPage(teams, pools, agents, problem, said)
    return await render(request, "teams.html", page, status=status)


def _both(centre: Centre, now: dict[str, AgentNow]) -> tuple[tuple[TeamShown, ...], tuple[PoolShown, ...]]:
    return _teams(centre, now), _pools(centre, now)


def _teams(centre: Centre, now: dict[str, AgentNow]) -> tuple[TeamShown, ...]:
    found: dict[str, list[Agent]] = {}
    for agent in sorted(centre.agents.values(), key=lambda one: one.name or one.id):
        found.setdefault(agent.team, []).append(agent)
    return tuple(_team(name, found[name], centre, now) for name in sorted(found, key=lambda name: (not name, name)))


def _team(name: str, agents: list[Agent], centre: Centre, now: dict[str, AgentNow]) -> TeamShown:
    members = tuple(
        Member(one.id, one.name or one.id, now[one.id].presence.value if one.id in now else "offline", one.bot)
        for one in agents
    )
    held = sum(sum(now[one.id].held.values()) for one in agents if one.id in now)
    here = sum(1 for one in agents if one.id in now and now[one.id].presence in HERE)
    return TeamShown(name, members, here, held, sum(map(places_of, agents)), tuple(_naming(centre, name)) if name else ())


def _naming(centre: Centre, name: str) -> Iterator[tuple[str, str]]:
    """What lists a team or a pool, or names it between quotes in an expression."""
    quoted = (f"'{name}'", f'"{name}"')
    for kind, pieces in (("plan", centre.plans), ("policy", centre.policies), ("rule", centre.rules), ("pool", centre.pools)):
        for id, piece in sorted(pieces.items()):
            listed = any(name in getattr(one, "teams", ()) for one in (piece, *getattr(piece, "tiers", ())))
            if listed or any(one in text for _, text in expressions_of(piece) for one in quoted):
                yield kind, id
    yield from (("sampling", id) for id, sampling in sorted(centre.samplings.items()) if name in sampling.teams)
    yield from (("survey", id) for id, survey in sorted(centre.surveys.items()) if name in survey.teams)


def _pools(centre: Centre, now: dict[str, AgentNow]) -> tuple[PoolShown, ...]:
    roster = make_roster(centre)
    shown = []
    for id, pool in sorted(centre.pools.items()):
        try:
            ids = who_meets(pool.who, roster)
        except BadInput as error:
            shown.append(PoolShown(id, pool.title, pool.who, wrong=str(error)))
            continue
        here = sum(1 for one in ids if one in now and now[one].presence in HERE)
        names = tuple(centre.agents[one].name or one for one in ids[:MOST_NAMED])
        shown.append(PoolShown(id, pool.title, pool.who, len(ids), here, names, tuple(_naming(centre, id))))
    return tuple(shown)


HANDLERS = [teams, change_team]
