"""Task queues: saved expressions over workers. Nothing waits in one; plans ask for whom it names."""

import asyncpg
import msgspec
from litestar import Response

from rapport.errors import BadInput, Conflict
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.activities import activity_called
from rapport.web.taskrouter.agents import attributes_of
from rapport.web.taskrouter.asked import (
    Asked,
    Shown,
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
from rapport.web.taskrouter.expressions import compiled, flat
from rapport.web.taskrouter.form import Field, a_name, a_sid, json_object, number, one_of, text
from rapport.web.taskrouter.happened import note
from rapport.web.taskrouter.kept import Kept, changed, keep, new_kept
from rapport.web.taskrouter.routing import TARGET
from rapport.web.taskrouter.task_rows import refuse_if_used
from rapport.web.taskrouter.workflows import plan_again

FIELDS = {
    "FriendlyName": Field(a_name, required=True),
    "TargetWorkers": Field(text),
    "MaxReservedWorkers": Field(number(1, 50)),
    "TaskOrder": Field(one_of("FIFO", "LIFO")),
    "ReservationActivitySid": Field(a_sid("WA")),
    "AssignmentActivitySid": Field(a_sid("WA")),
}
NAMES = {
    "TargetWorkers": "target_workers",
    "MaxReservedWorkers": "max_reserved_workers",
    "TaskOrder": "task_order",
    "ReservationActivitySid": "reservation_activity_sid",
    "AssignmentActivitySid": "assignment_activity_sid",
}
EVERYBODY = "1==1"


def show_queue(asked: Asked, queue: Kept, activities: dict[str, str]) -> Shown:
    """A queue. `activities`: names by Sid."""
    says = queue.says
    url = f"{asked.root}/TaskQueues/{queue.sid}"
    return {
        "account_sid": asked.account,
        "assignment_activity_sid": says["assignment_activity_sid"],
        "assignment_activity_name": activities.get(says["assignment_activity_sid"]),
        "date_created": when(queue.created_at),
        "date_updated": when(queue.updated_at),
        "friendly_name": queue.name,
        "max_reserved_workers": says["max_reserved_workers"],
        "reservation_activity_sid": says["reservation_activity_sid"],
        "reservation_activity_name": activities.get(says["reservation_activity_sid"]),
        "sid": queue.sid,
        "target_workers": says["target_workers"],
        "task_order": says["task_order"],
        "url": url,
        "workspace_sid": queue.workspace,
        "links": {"workspace": asked.root, "list_queues": f"{asked.root}/TaskQueues"},
    }


async def _names(asked: Asked, db: asyncpg.Connection) -> dict[str, str]:
    return {one.sid: one.name for one in await kept.all_of(db, asked.tenant, asked.workspace, "activity")}


async def _check(asked: Asked, db: asyncpg.Connection, sent: dict[str, str]) -> None:
    compiled(sent.get("TargetWorkers", EVERYBODY), field="TargetWorkers")
    if "task." in sent.get("TargetWorkers", ""):
        raise BadInput(f"TargetWorkers speaks of workers alone, got {sent['TargetWorkers'][:80]!r}")
    for field in ("ReservationActivitySid", "AssignmentActivitySid"):
        if field in sent:
            await activity_called(asked, db, sent[field], field)


async def list_queues(asked: Asked) -> Response[bytes]:
    """A page of queues; of those that would take a worker of these attributes, or have this worker."""
    fields = {
        "FriendlyName": Field(text),
        "EvaluateWorkerAttributes": Field(json_object),
        "WorkerSid": Field(a_sid("WK")),
    }
    wanted, paging = asked.asks(fields), paging_of(asked)
    async with asked.within() as db:
        await workspace_of(asked, db)
        found = await kept.all_of(db, asked.tenant, asked.workspace, "queue")
        names = await _names(asked, db)
        records = []
        if "EvaluateWorkerAttributes" in wanted:
            records.append(flat(msgspec.json.decode(wanted["EvaluateWorkerAttributes"]), "worker"))
        if "WorkerSid" in wanted:
            worker = await kept.find(db, asked.tenant, asked.workspace, "worker", wanted["WorkerSid"])
            activity = await activity_called(asked, db, worker.says["activity_sid"], "ActivitySid")
            records.append(attributes_of(worker, activity))
    fitting = [
        one
        for one in found
        if wanted.get("FriendlyName", one.name) == one.name
        and all(compiled(one.says["target_workers"], field="TargetWorkers")(record) for record in records)
    ]
    return listed(asked, "task_queues", [show_queue(asked, one, names) for one in cut(fitting, paging)], paging)


async def create_queue(asked: Asked) -> Response[bytes]:
    """A new queue, of every worker where no expression is given."""
    sent = asked.reads(FIELDS)
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        await _check(asked, db, sent)
        says = new_says() | {ours: sent[theirs] for theirs, ours in NAMES.items() if theirs in sent}
        queue = new_kept("queue", workspace.sid, sent["FriendlyName"], says, asked.now)
        await keep(db, asked.tenant, queue)
        what = show_queue(asked, queue, await _names(asked, db))
        await note(db, asked, workspace, "task-queue.created", "task-queue", queue.sid, what)
    return made(what)


def new_says() -> Shown:
    """The fields of a queue of which nothing is said."""
    return {
        "target_workers": EVERYBODY,
        "max_reserved_workers": 1,
        "task_order": "FIFO",
        "reservation_activity_sid": None,
        "assignment_activity_sid": None,
    }


async def fetch_queue(asked: Asked) -> Response[bytes]:
    """One queue."""
    async with asked.within() as db:
        return shown(show_queue(asked, await object_of(asked, db, "queue"), await _names(asked, db)))


async def update_queue(asked: Asked) -> Response[bytes]:
    """Change a queue; the plans that ask for it are made anew."""
    sent = asked.reads(FIELDS, required=False)
    async with asked.within() as db:
        before = await object_of(asked, db, "queue")
        await _check(asked, db, sent)
        says = {ours: sent[theirs] for theirs, ours in NAMES.items() if theirs in sent}
        queue = changed(before, asked.now, name=sent.get("FriendlyName", ""), **says)
        await keep(db, asked.tenant, queue)
        what = show_queue(asked, queue, await _names(asked, db))
        if queue.says["target_workers"] != before.says["target_workers"]:
            await note(db, asked, await workspace_of(asked, db), "task-queue.expression.updated", "task-queue", queue.sid, what)
    await plan_again(asked)
    return shown(what)


async def delete_queue(asked: Asked) -> Response[bytes]:
    """Take a queue away. Raises Conflict where a workflow asks for it."""
    async with asked.within() as db:
        queue = await object_of(asked, db, "queue")
        workflows = await kept.all_of(db, asked.tenant, asked.workspace, "workflow")
        using = [one.name for one in workflows if queue.sid in one.says["configuration"]]
        if using:
            raise Conflict(f"the workflow {using[0]} sends tasks to this queue; change it first")
        await refuse_if_used(asked, db, TARGET, queue.sid)
        await kept.drop(db, asked.tenant, queue.sid)
        what = show_queue(asked, queue, await _names(asked, db))
        await note(db, asked, await workspace_of(asked, db), "task-queue.deleted", "task-queue", queue.sid, what)
    removed = [("plan", name) for name in queue.says.get("plans", {})]
    await asked.office.intake.set_things(asked.tenant, [], removed, by=asked.who.agent)
    return gone()
