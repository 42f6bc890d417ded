"""Inviting somebody: a login that waits for its password, the agent that the matching knows, and the link for them.

The link goes by e-mail where a mailbox is connected, and is shown once to whoever invites. Each is a fact on record.
"""

import re
import unicodedata
from datetime import timedelta

import msgspec

from rapport.access import invitations, logins
from rapport.access.logins import Login
from rapport.errors import BadInput, Conflict, SendError
from rapport.model.agent import Agent
from rapport.model.attribute import Value
from rapport.model.fact import AgentInvited, InvitationWithdrawn
from rapport.web.centre_now import centre_now
from rapport.web.languages import LANGUAGES, say, show_day
from rapport.web.office import Office
from rapport.web.security import Who

_NOT_ID = re.compile(r"[^a-z0-9]+")
_BETWEEN = re.compile(r"(?<!\b[01]),|,(?!\d)|[;\n]")  # `0,9` is a number


class Invited(msgspec.Struct, frozen=True):
    """Somebody who may come; `link` is shown once. `account`: the mailbox that sent it, or ""; `unsent`: why it did not."""

    agent: str
    name: str
    link: str
    email: str = ""
    account: str = ""
    unsent: str = ""


def id_of(name: str, taken: set[str]) -> str:
    """A short id made of a name: `María José Peña` is maria-jose-pena, or maria-jose-pena-2 where that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = _NOT_ID.sub("-", plain).strip("-")[:40] or "agent"
    return next(one for n in range(1, len(taken) + 3) if (one := made if n == 1 else f"{made}-{n}") not in taken)


def skills_of(text: str) -> dict[str, float]:
    """Skills as people write them: `wifi 0.9, facturas` or `wifi 0,9`; one without a level has 0.8. Raises BadInput."""
    skills: dict[str, float] = {}
    for part in filter(None, (p.strip() for p in _BETWEEN.split(text))):
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
    spoken = next((language for language in languages if language in LANGUAGES), who.language)
    return await _ask(office, who, login, spoken or office.language)


async def invite_again(office: Office, who: Who, agent: str) -> Invited:
    """A new link for somebody who has not come yet; the old one works no more. Raises NotFound, Conflict where they have."""
    login = await logins.find_login(office.store, who.tenant, agent)
    if login.has_password:
        raise Conflict(f"{agent!r} has come already and has a password; nothing was changed")
    return await _ask(office, who, login, login.language or who.language or office.language)


async def take_back(office: Office, who: Who, agent: str) -> None:
    """Let an invitation work no more. Raises NotFound where none is open."""
    await invitations.withdraw_invitation(office.store, who.tenant, agent)
    await office.intake.record(who.tenant, [InvitationWithdrawn(agent, who.agent)])


async def _ask(office: Office, who: Who, login: Login, language: str) -> Invited:
    """Make the link, send it where that can be done, and put it on record."""
    now = office.clock.now()
    token = await invitations.invitation(office.store, who.tenant, login.id, key=office.key, now=now)
    made = Invited(login.id, login.name, f"{office.public_url}/welcome/{token}", login.email)
    try:
        made = msgspec.structs.replace(made, account=await _send(office, who, made, language))
    except (SendError, BadInput) as error:
        made = msgspec.structs.replace(made, unsent=str(error))
    until = now + invitations.LASTS
    await office.intake.record(who.tenant, [AgentInvited(login.id, login.role, who.agent, until, made.account)])
    return made


async def _send(office: Office, who: Who, invited: Invited, language: str) -> str:
    if office.post is None or "@" not in invited.email:
        return ""
    profile = (await centre_now(office, who.tenant)).profile
    names = {"name": invited.name, "who": who.name, "centre": profile.name or "Rapport"}
    until = show_day(office.clock.now() + invitations.LASTS - timedelta(hours=1), language, profile.zone)
    text = "\n\n".join(
        (
            say(language, "Hello %(name)s,", **names),
            say(language, "%(who)s invites you to answer people for %(centre)s.", **names),
            say(language, "Open this link and choose a password. It works once, until %(day)s:", day=until),
            invited.link,
            say(language, "If you did not expect this, do nothing: without a password nobody can enter."),
        )
    )
    return await office.post(who.tenant, invited.email, say(language, "Your invitation to %(centre)s", **names), text + "\n")


def _encode(agent: Agent) -> bytes:
    """Only what is said of them: defaults stay defaults."""
    said = {k: v for k, v in msgspec.to_builtins(agent).items() if v not in ("", {}, None, False)}
    return msgspec.json.encode(said)
