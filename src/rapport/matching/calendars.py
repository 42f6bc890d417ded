"""Presence from a calendar: busy when it says so, available again after that, unless the agent said otherwise meanwhile."""

from datetime import datetime

import asyncpg
import msgspec

from rapport.model.agent import Presence

_KEPT = """select s.agent, s.busy, s.calendar, n.presence from desk_setting s
join agent_now n on n.tenant = s.tenant and n.id = s.agent where s.tenant = $1 and (s.busy <> '' or s.calendar <> '')"""
_MARK = "update desk_setting set calendar = $3 where tenant = $1 and agent = $2"


class _Busy(msgspec.Struct):
    begin: datetime
    until: datetime


_times = msgspec.json.Decoder(list[_Busy])


async def presences_due(db: asyncpg.Connection, tenant: int, now: datetime) -> list[tuple[str, str]]:
    """Agent and action of everybody whose calendar says something else than they do. What the calendar set is marked."""
    due: list[tuple[str, str]] = []
    for row in await db.fetch(_KEPT, tenant):
        is_busy = any(one.begin <= now < one.until for one in (_times.decode(row["busy"]) if row["busy"] else ()))
        by_calendar = row["calendar"] == Presence.BUSY
        if is_busy and not by_calendar:
            await db.execute(_MARK, tenant, row["agent"], Presence.BUSY.value)
            if row["presence"] == Presence.AVAILABLE:
                due.append((row["agent"], "go_busy"))
        elif by_calendar and not is_busy:
            await db.execute(_MARK, tenant, row["agent"], "")
            if row["presence"] == Presence.BUSY:
                due.append((row["agent"], "go_online"))
    return due
