"""Tasks, listed, shown, changed and taken away; `new_task` makes one."""

from typing import Any

import asyncpg
import msgspec
from litestar import Response

from rapport.errors import BadInput, NotFound
from rapport.ledger.tables import read_rows
from rapport.matching.expression import Expression
from rapport.model.person import Handle
from rapport.web.taskrouter.asked import Asked, check_version, gone, listed, paging_of, shown, when, workspace_of
from rapport.web.taskrouter.expressions import compiled
from rapport.web.taskrouter.form import Field, a_sid, a_time, json_object, number, one_of, text
from rapport.web.taskrouter.happened import note
from rapport.web.taskrouter.new_task import SOURCE, attributes_said, priority_said
from rapport.web.taskrouter.offers import CANCELED, COMPLETED, do, route_again
from rapport.web.taskrouter.routing import TARGET
from rapport.web.taskrouter.task_rows import (
    OURS,
    STATUS,
    Around,
    Task,
    around,
    find_task,
    queue_of,
    show_task,
    some_tasks,
)

STATUSES = ("pending", "reserved", "assigned", "canceled", "completed", "wrapping")
SCAN, MOST_SCANNED = 200, 20_000  # tasks looked at, at once and in all, for a list with conditions
FILTERS = {
    "Priority": Field(number(0, 2_147_483_647)),
    "AssignmentStatus": Field(text),
    "WorkflowSid": Field(a_sid("WW")),
    "WorkflowName": Field(text),
    "TaskQueueSid": Field(a_sid("WQ")),
    "TaskQueueName": Field(text),
    "EvaluateTaskAttributes": Field(text),
    "RoutingTarget": Field(a_sid("WW", "WQ", "WK")),
    "Ordering": Field(text),
}
FIELDS = {
    "Attributes": Field(json_object),
    "AssignmentStatus": Field(one_of(*STATUSES)),
    "Reason": Field(text),
    "Priority": Field(number(0, 2_147_483_647)),
    "TaskChannel": Field(text),
    "VirtualStartTime": Field(a_time),
}
# status asked for -> those that it may follow
FOLLOWS = {
    "completed": ("assigned", "wrapping"),
    "wrapping": ("assigned",),
    "canceled": ("pending", "reserved"),
}


async def list_tasks(asked: Asked) -> Response[bytes]:
    """A page of tasks, newest first, of those for which everything holds that is asked."""
    wanted, paging = asked.asks(FILTERS), paging_of(asked)
    statuses = {one for value in asked.query.get("AssignmentStatus", ()) for one in value.split(",") if one}
    if statuses - set(STATUSES):
        raise BadInput(f"AssignmentStatus must be one of {', '.join(STATUSES)}, got {sorted(statuses - set(STATUSES))[0]!r}")
    rule = compiled(wanted.get("EvaluateTaskAttributes", ""), bare="task", field="EvaluateTaskAttributes")
    found: list[Task] = []
    async with asked.within() as db:
        await workspace_of(asked, db)
        beside = await around(asked, db)
        for first in range(0, MOST_SCANNED, SCAN):
            some = await some_tasks(asked, db, first, SCAN)
            found += [one for one in some if _fits(one, wanted, statuses, rule, beside)]
            if not some or len(found) > paging.first + paging.size:
                break
    page = found[paging.first : paging.first + paging.size + 1]
    return listed(asked, "tasks", [show_task(asked, one, beside) for one in page], paging)


def _fits(task: Task, wanted: dict[str, Any], statuses: set[str], rule: Expression, beside: Around) -> bool:
    """Whether a task is asked for. `wanted`: the query, read."""  # Any: as read
    workflow = beside.workflows.get(str(task.says.get(f"{OURS}workflow", "")))
    queue = queue_of(task, beside)
    priority = int(task.says.get(f"{OURS}priority", 0))
    return (
        (not statuses or task.status in statuses)
        and wanted.get("Priority", priority) == priority
        and ("WorkflowSid" not in wanted or (workflow is not None and workflow.sid == wanted["WorkflowSid"]))
        and ("WorkflowName" not in wanted or (workflow is not None and workflow.name == wanted["WorkflowName"]))
        and ("TaskQueueSid" not in wanted or (queue is not None and queue.sid == wanted["TaskQueueSid"]))
        and ("TaskQueueName" not in wanted or (queue is not None and queue.name == wanted["TaskQueueName"]))
        and wanted.get("RoutingTarget", task.says.get(TARGET)) == task.says.get(TARGET)
        and rule({}, {"person": task.says})
    )


async def fetch_task(asked: Asked) -> Response[bytes]:
    """One task."""
    return shown(await _now(asked))


async def _now(asked: Asked) -> dict[str, Any]:  # Any: plain JSON
    async with asked.within() as db:
        await workspace_of(asked, db)
        return show_task(asked, await find_task(asked, db, asked.sids["sid"]), await around(asked, db))


