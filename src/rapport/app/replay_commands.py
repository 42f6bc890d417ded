"""What `rapport replay` does: a day of the record again, before other people or under another policy."""

import asyncio
import json
from dataclasses import asdict

import msgspec

from rapport.app.database import database
from rapport.centre.reading import things_of
from rapport.clock import SystemClock
from rapport.errors import NotFound
from rapport.ledger.tenants import list_tenants
from rapport.model.centre import read_centre
from rapport.settings import Settings
from rapport.store.pool import Store
from rapport.web.languages import zone_named
from rapport.web.workforce.replay_page import Replayed, day_asked, day_that_was, tried
from rapport.web.workforce.what_if import Asked
from rapport.workforce.twin import Change


def replay(settings: Settings, tenant: str, day: str, asked: Asked, *, as_json: bool) -> int:
    """Print what a day was, and what it would have been, each figure with its interval; and with other chance."""
    with database(settings) as url:
        held = asyncio.run(held_of(url, tenant, day))
    found = tried(held, asked)
    if as_json:
        said = {
            "day": held.day.isoformat(),
            "conversations": len(held.met),
            "people": len(held.people),
            "languages": list(held.languages[:-1]),
            "asked": msgspec.to_builtins(found.asked),
            "changes": [_rounded(one) for one in found.changes],
            "again": [_rounded(one) for one in found.again],
            "by_language": [_rounded(one) for one in found.streams],
            "confirmed": found.confirmed,
        }
        print(json.dumps(said))
        return 0
    print(
        f"{held.day}: {len(held.met)} conversations, {len(held.people)} people; {found.asked.policy}, then {found.asked.other}"
    )
    for one in (*found.changes, *found.streams):
        name = one.name or "other languages"
        print(f"{name:16} {one.before:9.4g} -> {one.after:9.4g}  ({one.difference:+.4g}, {one.low:+.4g} to {one.high:+.4g})")
    print(
        "other chance gives the same verdict" if found.confirmed else "nothing can be promised: it is within what chance does"
    )
    return 0


async def held_of(url: str, tenant: str, day: str) -> Replayed:
    """The day that is asked for. Raises NotFound where there is no such tenant, BadInput where there is no such day."""
    store = await Store.open(url, size=1)
    try:
        async with store.within((), readonly=True) as db:
            number = next((one.id for one in await list_tenants(db) if one.name == tenant), None)
        if number is None:
            raise NotFound(f"there is no tenant {tenant!r}")
        async with store.within(number, readonly=True) as db:
            centre = read_centre(await things_of(db, number))
            today = SystemClock().now().astimezone(zone_named(centre.profile.zone)).date()
            return await day_that_was(db, number, centre, day_asked(day, today))
    finally:
        await store.close()


def _rounded(one: Change) -> dict[str, float | str]:
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in asdict(one).items()}
