"""What `rapport channels` does: list the networks and accounts, check an account, make a new channel."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec

from rapport.app import database
from rapport.app.channel_folder import make_channel
from rapport.app.house import House, open_house
from rapport.app.master_key import master_key
from rapport.channels.registry import networks
from rapport.clock import SystemClock
from rapport.errors import BadInput, NotFound
from rapport.ledger.tenants import list_tenants
from rapport.measures.channel_health import ChannelNow, channels_now
from rapport.settings import Settings


def list_channels(settings: Settings, tenant: str, *, as_json: bool) -> int:
    """Print the networks that this house knows, and the accounts of a tenant with how they fare."""
    found = asyncio.run(_with_house(settings, lambda house: _listed(house, tenant)))
    known = [{"name": n.name, "title": n.title.en, "evidence": str(n.evidence)} for n in networks().values()]
    if as_json:
        print(json.dumps({"networks": known, "accounts": found}))
        return 0
    for one in known:
        print(f"{one['name']:14} {one['title']:34} {one['evidence']}")
    print()
    for account in found:
        works = {True: "works", False: "does not work", None: "not looked at yet"}[account["works"]]
        print(f"{account['account']:20} {account['channel']:14} {works:18} {account['health']}")
    if not found:
        print(f"tenant {tenant!r} has no account yet: connect one under Set up, or apply a centre's files")
    return 0


def check_channels(settings: Settings, tenant: str, account: str, *, as_json: bool) -> int:
    """Ask the network of one account, or of all, how it is; 1 when one does not work."""
    found = asyncio.run(_with_house(settings, lambda house: _checked(house, tenant, account)))
    if as_json:
        print(json.dumps(found))
    for one in () if as_json else found:
        until = f", credentials until {one['expires']}" if one["expires"] else ""
        print(f"{one['account']:20} {'works' if one['works'] else 'DOES NOT WORK':14} {one['health']}{until}")
    return 0 if all(one["works"] for one in found) else 1


def new_channel(name: str, into: Path | None) -> int:
    """Make a channel that passes the contract with a fake of its network."""
    made = make_channel(name, into, Path(), SystemClock().now().date())
    for path in made.files:
        print(f"wrote {path}")
    print(f"try it:  {made.test}")
    return 0


async def _with_house(
    settings: Settings, ask: Any
) -> list[dict[str, Any]]:  # Any: a coroutine function of the house; plain JSON
    key = master_key(settings)
    with database.database(settings) as url:
        house = await open_house(settings, url, key, SystemClock(), pool=2)
        try:
            found: list[dict[str, Any]] = await ask(house)
            return found
        finally:
            await house.aclose()


async def _number(house: House, tenant: str) -> int:
    async with house.store.within((), readonly=True) as db:
        listed = await list_tenants(db)
    number = next((one.id for one in listed if one.name == tenant), None)
    if number is None:
        raise NotFound(f"no tenant is called {tenant!r}; there are {', '.join(one.name for one in listed)}")
    return number


async def _listed(house: House, tenant: str) -> list[dict[str, Any]]:
    number = await _number(house, tenant)
    async with house.within(number) as db:
        now = await channels_now(db, number, house.clock.now())
    found = []
    for account in await house.accounts.accounts(number):
        one = now.get(account.id, ChannelNow(account.id))
        told = {"account": account.id, "channel": account.channel, "works": one.ok, "health": one.health_en or one.detail}
        found.append(told | {"last_heard": msgspec.to_builtins(one.last_heard), "gaps": one.gaps})
    return found


async def _checked(house: House, tenant: str, name: str) -> list[dict[str, Any]]:
    number = await _number(house, tenant)
    accounts = [account for account in await house.accounts.accounts(number) if name in ("", account.id)]
    if not accounts and name:
        raise NotFound(f"tenant {tenant!r} has no account {name!r} that is not paused")
    found = []
    for account in accounts:
        try:
            await house.accounts.channel(number, account)
            probe = house.accounts.probed(number, account.id)
            works, health = (probe.works, probe.health.en) if probe else (False, "it could not be asked")
            expires = msgspec.to_builtins(probe.expires) if probe else None
        except BadInput as error:
            works, health, expires = False, str(error), None
        found.append({"account": account.id, "channel": account.channel, "works": works, "health": health, "expires": expires})
    return found