async def update_task(asked: Asked) -> Response[bytes]:
    """Change a task: what it says, how it stands."""
    sent = asked.reads(FIELDS, required=False)
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        task = await find_task(asked, db, asked.sids["sid"])
        beside = await around(asked, db)
        check_version(asked, show_task(asked, task, beside))
        says = _said(sent, task, beside)
        wanted = sent.get("AssignmentStatus", task.status)
        if wanted != task.status and task.status not in FOLLOWS.get(wanted, ()):
            raise BadInput(f"AssignmentStatus {wanted!r} cannot follow {task.status!r}")
        if wanted == "wrapping" != task.status:
            says[STATUS] = wanted
        handle = await _handle_of(db, asked.tenant, task)
    if says:
        await declare(asked, handle, says)
    if task.status == wanted == "pending" and {"Attributes", "Priority"} & sent.keys():
        await route_again(asked, task.conversation.id)
    elif wanted == "completed" != task.status:
        await do(asked, task.conversation.agent, "wrap_up", conversation=task.conversation.id, argument=COMPLETED)
    elif wanted == "canceled" != task.status:
        await do(asked, asked.who.agent, "close", conversation=task.conversation.id, argument=CANCELED)
    what = await _until(asked, says)
    async with asked.within() as db:
        if "Attributes" in sent or "Priority" in sent:
            await note(db, asked, workspace, "task.updated", "task", task.sid, what)
        if says.get(STATUS) == "wrapping":
            await note(db, asked, workspace, "task.wrapup", "task", task.sid, what)
    return shown(what)


def _said(sent: dict[str, Any], task: Task, beside: Around) -> dict[str, Any]:  # Any: attribute values
    """What is to be declared anew of a task."""
    says: dict[str, Any] = {}  # Any: as above
    if "Attributes" in sent:
        fresh = attributes_said(sent["Attributes"])
        says |= {name: "" for name in task.says if name.startswith("task.") and name not in fresh} | fresh
    if "Priority" in sent:
        says |= priority_said(sent["Priority"])
    if "Reason" in sent:
        says[f"{OURS}reason"] = sent["Reason"][:400]
    if "VirtualStartTime" in sent:
        says[f"{OURS}virtual_start"] = when(sent["VirtualStartTime"])
    channel = sent.get("TaskChannel", "")
    if channel and channel not in [name for one in beside.channels.values() for name in (one.name, one.sid)]:
        raise BadInput(f"TaskChannel {channel[:60]!r} is no task channel of this workspace")
    return says


async def _handle_of(db: asyncpg.Connection, tenant: int, task: Task) -> str:
    found = await read_rows(db, tenant, Handle, [task.conversation.handle])
    return found[0].name if found else f"task:{task.sid}"


async def declare(asked: Asked, handle: str, says: dict[str, Any]) -> None:  # Any: attribute values
    """Declare something of a task. Each time is a new fact."""
    source_id = f"{handle}/{asked.now.timestamp()}/{msgspec.json.encode(says).hex()[-16:]}"
    await asked.office.intake.declare(asked.tenant, [handle], "", says, SOURCE, source_id)


async def _until(asked: Asked, says: dict[str, Any]) -> dict[str, Any]:  # Any: attribute values; plain JSON
    """The task as soon as it says what was declared of it."""
    for _ in range(12):
        async with asked.within() as db:
            task = await find_task(asked, db, asked.sids["sid"])
            if all(task.says.get(name) == _stored(value) for name, value in says.items()):
                return show_task(asked, task, await around(asked, db))
        await asked.office.changed(asked.tenant, 0.25)
    return await _now(asked)


def _stored(value: Any) -> Any:  # Any: attribute values
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


async def delete_task(asked: Asked) -> Response[bytes]:
    """Take a task away: it is closed, and shown no more; what happened stays on record."""
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        task = await find_task(asked, db, asked.sids["sid"])
        what = show_task(asked, task, await around(asked, db))
        check_version(asked, what)
        handle = await _handle_of(db, asked.tenant, task)
    if task.status not in ("completed", "canceled"):
        await do(asked, asked.who.agent, "close", conversation=task.conversation.id, argument=CANCELED)
    await declare(asked, handle, {STATUS: "deleted"})
    async with asked.within() as db:
        await note(db, asked, workspace, "task.deleted", "task", task.sid, what)
    for _ in range(12):
        async with asked.within() as db:
            if not await _is_there(asked, db):
                break
        await asked.office.changed(asked.tenant, 0.25)
    return gone()


async def _is_there(asked: Asked, db: asyncpg.Connection) -> bool:
    try:
        await find_task(asked, db, asked.sids["sid"])
    except NotFound:
        return False
    return True
