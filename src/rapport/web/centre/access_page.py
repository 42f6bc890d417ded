"""Who logs in and what each role may do: another role, stopped, let in again; each change on record with the way back."""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from rapport.access import changing
from rapport.access.logins import all_logins
from rapport.access.roles import PERMISSIONS, ROLES
from rapport.audit.looking import entries_before, last_of
from rapport.centre.reading import body_of_thing
from rapport.errors import BadInput, Conflict
from rapport.ledger.entry import read_fact
from rapport.model.fact import AgentInvited, InvitationTaken, InvitationWithdrawn, LoginChanged
from rapport.web.centre_now import centre_now
from rapport.web.desk.actions import Form, go
from rapport.web.languages import retell
from rapport.web.office import Office
from rapport.web.page import render
from rapport.web.security import AnyRequest, Who, current, language_of, needs, office_of

SHOWN = 40
AGENT = "agent"  # the role of an agent whose piece says none
KINDS = (AgentInvited.number, InvitationWithdrawn.number, InvitationTaken.number, LoginChanged.number)


class LoginShown(msgspec.Struct, frozen=True):
    """Somebody who logs in. `as_agent`: the role that the centre's pieces say, "" where they are no agent."""

    id: str
    name: str
    email: str
    role: str
    stopped: bool
    invited: bool
    as_agent: str = ""


class Changed(msgspec.Struct, frozen=True):
    """Something that happened to a login: `what` is invited, withdrawn, taken, role, stopped or let-in."""

    at: datetime
    agent: str
    what: str
    by: str = ""
    role: str = ""
    was: str = ""


class AccessPage(msgspec.Struct, frozen=True):
    """The page. `may`: each permission with what it lets do, and which roles have it; `logins` for who may manage them."""

    roles: tuple[str, ...]
    may: tuple[tuple[str, str, tuple[bool, ...]], ...]
    counts: dict[str, int]
    logins: tuple[LoginShown, ...] = ()
    history: tuple[Changed, ...] = ()
    problem: str = ""
    said: str = ""


@get("/agents/access", opt=needs("centre.read"), include_in_schema=False)
async def access(request: AnyRequest) -> Response[str]:
    """Who logs in, and what each role may do."""
    said = str(request.query_params.get("said", ""))
    return await _page(request, said=said if said in ("role", "stopped", "let-in") else "")


@post("/agents/{agent:str}/role", opt=needs("logins.manage"), include_in_schema=False)
async def give_role(request: AnyRequest, agent: FromPath[str], data: Form) -> Response[Any]:
    """Give somebody another role, at their login and as an agent."""
    return await _changed(request, agent, "role", role=data.get("role", "") or "-")


@post("/agents/{agent:str}/stop", opt=needs("logins.manage"), include_in_schema=False)
async def stop(request: AnyRequest, agent: FromPath[str]) -> Response[Any]:
    """Let somebody in no more; they are signed out, and nothing is put to them."""
    return await _changed(request, agent, "stopped", stopped=True)


@post("/agents/{agent:str}/let-in", opt=needs("logins.manage"), include_in_schema=False)
async def let_in(request: AnyRequest, agent: FromPath[str]) -> Response[Any]:
    """Let somebody in again, with the password that they had."""
    return await _changed(request, agent, "let-in", stopped=False)


async def _changed(request: AnyRequest, agent: str, said: str, *, role: str = "", stopped: bool | None = None) -> Response[Any]:
    office, who = office_of(request), current(request)

    async def told(done: changing.Changed) -> None:
        fact = LoginChanged(agent, who.agent, done.role, done.was, done.stopped, done.was_stopped)
        await office.intake.record(who.tenant, [fact])

    try:
        done = await changing.change(
            office.store, who.tenant, agent, by=who.agent, now=office.clock.now(), told=told, role=role, stopped=stopped
        )
    except (BadInput, Conflict) as refused:
        return await _page(request, problem=retell(language_of(request), str(refused)), status=409)
    if (known := office.memory.get("tokens")) is not None:
        known.forget()  # a token may no more than whom it acts for
    await _as_agent(office, who, agent, done)
    return go(f"/agents/access?said={said}")


async def _as_agent(office: Office, who: Who, agent: str, done: changing.Changed) -> None:
    """The same of the agent that matching knows, on a repeat too: the role as it is now; nothing more for who is stopped."""
    async with office.store.within(who.tenant, readonly=True) as db:
        body = await body_of_thing(db, who.tenant, "agent", agent)
    if body is None:
        return
    said = msgspec.json.decode(body)
    if said.get("role", AGENT) != done.role:
        changed = msgspec.json.encode(said | {"role": done.role})
        await office.intake.set_things(who.tenant, [("agent", agent, changed)], by=who.agent)
        await centre_now(office, who.tenant, fresh=True)
    if done.stopped:
        await office.intake.act(who.tenant, agent, "go_offline")


async def _page(request: AnyRequest, *, problem: str = "", said: str = "", status: int = 200) -> Response[str]:
    office, who = office_of(request), current(request)
    everyone = await all_logins(office.store, who.tenant)
    agents = (await centre_now(office, who.tenant)).agents
    may = tuple((name, says, tuple(name in has for has in ROLES.values())) for name, says in PERMISSIONS.items())
    counts = {role: sum(login.role == role and not login.disabled for login in everyone) for role in ROLES}
    page = AccessPage(tuple(ROLES), may, counts, problem=problem, said=said)
    if who.may("logins.manage"):
        shown = tuple(
            LoginShown(
                one.id, one.name, one.email, one.role, one.disabled, not one.has_password,
                agents[one.id].role if one.id in agents else "",
            )
            for one in everyone
        )  # fmt: skip
        async with office.store.within(who.tenant, readonly=True) as db:
            page = msgspec.structs.replace(page, logins=shown, history=await _history(db, who.tenant))
    return await render(request, "access.html", page, status=status)


async def _history(db: asyncpg.Connection, tenant: int) -> tuple[Changed, ...]:
    """Of the newest entries (`audit.looking`): what is older is found in the record."""
    back = await entries_before(db, tenant, await last_of(db, tenant) + 1, kinds=KINDS, most=SHOWN)
    return tuple(_shown(one.at, read_fact(one.kind, one.body)) for one in back.entries)


def _shown(at: datetime, fact: object) -> Changed:
    match fact:
        case AgentInvited():
            return Changed(at, fact.agent, "invited", fact.by, fact.role)
        case InvitationWithdrawn():
            return Changed(at, fact.agent, "withdrawn", fact.by)
        case InvitationTaken():
            return Changed(at, fact.agent, "taken")
        case LoginChanged() if fact.stopped != fact.was_stopped:
            return Changed(at, fact.agent, "stopped" if fact.stopped else "let-in", fact.by)
        case LoginChanged():
            return Changed(at, fact.agent, "role", fact.by, fact.role, fact.was)
    raise BadInput(f"an entry of {at.isoformat()} tells of no login")


HANDLERS = [access, give_role, stop, let_in]
