"""Commands on the centre as files: apply and export."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rapport.app.digesting import digest_once
from rapport.app.house import House, open_house
from rapport.centre.apply import current_things, set_changes
from rapport.centre.changes import Change, difference, secrets_named
from rapport.centre.folder import read_folder, write_folder
from rapport.clock import SystemClock
from rapport.errors import NotFound
from rapport.ledger.tenants import list_tenants
from rapport.matching.expression import parse
from rapport.settings import Settings

Confirmed = Callable[[Sequence[Change], Sequence[str]], bool]  # the changes, and secrets that they name and nobody gave


async def apply_folder(settings: Settings, url: str, master: bytes, tenant: str, folder: Path, confirmed: Confirmed) -> int:
    """Apply a folder once `confirmed` says so; how many changes were made. Raises CentreError, NotFound."""
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        number = await _number_of(house, tenant)
        wanted = read_folder(folder, check_expression)
        changes = difference(await current_things(house.within, number), wanted)
        missing = sorted(secrets_named(wanted) - set(await house.secrets.of(number)))
        if not confirmed(changes, missing):
            return 0
        await set_changes(house.intake, number, changes, by="rapport apply")
        await digest_once(house, number)
        return len(changes)
    finally:
        await house.aclose()


async def set_now(
    settings: Settings, url: str, master: bytes, tenant: str, things: Sequence[tuple[str, str, bytes]], *, wait: bool = True
) -> None:
    """Set pieces of a tenant's centre; with `wait`, they are in its views when it returns."""
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        number = await _number_of(house, tenant)
        await house.intake.set_things(number, things, by="rapport")
        if wait:
            await digest_once(house, number)
    finally:
        await house.aclose()


async def export_folder(settings: Settings, url: str, master: bytes, tenant: str, folder: Path) -> int:
    """Write a tenant's centre as files; how many things it has. Raises NotFound."""
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        things = await current_things(house.within, await _number_of(house, tenant))
    finally:
        await house.aclose()
    write_folder(things, folder)
    return len(things)


def check_expression(text: str) -> None:
    """Raise BadInput, with the position, where a plan's or policy's expression cannot be read."""
    parse(text)


async def _number_of(house: House, tenant: str) -> int:
    async with house.store.within((), readonly=True) as db:
        listed = {one.name: one.id for one in await list_tenants(db)}
    if tenant not in listed:
        raise NotFound(f"no tenant is called {tenant!r}; there are {', '.join(listed) or 'none yet: run `rapport up` once'}")
    return listed[tenant]
