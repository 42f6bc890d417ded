"""Handle time: how long agents' work on a conversation takes, from the accepted offer to the wrap-up, bots left out.

An interaction that goes on is not counted; one that ended counts in the day in which it ended, if it began within seven days.
"""

from datetime import datetime

import asyncpg
import msgspec

from rapport.model.agent import Presence

_ENDED = """
select agent, count(*) as ended, avg(extract(epoch from ended_at - started_at))::double precision as seconds
from interaction where tenant = $1 and started_at is not null and started_at >= $2::timestamptz - interval '7 days'
  and ended_at >= $2 and ended_at < $3 and not bot group by agent"""
_WORKED = """select agent, min(started_at), max(coalesce(ended_at, started_at)) from interaction
where tenant = $1 and started_at >= $2 and started_at < $3 and not bot group by agent"""
_PRESENT = "select id, presence, since, held from agent_now where tenant = $1"


class Handling(msgspec.Struct, frozen=True):
    """Interactions that ended and their mean handle time in seconds; None where none ended."""

    ended: int = 0
    seconds: float | None = None


class AgentHandling(msgspec.Struct, frozen=True):
    """One agent's presence and work: `held` places by channel kind, and what they ended since."""

    agent: str
    presence: Presence = Presence.OFFLINE
    since: datetime | None = None
    held: dict[str, int] = {}
    handling: Handling = Handling()


async def by_agent(db: asyncpg.Connection, tenant: int, *, since: datetime, until: datetime) -> dict[str, AgentHandling]:
    """Every agent that was ever present, by id, with what they ended from `since` to `until`."""
    ended = {row["agent"]: Handling(row["ended"], row["seconds"]) for row in await db.fetch(_ENDED, tenant, since, until)}
    found = {}
    for row in await db.fetch(_PRESENT, tenant):
        held = msgspec.json.decode(row["held"], type=dict[str, int]) if row["held"] else {}
        handling = ended.pop(row["id"], Handling())
        found[row["id"]] = AgentHandling(row["id"], Presence(row["presence"]), row["since"], held, handling)
    for agent, handling in ended.items():
        found[agent] = AgentHandling(agent, handling=handling)
    return found


async def worked(
    db: asyncpg.Connection, tenant: int, *, since: datetime, until: datetime
) -> list[tuple[str, datetime, datetime]]:
    """Who worked in a time: an agent, the first that they took, and the last that they ended."""
    return [(agent, first, last) for agent, first, last in await db.fetch(_WORKED, tenant, since, until)]


def together(each: dict[str, AgentHandling]) -> Handling:
    """The handling of all agents taken together: the mean over interactions, not over agents."""
    ended = sum(one.handling.ended for one in each.values())
    if not ended:
        return Handling()
    total = sum(one.handling.ended * (one.handling.seconds or 0.0) for one in each.values())
    return Handling(ended, total / ended)
