"""Commands on the centre as files: apply and export."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rapport.app.digesting import digest_once
from rapport.app.house import House, open_house
from rapport.centre.apply import current_things, set_changes
from rapport.centre.changes import Change, difference, secrets_named
from rapport.centre.folder import read_folder, write_folder
from rapport.centre.things import Placed, Things, body_of, key_of
from rapport.clock import SystemClock
from rapport.conversations.targets.calendar import holidays_wrong
from rapport.errors import CentreError, NotFound
from rapport.ledger.tenants import list_tenants
from rapport.matching.sound import check_expression, faults
from rapport.model.centre import Thing, read_centre
from rapport.settings import Settings

Noted = Callable[[str], None]
Confirmed = Callable[[Sequence[Change], Sequence[str]], bool]  # the changes, and secrets that they name and nobody gave


async def apply_folder(
    settings: Settings, url: str, master: bytes, tenant: str, folder: Path, confirmed: Confirmed, noted: Noted
) -> int:
    """Apply a folder once `confirmed` says so; how many changes were made. Raises CentreError, NotFound.

    `noted` is told what can be applied and is seldom meant, with file, line and cure.
    """
    read_folder(folder, check_expression, partial(_check_all, current={}, noted=lambda fault: None))
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        number = await number_of(house, tenant)
        current = await current_things(house.within, number)
        wanted = read_folder(folder, check_expression, partial(_check_all, current=current, noted=noted))
        changes = difference(current, wanted)
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
        number = await number_of(house, tenant)
        await house.intake.set_things(number, things, by="rapport")
        if wait:
            await digest_once(house, number)
    finally:
        await house.aclose()


async def export_folder(settings: Settings, url: str, master: bytes, tenant: str, folder: Path) -> int:
    """Write a tenant's centre as files; how many things it has. Raises NotFound."""
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        things = await current_things(house.within, await number_of(house, tenant))
    finally:
        await house.aclose()
    write_folder(things, folder)
    return len(things)


def _check_all(everything: Sequence[Placed], current: Things, noted: Noted) -> None:
    """Raise CentreError at the first thing that matching cannot follow; a kind that the files leave out stays as it is."""
    spoken_of = {one.kind for one in everything}
    kept = {key: body for key, body in current.items() if key[0] not in spoken_of}
    things = kept | {key_of(one.kind, one.value): body_of(one.value) for one in everything}
    now = datetime.fromtimestamp(0, UTC)
    centre = read_centre(Thing(f"{kind}/{name}", body, now) for (kind, name), body in things.items())
    found = faults([(one.value, one.place) for one in everything], centre)
    wrong = next((fault for fault in found if fault.is_error), None)
    if wrong is not None:
        raise CentreError(str(wrong))
    for one in everything:
        if why := holidays_wrong(one.value):
            raise CentreError(f"{one.place('holidays')}: {why}")
    for fault in found:
        noted(str(fault))


async def number_of(house: House, tenant: str) -> int:
    """The number of the tenant of this name. Raises NotFound."""
    async with house.store.within((), readonly=True) as db:
        listed = {one.name: one.id for one in await list_tenants(db)}
    if tenant not in listed:
        raise NotFound(f"no tenant is called {tenant!r}; there are {', '.join(listed) or 'none yet: run `rapport up` once'}")
    return listed[tenant]
