"""Workers: each is an agent of the centre; an activity that is set is an action of that agent."""

from typing import Any

import asyncpg
from litestar import Response

from rapport.ledger.tables import read_rows
from rapport.matching.expression import Expression
from rapport.model.agent import AgentNow, Presence
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.activities import activity_called
from rapport.web.taskrouter.agents import agent_of, attributes_of, presence_of, set_agents, stands, thing_of
from rapport.web.taskrouter.asked import (
    Asked,
    Shown,
    check_version,
    cut,
    gone,
    listed,
    made,
    object_of,
    paging_of,
    shown,
    when,
    workspace_of,
)
from rapport.web.taskrouter.expressions import compiled
from rapport.web.taskrouter.form import Field, a_name, a_sid, flag, json_object, text
from rapport.web.taskrouter.happened import note
from rapport.web.taskrouter.kept import Kept, changed, keep, new_kept
from rapport.web.taskrouter.offers import decline_all
from rapport.web.taskrouter.routing import TARGET
from rapport.web.taskrouter.task_rows import refuse_if_used
from rapport.web.taskrouter.workflows import plan_by_order

GOES = {Presence.AVAILABLE: "go_online", Presence.AWAY: "go_away"}
PATIENCE = 3.0  # seconds
FIELDS = {
    "FriendlyName": Field(a_name, required=True),
    "ActivitySid": Field(a_sid("WA")),
    "Attributes": Field(json_object),
    "RejectPendingReservations": Field(flag),
}
FILTERS = {
    "ActivityName": Field(text),
    "ActivitySid": Field(a_sid("WA")),
    "Available": Field(flag),
    "FriendlyName": Field(text),
    "TargetWorkersExpression": Field(text),
    "TaskQueueName": Field(text),
    "TaskQueueSid": Field(a_sid("WQ")),
}


def show_worker(asked: Asked, worker: Kept, activity: Kept) -> Shown:
    """A worker, and the activity that they are in."""
    url = f"{asked.root}/Workers/{worker.sid}"
    below = {"channels": "Channels", "worker_channels": "Channels", "reservations": "Reservations"}
    return {
        "account_sid": asked.account,
        "activity_name": activity.name,
        "activity_sid": activity.sid,
        "attributes": worker.says["attributes"],
        "available": activity.says["available"],
        "date_created": when(worker.created_at),
        "date_status_changed": worker.says["status_changed"],
        "date_updated": when(worker.updated_at),
        "friendly_name": worker.name,
        "sid": worker.sid,
        "workspace_sid": worker.workspace,
        "url": url,
        "links": {
            **{name: f"{url}/{path}" for name, path in below.items()},
            "workspace": asked.root,
            "activity": f"{asked.root}/Activities/{activity.sid}",
        },
    }


async def activities_of(asked: Asked, db: asyncpg.Connection, workers: list[Kept], workspace: Kept) -> list[tuple[Kept, Kept]]:
    """Workers, each with the activity that they are in."""
    activities = kept.by_sid(await kept.all_of(db, asked.tenant, asked.workspace, "activity"))
    now = {row.id: row for row in await read_rows(db, asked.tenant, AgentNow, [one.sid for one in workers])}
    timed_out = workspace.says["timeout_activity_sid"]
    return [(one, stands(one, activities, now.get(one.sid), timed_out)) for one in workers]


async def list_workers(asked: Asked) -> Response[bytes]:
    """A page of workers, of those for whom everything holds that is asked."""
    wanted, paging = asked.asks(FILTERS), paging_of(asked)
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        rules = await _rules(asked, db, wanted)
        workers = await kept.all_of(db, asked.tenant, asked.workspace, "worker")
        pairs = await activities_of(asked, db, workers, workspace)
    found = [pair for pair in pairs if _fits(*pair, wanted, rules)]
    return listed(asked, "workers", [show_worker(asked, *pair) for pair in cut(found, paging)], paging)


async def _rules(asked: Asked, db: asyncpg.Connection, wanted: dict[str, Any]) -> list[Expression]:  # Any: the query, read
    queues = await kept.all_of(db, asked.tenant, asked.workspace, "queue") if wanted else []
    texts = [
        one.says["target_workers"]
        for one in queues
        if one.sid == wanted.get("TaskQueueSid") or one.name == wanted.get("TaskQueueName")
    ]
    if not texts and ("TaskQueueSid" in wanted or "TaskQueueName" in wanted):
        texts = ["false == true"]
    rules = [compiled(one, field="TargetWorkers") for one in texts]
    if "TargetWorkersExpression" in wanted:
        rules.append(compiled(wanted["TargetWorkersExpression"], field="TargetWorkersExpression"))
    return rules


