"""Weeks of conversations of a hotel, as rows, for the workforce page: busier on Mondays, none on Sundays."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from rapport.ledger.tables import write_rows
from rapport.model.agent import Agent
from rapport.model.conversation import Conversation, State
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Reach
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
