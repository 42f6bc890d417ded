"""Workers as agents of the centre: their attributes, their places by task channel, and where they stand.

The agent's id is the worker's Sid. What a worker says of itself stands under `worker.`; a place is named for its task channel.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rapport.model.agent import Agent, AgentNow, Presence
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.asked import Asked
from rapport.web.taskrouter.expressions import flat, of_the_house
from rapport.web.taskrouter.kept import Kept

CAPACITY = 1  # places of a worker in a task channel, until another number is set


def slot_of(channel: str) -> str:
    """The name of the places that tasks of a channel take: our channel of that name."""
    return f"task-{channel}"


def presence_of(activity: Kept) -> Presence:
    """The presence of who is in an activity. Nobody is offline: who is would lose what they have."""
    return Presence.AVAILABLE if activity.says["available"] else Presence.AWAY


def capacity_of(worker: Kept, channel: str) -> int:
    """How many tasks of a channel a worker takes at once; 0 while the channel is not available to them."""
    said = worker.says["channels"].get(channel, {})
    return int(said.get("capacity", CAPACITY)) if said.get("available", True) else 0


def attributes_of(worker: Kept, activity: Kept) -> dict[str, Any]:  # Any: attribute values
    """What expressions may ask of a worker, as the attributes of their agent."""
    said = msgspec.json.decode(worker.says["attributes"])
    return {
        **of_the_house(said),
        **flat(said, "worker"),
        "worker.sid": worker.sid,
        "worker.friendly_name": worker.name,
        "worker.activity_sid": activity.sid,
        "worker.activity_name": activity.name,
        "worker.workspace_sid": worker.workspace,
    }


def agent_of(worker: Kept, activity: Kept, channels: Iterable[Kept]) -> Agent:
    """The agent that a worker is."""
    slots = {slot_of(one.name): capacity_of(worker, one.name) for one in channels}
    return Agent(
        id=worker.sid,
        name=worker.name,
        presence=presence_of(activity),
        slots=slots or {slot_of("default"): 0},
        attributes=attributes_of(worker, activity),
    )


def thing_of(agent: Agent) -> tuple[str, str, bytes]:
    """The agent as a piece of the centre."""
    return "agent", agent.id, msgspec.json.encode(agent)


async def set_agents(asked: Asked, *sids: str) -> None:
    """Tell the ledger what the workers of a workspace are now: these, or all where none is named."""
    async with asked.within() as db:
        named = await kept.some_of(db, asked.tenant, sids)
        workers = list(named.values()) if sids else await kept.all_of(db, asked.tenant, asked.workspace, "worker")
        activities = kept.by_sid(await kept.all_of(db, asked.tenant, asked.workspace, "activity"))
        channels = await kept.all_of(db, asked.tenant, asked.workspace, "channel")
    things = [thing_of(agent_of(one, activities[one.says["activity_sid"]], channels)) for one in workers]
    await asked.office.intake.set_things(asked.tenant, things, by=asked.who.agent)


def stands(worker: Kept, activities: Mapping[str, Kept], now: AgentNow | None, timed_out: str) -> Kept:
    """The activity that a worker is in: the last one set, unless the house saw them go or come since.

    `timed_out`: the activity of who let offers pass.
    """
    activity = activities[worker.says["activity_sid"]]
    if now is None or now.presence == presence_of(activity):
        return activity
    if now.presence == Presence.AVAILABLE:
        return next((one for one in activities.values() if one.says["available"]), activity)
    if not activity.says["available"]:
        return activity
    return activities.get(timed_out, activity)
