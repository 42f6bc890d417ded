"""Inviting somebody: a login that waits for its password, the agent that the matching knows, and the link to send them."""

import re
import unicodedata
from datetime import datetime

import msgspec

from rapport.access import logins
from rapport.errors import BadInput
from rapport.model.agent import Agent
from rapport.model.attribute import Value
from rapport.web.centre_now import centre_now
from rapport.web.office import Office
from rapport.web.security import Who

_NOT_ID = re.compile(r"[^a-z0-9]+")


class Invited(msgspec.Struct, frozen=True):
    """Somebody who may come; `link` is shown once, to be sent to them."""

    agent: str
    name: str
    link: str


def id_of(name: str, taken: set[str]) -> str:
    """A short id made of a name: `María José Peña` is maria-jose-pena, or maria-jose-pena-2 where that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = _NOT_ID.sub("-", plain).strip("-")[:40] or "agent"
    return next(one for n in range(1, len(taken) + 3) if (one := made if n == 1 else f"{made}-{n}") not in taken)


def skills_of(text: str) -> dict[str, float]:
    """Skills as people write them: `wifi 0.9, facturas`; one without a level has 0.8. Raises BadInput."""
    skills: dict[str, float] = {}
    for part in filter(None, (p.strip() for p in re.split(r"[,;\n]", text))):
        name, _, level = part.rpartition(" ")
        try:
            given = float(level.replace(",", ".")) if name else 0.8
        except ValueError:
            name, given = part, 0.8
        if not 0 <= given <= 1:
            raise BadInput(f"a skill's level is from 0 to 1, {part!r} has {given:g}")
        skills[(name or part).strip().lower().replace(" ", "-")] = given
    return skills


async def invite(
    office: Office,
    who: Who,
    *,
    name: str,
    email: str,
    role: str = "agent",
    team: str = "",
    languages: list[str],
    skills: str = "",
) -> Invited:
    """Let somebody come. Raises BadInput, Conflict where the e-mail is taken."""
    if not name.strip():
        raise BadInput("a name is needed, got an empty one")
    taken = {login.id for login in await logins.all_logins(office.store, who.tenant)}
    taken |= set((await centre_now(office, who.tenant, fresh=True)).agents)
    attributes: dict[str, Value] = {"languages": list(languages), "skills": dict(skills_of(skills))}
    agent = Agent(id_of(name, taken), name.strip(), email.strip(), team.strip(), role, attributes=attributes)
    login = await logins.add_login(office.store, who.tenant, agent.id, email=email, name=name, role=role)
    await office.intake.set_things(who.tenant, [("agent", agent.id, _encode(agent))], by=who.agent)
    return Invited(login.id, login.name, await link_for(office, who.tenant, login.id, office.clock.now()))


async def link_for(office: Office, tenant: int, agent: str, now: datetime) -> str:
    """The link by which somebody sets their password: for the first time, or because they forgot it."""
    return f"{office.public_url}/welcome/{await logins.invitation(office.store, tenant, agent, key=office.key, now=now)}"


def _encode(agent: Agent) -> bytes:
    """Only what is said of them: defaults stay defaults."""
    said = {k: v for k, v in msgspec.to_builtins(agent).items() if v not in ("", {}, None, False)}
    return msgspec.json.encode(said)