def _fits(worker: Kept, activity: Kept, wanted: dict[str, Any], rules: list[Expression]) -> bool:  # Any: as above
    same = (
        wanted.get("ActivityName", activity.name) == activity.name
        and wanted.get("ActivitySid", activity.sid) == activity.sid
        and wanted.get("Available", activity.says["available"]) == activity.says["available"]
        and wanted.get("FriendlyName", worker.name) == worker.name
    )
    return same and all(rule(attributes_of(worker, activity)) for rule in rules)


async def create_worker(asked: Asked) -> Response[bytes]:
    """A new worker, who is a new agent."""
    sent = asked.reads(FIELDS)
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        sid = sent.get("ActivitySid", workspace.says["default_activity_sid"])
        activity = await activity_called(asked, db, sid, "ActivitySid")
        says = {
            "attributes": sent.get("Attributes", "{}"),
            "activity_sid": sid,
            "channels": {},
            "status_changed": when(asked.now),
        }
        worker = new_kept("worker", workspace.sid, sent["FriendlyName"], says, asked.now)
        await keep(db, asked.tenant, worker)
        channels = await kept.all_of(db, asked.tenant, workspace.sid, "channel")
        what = show_worker(asked, worker, activity)
        await note(db, asked, workspace, "worker.created", "worker", worker.sid, what)
    things = [thing_of(agent_of(worker, activity, channels))]
    await asked.office.intake.set_things(asked.tenant, things, by=asked.who.agent)
    await plan_by_order(asked)
    return made(what)


async def fetch_worker(asked: Asked) -> Response[bytes]:
    """One worker."""
    async with asked.within() as db:
        worker = await object_of(asked, db, "worker")
        [pair] = await activities_of(asked, db, [worker], await workspace_of(asked, db))
    return shown(show_worker(asked, *pair))


async def update_worker(asked: Asked) -> Response[bytes]:
    """Change a worker: name, attributes, activity."""
    sent = asked.reads(FIELDS, required=False)
    async with asked.within() as db:
        before = await object_of(asked, db, "worker")
        workspace = await workspace_of(asked, db)
        [(_, stood)] = await activities_of(asked, db, [before], workspace)
        check_version(asked, show_worker(asked, before, stood))
        activity = await activity_called(asked, db, sent.get("ActivitySid", stood.sid), "ActivitySid")
        moved = activity.sid != stood.sid
        says = {
            "attributes": sent.get("Attributes", before.says["attributes"]),
            "activity_sid": activity.sid,
            "status_changed": when(asked.now) if moved else before.says["status_changed"],
        }
        worker = changed(before, asked.now, name=sent.get("FriendlyName", ""), **says)
        await keep(db, asked.tenant, worker)
        what = show_worker(asked, worker, activity)
        if worker.says["attributes"] != before.says["attributes"]:
            await note(db, asked, workspace, "worker.attributes.update", "worker", worker.sid, what)
    await set_agents(asked, worker.sid)
    if worker.says["attributes"] != before.says["attributes"]:
        await plan_by_order(asked)
    if sent.get("RejectPendingReservations"):
        await decline_all(asked, worker.sid)
    if moved or "ActivitySid" in sent:
        await go(asked, worker.sid, activity)
    return shown(what)


async def move_to(asked: Asked, worker: str, activity_sid: str, field: str) -> None:
    """Bring a worker into another activity. Raises BadInput where there is none such."""
    async with asked.within() as db:
        activity = await activity_called(asked, db, activity_sid, field)
        before = await kept.find(db, asked.tenant, asked.workspace, "worker", worker)
        moved = changed(before, asked.now, activity_sid=activity.sid, status_changed=when(asked.now))
        await keep(db, asked.tenant, moved)
    await set_agents(asked, worker)
    await go(asked, worker, activity)


async def go(asked: Asked, worker: str, activity: Kept) -> None:
    """Let the worker's agent come or go, and wait until they have."""
    do = GOES[presence_of(activity)]
    action = await asked.office.intake.act(asked.tenant, worker, do, argument=activity.name)
    await asked.office.intake.outcome(asked.tenant, action, PATIENCE)


async def delete_worker(asked: Asked) -> Response[bytes]:
    """Take a worker away; what they had waits for another. Raises Conflict where tasks wait for them alone."""
    async with asked.within() as db:
        worker = await object_of(asked, db, "worker")
        workspace = await workspace_of(asked, db)
        [(_, activity)] = await activities_of(asked, db, [worker], workspace)
        check_version(asked, show_worker(asked, worker, activity))
        await refuse_if_used(asked, db, TARGET, worker.sid)
        await kept.drop(db, asked.tenant, worker.sid)
        what = show_worker(asked, worker, activity)
        await note(db, asked, workspace, "worker.deleted", "worker", worker.sid, what)
    removed = [("agent", worker.sid), *(("plan", name) for name in worker.says.get("plans", {}))]
    await asked.office.intake.set_things(asked.tenant, [], removed, by=asked.who.agent)
    return gone()
