"""Weeks of conversations of a hotel, as rows, for the workforce page: busier on Mondays, none on Sundays."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from rapport.ledger.tables import write_rows
from rapport.model.agent import Agent
from rapport.model.burst import Burst, BurstTaken
from rapport.model.centre import Profile
from rapport.model.conversation import Conversation, State
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Reach
from rapport.model.site import Site
from rapport.store.pool import Store

ZONE = ZoneInfo("America/Mexico_City")
SHIFTS = {
    "irene": "mon-sat 08:00-16:00",
    "noor": "mon-sat 10:00-18:00",
    "xo": "mon-fri 09:00-17:00",
    "lupe": "mon-sat 13:00-21:00",
}


async def fill_weeks(
    store: Store, tenant: int, now: datetime, *, days: int = 35, burst: float = 1.0, level: float = 12.0
) -> None:
    """Conversations of the days before `now` and of today until then; `burst` times as many today."""
    rng = np.random.default_rng(3)
    wall = now.astimezone(ZONE)
    rows = {}
    for back in range(days, -1, -1):
        day = wall.date() - timedelta(days=back)
        if day.weekday() == 6:
            continue
        for slot in range(16, 42):
            rate = level * (0.4 + np.exp(-(((slot - 24) / 5) ** 2)) + 0.6 * np.exp(-(((slot - 36) / 4) ** 2)))
            rate *= (1.25 if day.weekday() == 0 else 1.0) * (burst if back == 0 else 1.0)
            begins = datetime(day.year, day.month, day.day, slot // 2, 30 * (slot % 2), tzinfo=ZONE).astimezone(UTC)
            for n in range(int(rng.poisson(rate))):
                at = begins + timedelta(seconds=float(rng.uniform(0, 1800)))
                if at < now:
                    id = named_id(at, "week", str(n))
                    rows[id] = Conversation(
                        id,
                        named_id(at, "p"),
                        named_id(at, "h"),
                        State.RESOLVED,
                        ChannelKind.CHAT,
                        "webchat",
                        "webchat",
                        Reach.PRIVATE,
                        at,
                        at,
                        resolved_at=at,
                        language="es",
                    )
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Conversation: rows})


async def give_shifts(store: Store, tenant: int) -> None:
    """Shifts for the agents of the filled hotel."""
    async with store.within(tenant) as db:
        for name, shift in SHIFTS.items():
            body = await db.fetchval("select body from thing where tenant = $1 and id = $2", tenant, f"agent/{name}")
            agent = msgspec.structs.replace(msgspec.json.decode(body, type=Agent), shift=(shift,))
            await db.execute(
                "update thing set body = $3 where tenant = $1 and id = $2", tenant, f"agent/{name}", msgspec.json.encode(agent)
            )


SITES = (
    Site(
        "reforma", 11.5, "Ciudad de México", resolved=0.86, shrinkage=0.28, languages=("es", "en"), zone="America/Mexico_City"
    ),
    Site(
        "bogota",
        9.0,
        "Bogotá",
        shore="near_shore",
        slower=1.08,
        resolved=0.8,
        languages=("es",),
        zone="America/Bogota",
        notes="Says usted to everybody; holidays differ.",
    ),
    Site("manila", 6.5, "Manila", "off_shore", 1.35, 0.52, 0.35, ("en",), "Asia/Manila", "Nights; no Spanish."),
)


async def give_sites(store: Store, tenant: int) -> None:
    """Three places of work."""
    async with store.within(tenant) as db:
        body = await db.fetchval("select body from thing where tenant = $1 and id = 'centre/centre'", tenant)
        profile = msgspec.json.decode(body, type=Profile) if body else Profile()
        body = msgspec.json.encode(msgspec.structs.replace(profile, sites=SITES, currency="USD"))
        await db.execute(
            "insert into thing(tenant, id, body, at) values ($1, 'centre/centre', $2, now()) "
            "on conflict (id, tenant) do update set body = excluded.body",
            tenant,
            body,
        )


async def give_burst(store: Store, tenant: int, now: datetime) -> None:
    """A real burst that has been running for forty minutes; who may be asked was widened."""
    burst = Burst(
        named_id(now, "burst"),
        now - timedelta(minutes=40),
        now,
        "real",
        usual=9.0,
        came=214,
        above=186,
        to_come=240,
        lasts=5400.0,
        held=4,
        voices=171,
        people=6,
        waits=1500.0,
        taken=(BurstTaken("widen", "", now - timedelta(minutes=38), ("standard",)),),
    )
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Burst: {burst.id: burst}})
