"""Import of a file of journey events: what can be taken is, in batches; each line that cannot is listed with its reason."""

from collections.abc import Awaitable, Callable
from hashlib import blake2b
from pathlib import Path
from typing import IO

import msgspec

from rapport.app.house import open_house
from rapport.centre.reading import things_of
from rapport.clock import SystemClock
from rapport.errors import NotFound
from rapport.ledger.journey import EventTold
from rapport.ledger.tenants import list_tenants
from rapport.model.centre import read_centre
from rapport.people.importing import MOST_FAULTS, Fault, read_events
from rapport.settings import Settings

BATCH = 1_000
Take = Callable[[int, list[EventTold]], Awaitable[list[bool]]]


class Imported(msgspec.Struct):
    """What became of a file so far: lines taken in, of these new, and those that were not taken."""

    taken: int = 0
    new: int = 0
    faults: list[Fault] = []
    more_faults: int = 0


async def import_events(
    settings: Settings, url: str, master: bytes, tenant: str, file: Path, *, pretend: bool, told: Callable[[Imported], None]
) -> Imported:
    """Take a file in; `told` hears of the progress, `pretend`: only read it. Raises NotFound."""
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        async with house.store.within((), readonly=True) as db:
            number = next((one.id for one in await list_tenants(db) if one.name == tenant), 0)
        if not number:
            raise NotFound(f"no tenant is called {tenant!r}")
        async with house.store.within(number, readonly=True) as db:
            kinds = read_centre(await things_of(db, number)).events
        done, batch = Imported(), list[EventTold]()
        with file.open("rb") as whole, file.open(encoding="utf-8", errors="replace") as lines:
            told_by, now = f"file:{file.name}", house.clock.now()
            for read in read_events(lines, name=told_by, kinds=kinds, now=now, file=digest_of(whole)):
                if isinstance(read, Fault):
                    _note(done, read)
                    continue
                batch.append(read)
                if len(batch) == BATCH:
                    await _take(house.intake.take_events, number, batch, done, pretend)
                    told(done)
        await _take(house.intake.take_events, number, batch, done, pretend)
    finally:
        await house.aclose()
    return done


def digest_of(file: IO[bytes]) -> str:
    """A short name of what a file holds, read from where it stands."""
    digest = blake2b(digest_size=8)
    while piece := file.read(1 << 19):
        digest.update(piece)
    return digest.hexdigest()


def _note(done: Imported, fault: Fault) -> None:
    if len(done.faults) < MOST_FAULTS:
        done.faults.append(fault)
    else:
        done.more_faults += 1


async def _take(take: Take, number: int, batch: list[EventTold], done: Imported, pretend: bool) -> None:
    new = [] if pretend or not batch else await take(number, batch)
    done.taken += len(batch)
    done.new += sum(new)
    batch.clear()
