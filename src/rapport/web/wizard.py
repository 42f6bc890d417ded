"""Setting up: name the centre, connect a channel and test it, invite the first agent, or start with the example centre."""

import re
from typing import Annotated, Any
from zoneinfo import available_timezones

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access import tokens
from rapport.access.roles import ROLES, TOKEN_ROLES
from rapport.errors import BadInput, Conflict, NotFound
from rapport.model.centre import Account, Centre
from rapport.web.centre_now import centre_now
from rapport.web.inviting import Invited, invite
from rapport.web.languages import LANGUAGES, retell, say
from rapport.web.office import Asked, Network, Office, Wording
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
FIRST_NETWORKS = ("email", "mastodon", "webchat")


class Field(msgspec.Struct, frozen=True):
    """One thing to fill in."""

    name: str
    label: str
    value: str
    required: bool
    secret: bool
    choices: tuple[str, ...]


class Choice(msgspec.Struct, frozen=True):
    """A network that can be connected."""

    name: str
    title: str
    connected: tuple[str, ...]


class SetUp(msgspec.Struct, frozen=True):
    """The page of steps."""

    name: str
    zone: str
    spoken: tuple[str, ...]
    zones: tuple[str, ...]
    networks: tuple[Choice, ...]
    agents: int
    roles: tuple[str, ...]
    token_roles: tuple[str, ...]
    tokens: tuple[tokens.Token, ...]
    invited: Invited | None = None
    token: str = ""
    wrong: str = ""


class Connect(msgspec.Struct, frozen=True):
    """The page to connect one network."""

    network: str
    title: str
    account: str
    fields: tuple[Field, ...]
    wrong: str = ""


class Tested(msgspec.Struct, frozen=True):
    """What a test found."""

    works: bool
    says: str
    name: str = ""


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
        return await _page(request, wrong=say(language_of(request), "The centre needs a name."))
    if zone not in available_timezones():
        return await _page(request, wrong=say(language_of(request), "There is no time zone %(zone)s.", zone=zone[:60]))
    spoken = tuple(code for code in LANGUAGES if data.get(f"speaks-{code}")) or tuple(LANGUAGES)
    profile = (await centre_now(office, who.tenant, fresh=True)).profile
    changed = msgspec.structs.replace(profile, name=name, zone=zone, languages=spoken)
    await office.intake.set_things(who.tenant, [("centre", "centre", msgspec.json.encode(changed))], by=who.agent)
    return await _done(request)


@post("/set-up/example", opt=needs("centre.write"), include_in_schema=False)
async def take_example(request: AnyRequest) -> Response[Any]:
    """Start with the example centre; what is there already keeps its names and is replaced."""
    office, who = office_of(request), current(request)
    await office.intake.set_things(who.tenant, office.example_centre(), by=who.agent)
    return await _done(request)


@get("/set-up/channel/{network:str}", opt=needs("centre.write"), include_in_schema=False)
async def connect_page(request: AnyRequest, network: FromPath[str]) -> Response[Any]:
    """What a network asks to be connected."""
    return await _connect_page(request, _network(office_of(request), network), {})


@post("/set-up/channel/{network:str}/test", opt=needs("centre.write"), include_in_schema=False)
async def test_channel(request: AnyRequest, network: FromPath[str], data: Form) -> Response[Any]:
    """Test what was filled in, without keeping it."""
    return await fragment(request, "wizard_tested.html", await _test(request, _network(office_of(request), network), data))


@post("/set-up/channel/{network:str}", opt=needs("centre.write"), include_in_schema=False)
async def connect(request: AnyRequest, network: FromPath[str], data: Form) -> Response[Any]:
    """Connect an account that its network takes; with `anyway` also one that it does not take now."""
    office, who = office_of(request), current(request)
    asked = _network(office, network)
    tested = await _test(request, asked, data)
    if not tested.works and not data.get("anyway"):
        return await _connect_page(request, asked, data, tested.says)
    account, secrets = _account(asked, data, language_of(request))
    for name, value in secrets.items():
        await office.secrets.put(who.tenant, name, value)
    body = msgspec.json.encode({"id": account.id, "channel": account.channel, "settings": account.settings})
    await office.intake.set_things(who.tenant, [("account", account.id, body)], by=who.agent)
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
        return await _page(request, wrong=retell(language_of(request), str(error)), status=400)
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
    office.memory.pop("tokens", None)
    return await _done(request)


