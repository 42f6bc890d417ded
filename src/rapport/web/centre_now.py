"""The centre as a page sees it, read at most once a second for each tenant; and which tenants there are."""

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import asyncpg

from rapport.centre.reading import things_of
from rapport.ledger.place import Place, place_now
from rapport.ledger.tenants import Listed, list_tenants
from rapport.model.centre import Centre, read_centre
from rapport.web.office import Office

FRESH = timedelta(seconds=1)
LATELY = timedelta(seconds=3)
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A centre, when it was read, and up to which entry everything that changes it is in it."""

    centre: Centre
    at: datetime
    digested: int


@dataclass(slots=True)
class _Kept:
    """What was read of a tenant's centre; while one reads again, the others take what is there."""

    drawn: Drawn | None = None
    again: "asyncio.Task[None] | None" = None
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


async def centre_now(office: Office, tenant: int, *, fresh: bool = False) -> Centre:
    """The centre: agents, plans, accounts ... `fresh`: read it again at once."""
    return (await centre_drawn(office, tenant, fresh=fresh)).centre


async def centre_lately(office: Office, tenant: int) -> Centre:
    """The centre as it was seconds ago at most: it is read again beside whoever asks, who does not wait for it."""
    kept = _kept(office, tenant)
    drawn = kept.drawn
    if drawn is None or office.clock.now() - drawn.at >= LATELY:
        return await centre_now(office, tenant)
    if not _holds(office, drawn) and not kept.reading.locked() and (kept.again is None or kept.again.done()):
        kept.again = asyncio.create_task(_again(office, tenant))
    return drawn.centre


async def _again(office: Office, tenant: int) -> None:
    with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        await centre_drawn(office, tenant)


async def centre_drawn(office: Office, tenant: int, *, fresh: bool = False, digested: int = 0) -> Drawn:
    """The centre and its place. `digested`: the entry that must be in it."""
    kept = _kept(office, tenant)
    drawn = kept.drawn
    if not fresh and drawn is not None and drawn.digested >= digested and (kept.reading.locked() or _holds(office, drawn)):
        return drawn
    async with kept.reading:
        drawn = kept.drawn
        if fresh or drawn is None or drawn.digested < digested or not _holds(office, drawn):
            drawn = kept.drawn = await _read(office, tenant)
        return drawn


def centre_told(office: Office, tenant: int, *, before: Place, now: Place, changed: bool) -> None:
    """What was told of the entries between two places: read the centre again where it changed, else it holds on to `now`."""
    kept = _kept(office, tenant)
    if kept.drawn is None:
        return
    if changed:
        kept.drawn = replace(kept.drawn, at=LONG_AGO)
    elif before.digested <= kept.drawn.digested < now.digested:
        kept.drawn = replace(kept.drawn, digested=now.digested)


def _kept(office: Office, tenant: int) -> _Kept:
    found = office.memory.setdefault("centres", {}).setdefault(tenant, _Kept())
    assert isinstance(found, _Kept)
    return found


def _holds(office: Office, drawn: Drawn) -> bool:
    return office.clock.now() - drawn.at < FRESH


async def _read(office: Office, tenant: int) -> Drawn:
    at = office.clock.now()
    async with office.store.within(tenant, readonly=True) as db:
        place = await place_now(db, tenant)  # first: what is read after it is at least as new
        things = await things_of(db, tenant)
    return Drawn(read_centre(things), at, place.digested)


async def tenants_now(office: Office) -> list[Listed]:
    """Every tenant of this house."""
    async with office.store.within((), readonly=True) as db:
        return await list_tenants(db)


async def tenant_named(office: Office, name: str) -> int:
    """The number of a tenant; "" is the first of all. 0, which is nobody's, where there is none of that name."""
    return next((tenant.id for tenant in await tenants_now(office) if name in {"", tenant.name}), 0)
