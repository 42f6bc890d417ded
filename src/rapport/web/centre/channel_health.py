"""/channels and /api/channels: how each channel fares; and the exchange of a credential without a pause."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, NotFound
from rapport.measures.channel_health import ChannelNow, channels_now, channels_to_look_at
from rapport.model.centre import Account
from rapport.web.centre_now import tenants_now
from rapport.web.desk.page import Seat, seated
from rapport.web.hooks import hook_url
from rapport.web.languages import say
from rapport.web.office import Network
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

READ = needs("channels.read")
SECRET = "secret:"
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class SecretShown(msgspec.Struct, frozen=True):
    """A credential of an account: the name of its field, and what stands beside it. Never its value."""

    field: str
    label: str


class ChannelShown(msgspec.Struct, frozen=True):
    """One account as the page shows it. `url`: to give to the network, "" where it does not call us."""

    id: str
    channel: str
    title: str
    brand: str
    paused: bool
    evidence: str
    health: str
    url: str
    look: bool
    now: ChannelNow
    secrets: tuple[SecretShown, ...] = ()


class ChannelsPage(msgspec.Struct, frozen=True):
    """Every account; those that somebody should look at first. `notice`: what was just done."""

    channels: tuple[ChannelShown, ...]
    well: int
    look: int
    notice: str = ""
    problem: str = ""


class ChannelTold(msgspec.Struct, frozen=True):
    """One account, for programs. Times in UTC; null: never. `silent_chance` in [0, 1]; `url`: what the network is to call."""

    account: str
    channel: str
    paused: bool
    works: bool | None
    health: str
    evidence: str
    reads_back: bool
    last_heard: datetime | None
    last_fetched: datetime | None
    last_pushed: datetime | None
    gaps: int
    gap_at: datetime | None
    rejected: int
    silent_since: datetime | None
    silent_chance: float | None
    expires: datetime | None
    budgets: tuple[dict[str, Any], ...]  # Any: name, left, most, resets_at
    url: str


class RailPart(msgspec.Struct, frozen=True):
    """How many channels somebody should look at."""

    look: int


async def read_channels(seat: Seat) -> tuple[ChannelShown, ...]:
    """Every account of the centre with how it fares."""
    office, now = seat.office, seat.office.clock.now()
    found = await channels_now(seat.db, seat.who.tenant, now)
    tenant = next((one.name for one in await tenants_now(office) if one.id == seat.who.tenant), "")
    shown = []
    for account in seat.centre.accounts.values():
        at = found.get(account.id, ChannelNow(account.id))
        network = office.networks.get(account.channel)
        brand = seat.centre.brands.get(account.brand)
        shown.append(
            ChannelShown(
                id=account.id,
                channel=account.channel,
                title=_in(network.title, seat.language) if network else account.channel,
                brand=(brand.name if brand else "") or account.brand,
                paused=account.paused,
                evidence=str(network.evidence) if network else "",
                health=at.detail if at.ok is False and at.detail not in ("", at.health_en) else _health(at, seat.language),
                url=hook_url(office, tenant, account) if at.pushes else "",
                look=not account.paused and at.needs_a_look(now),
                now=at,
                secrets=_secrets(account, network, seat.language),
            )
        )
    return tuple(sorted(shown, key=lambda one: (not one.look, one.paused, one.id)))


def _health(now: ChannelNow, language: str) -> str:
    return now.health_es if language == "es" else now.health_en


def _in(wording: Any, language: str) -> str:  # Any: `office.Wording`, or the wording of a channel
    return str(wording.es if language == "es" else wording.en)


def _secrets(account: Account, network: Network | None, language: str) -> tuple[SecretShown, ...]:
    fields = network.fields if network else ()
    named = [field for field in fields if account.settings.get(field.name, "").startswith(SECRET)]
    return tuple(SecretShown(field.name, _in(field.label, language)) for field in named)


async def _page(request: AnyRequest, *, notice: str = "", problem: str = "") -> ChannelsPage:
    async with seated(request) as seat:
        channels = await read_channels(seat)
    look = sum(one.look for one in channels)
    well = sum(bool(one.now.ok) and not one.look and not one.paused for one in channels)
    return ChannelsPage(channels, well, look, notice, problem)


@get("/channels", opt=READ, include_in_schema=False)
async def channels(request: AnyRequest) -> Response[str]:
    """How each channel fares."""
    return await render(request, "channels.html", await _page(request))


@get("/channels/part/list", opt=READ, include_in_schema=False)
async def channels_again(request: AnyRequest) -> Response[str]:
    """The same without its frame."""
    return await fragment(request, "channels_list.html", await _page(request))


@get("/channels/part/rail", opt=READ, include_in_schema=False)
async def rail_again(request: AnyRequest) -> Response[str]:
    """The mark on the rail of every page."""
    async with seated(request) as seat:
        look = await channels_to_look_at(seat.db, seat.who.tenant, seat.office.clock.now(), set(seat.centre.accounts))
    return await fragment(request, "rail_channels.html", RailPart(look))


@post("/channels/{account:str}/secret", opt=needs("centre.write"), include_in_schema=False)
async def exchange(request: AnyRequest, account: FromPath[str], data: Form) -> Response[str]:
    """Put a new credential in place of one; the worker goes on with the former until the network takes the new."""
    office, who, language = office_of(request), current(request), language_of(request)
    async with seated(request) as seat:
        known = seat.centre.accounts.get(account)
    if known is None:
        raise NotFound(f"there is no account {account[:60]!r} in this centre")
    name = known.settings.get(data.get("field", ""), "")
    if not name.startswith(SECRET):
        raise BadInput(f"the account {account!r} has no credential {data.get('field', '')[:40]!r}")
    value = data.get("value", "").strip()
    if not value:
        page = await _page(request, problem=say(language, "The new credential is empty; nothing was changed."))
        return await render(request, "channels.html", page, status=400)
    await office.secrets.put(who.tenant, name.removeprefix(SECRET), value)
    said = say(
        language, "The new credential of %(account)s is tried now; until it works, the former one is used.", account=account
    )
    return await render(request, "channels.html", await _page(request, notice=said))


@get("/api/channels", opt=READ | {"gives": list[ChannelTold], "says": "How each channel fares"})
async def told(request: AnyRequest) -> Response[bytes]:
    """The same for programs."""
    async with seated(request) as seat:
        found = await read_channels(seat)
    return Response(msgspec.json.encode(_told(found)), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


def _told(found: Sequence[ChannelShown]) -> list[ChannelTold]:
    return [
        ChannelTold(
            account=one.id,
            channel=one.channel,
            paused=one.paused,
            works=one.now.ok,
            health=one.health,
            evidence=one.evidence,
            reads_back=one.now.reads_back,
            last_heard=one.now.last_heard,
            last_fetched=one.now.last_fetched,
            last_pushed=one.now.last_pushed,
            gaps=one.now.gaps,
            gap_at=one.now.gap_at,
            rejected=one.now.rejected,
            silent_since=one.now.silent_since,
            silent_chance=one.now.silent_chance,
            expires=one.now.expires,
            budgets=tuple(msgspec.to_builtins(left) for left in one.now.budgets),
            url=one.url,
        )
        for one in found
    ]


HANDLERS = [channels, channels_again, rail_again, exchange, told]