async def _page(
    request: AnyRequest, *, wrong: str = "", invited: Invited | None = None, token: str = "", status: int = 200
) -> Response[Any]:
    office, who, language = office_of(request), current(request), language_of(request)
    centre = await centre_now(office, who.tenant, fresh=True)
    names = sorted(office.networks, key=lambda n: (FIRST_NETWORKS.index(n) if n in FIRST_NETWORKS else 9, n))
    page = SetUp(
        name=centre.profile.name,
        zone=centre.profile.zone,
        spoken=centre.profile.languages,
        zones=tuple(sorted(available_timezones())),
        networks=tuple(_choice(office.networks[name], centre, language) for name in names),
        agents=sum(1 for agent in centre.agents.values() if not agent.bot),
        roles=tuple(ROLES),
        token_roles=TOKEN_ROLES,
        tokens=tuple(await tokens.all_tokens(office.store, who.tenant)),
        invited=invited,
        token=token,
        wrong=wrong,
    )
    return await render(request, "wizard.html", page, status=status)


async def _done(request: AnyRequest) -> Response[Any]:
    await centre_now(office_of(request), current(request).tenant, fresh=True)
    return Response(None, status_code=303, headers={"location": "/set-up"})


async def _connect_page(request: AnyRequest, network: Network, data: dict[str, str], wrong: str = "") -> Response[Any]:
    language = language_of(request)
    fields = tuple(_field(asked, data, language) for asked in network.fields)
    account = data.get("account", network.name)
    page = Connect(network.name, _in(network.title, language), account, fields, wrong)
    return await render(request, "wizard_channel.html", page, status=400 if wrong else 200)


async def _test(request: AnyRequest, network: Network, data: dict[str, str]) -> Tested:
    language = language_of(request)
    try:
        account, secrets = _account(network, data, language)
        probed = await office_of(request).probe(account, secrets)
    except BadInput as error:
        return Tested(False, retell(language, str(error)))
    return Tested(probed.works, _in(probed.health, language), probed.name)


def _account(network: Network, data: dict[str, str], language: str) -> tuple[Account, dict[str, str]]:
    """The account that was filled in, and its secrets by name. Raises BadInput."""
    name = data.get("account", "").strip() or network.name
    if not _ACCOUNT.fullmatch(name):
        raise BadInput(f"an account's name has small letters, digits and hyphens, got {name[:60]!r}")
    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for asked in network.fields:
        value = data.get(asked.name, "").strip()
        if not value and asked.default is None:
            raise BadInput(say(language, "%(field)s is missing; fill it in", field=_in(asked.label, language)))
        if value and asked.secret:
            secrets[f"{name}.{asked.name}"] = value
            settings[asked.name] = f"secret:{name}.{asked.name}"
        elif value and value != asked.default:
            settings[asked.name] = value
    return Account(name, network.name, settings=settings), secrets


def _network(office: Office, name: str) -> Network:
    found = office.networks.get(name)
    if found is None:
        raise NotFound(f"no channel {name[:40]!r}; one of {', '.join(sorted(office.networks))}")
    return found


def _choice(network: Network, centre: Centre, language: str) -> Choice:
    connected = tuple(sorted(a.id for a in centre.accounts.values() if a.channel == network.name))
    return Choice(network.name, _in(network.title, language), connected)


def _field(asked: Asked, data: dict[str, str], language: str) -> Field:
    value = "" if asked.secret else data.get(asked.name, asked.default or "")
    return Field(asked.name, _in(asked.label, language), value, asked.default is None, asked.secret, asked.choices)


def _in(wording: Wording, language: str) -> str:
    return wording.es if language == "es" else wording.en


HANDLERS = [
    set_up,
    name_centre,
    take_example,
    connect_page,
    test_channel,
    connect,
    invite_agent,
    make_token,
    withdraw,
]
