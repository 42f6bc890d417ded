"""Connecting a channel: what its network asks, a test of what was filled in, and the account that is kept."""

import re
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, NotFound
from rapport.model.centre import Account
from rapport.web.centre_now import centre_now
from rapport.web.desk.actions import go
from rapport.web.languages import retell, say
from rapport.web.office import Asked, Network, Office, Wording
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Field(msgspec.Struct, frozen=True):
    """One thing to fill in."""

    name: str
    label: str
    value: str
    required: bool
    secret: bool
    choices: tuple[str, ...]


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
    await centre_now(office, who.tenant, fresh=True)
    return go("/set-up")


async def _connect_page(request: AnyRequest, network: Network, data: dict[str, str], wrong: str = "") -> Response[Any]:
    language = language_of(request)
    fields = tuple(_field(asked, data, language) for asked in network.fields)
    account = data.get("account", network.name)
    page = Connect(network.name, worded(network.title, language), account, fields, wrong)
    return await render(request, "wizard_channel.html", page, status=400 if wrong else 200)


async def _test(request: AnyRequest, network: Network, data: dict[str, str]) -> Tested:
    language = language_of(request)
    try:
        account, secrets = _account(network, data, language)
        probed = await office_of(request).probe(account, secrets)
    except BadInput as error:
        return Tested(False, retell(language, str(error)))
    return Tested(probed.works, worded(probed.health, language), probed.name)


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
            raise BadInput(say(language, "%(field)s is missing; fill it in", field=worded(asked.label, language)))
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


def _field(asked: Asked, data: dict[str, str], language: str) -> Field:
    value = "" if asked.secret else data.get(asked.name, asked.default or "")
    return Field(asked.name, worded(asked.label, language), value, asked.default is None, asked.secret, asked.choices)


def worded(wording: Wording, language: str) -> str:
    """A sentence in the language of who reads it."""
    return wording.es if language == "es" else wording.en


HANDLERS = [connect_page, test_channel, connect]
